use std::collections::{HashMap, HashSet};

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY};
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use futures_util::TryStreamExt;
use ninja_db::artifacts::ArtifactRow;
use ninja_db::{artifacts, tasks};
use ninja_files::Packed;
use ninja_types::TaskId;

use crate::app::App;
use crate::caller::{Caller, TasksRead};
use crate::error::{ApiError, ApiResult, chain};
use crate::extract::Id;

/// Download all artifacts of a task
///
/// One zip, made while it is sent: it has no length, no ranges and no `ETag`. A path that several steps wrote stands in
/// a folder named after the step.
#[utoipa::path(operation_id = "downloadArtifacts", tag = "artifacts", security(("bearer" = ["tasks:read"])),
    params(("id" = Uuid, Path, description = "The task's id.")), responses(
    (status = 200, description = "The archive", content_type = "application/zip", body = Vec<u8>),
))]
#[get("/tasks/{id}/artifacts.zip")]
#[tracing::instrument(name = "api.artifacts.zip", skip_all, fields(task_id = %task.0))]
pub(crate) async fn zip(
    app: Data<App>,
    caller: Caller<TasksRead>,
    task: Id<TaskId>,
) -> ApiResult<HttpResponse> {
    let mut conn = app.conn().await?;
    let found = tasks::find(&mut conn, caller.owner(), task.0).await?;
    let owner = found.ok_or_else(ApiError::not_found)?.user_id;
    let rows = artifacts::all(&mut conn, task.0).await?;
    drop(conn);
    app.witness(&caller, owner, "task", task.0.0).await?;
    // A failure on the way cuts the connection: the client sees that the archive has no end.
    let stream = app.files.pack(packed(rows)?).inspect_err(|error| {
        tracing::error!(error = chain(error), "an archive of artifacts was cut");
    });
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "private, no-cache"))
        .insert_header((CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"task-{}.zip\"", task.0),
        ))
        .content_type("application/zip")
        .streaming(stream))
}

/// Every artifact under a name of its own.
fn packed(rows: Vec<(String, ArtifactRow)>) -> ApiResult<Vec<Packed>> {
    let mut writers: HashMap<String, usize> = HashMap::new();
    for (_, row) in &rows {
        *writers.entry(row.path.clone()).or_default() += 1;
    }
    let mut taken = HashSet::new();
    rows.into_iter()
        .map(|(step, row)| {
            let alone = writers.get(&row.path) == Some(&1);
            let mut path = if alone { row.path } else { format!("{step}/{}", row.path) };
            while !taken.insert(path.clone()) {
                path = format!("{step}/{path}");
            }
            let sha256 = row.sha256.parse().map_err(ApiError::internal)?;
            let size = u64::try_from(row.size).map_err(ApiError::internal)?;
            Ok(Packed { path, sha256, size })
        })
        .collect()
}
