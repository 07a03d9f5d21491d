use actix_web::get;
use actix_web::web::Data;
use ninja_db::artifacts;
use ninja_types::ArtifactId;

use super::view::ArtifactView;
use crate::answer::Found;
use crate::app::App;
use crate::caller::{Caller, TasksRead};
use crate::error::{ApiError, ApiResult};
use crate::extract::Id;

/// Get an artifact
///
/// What is known about it; its bytes lie under `url`.
#[utoipa::path(operation_id = "getArtifact", tag = "artifacts", security(("bearer" = ["tasks:read"])),
    params(("id" = Uuid, Path, description = "The artifact's id.")),
    responses((status = 200, body = ArtifactView)))]
#[get("/artifacts/{id}")]
#[tracing::instrument(name = "api.artifacts.get", skip_all, fields(artifact_id = %id.0))]
pub(crate) async fn get(
    app: Data<App>,
    caller: Caller<TasksRead>,
    id: Id<ArtifactId>,
) -> ApiResult<Found<ArtifactView>> {
    let found = artifacts::find(&mut *app.conn().await?, caller.owner(), id.0).await?;
    let row = found.ok_or_else(ApiError::not_found)?;
    app.witness(&caller, row.user_id, "artifact", id.0.0).await?;
    Ok(Found(row.into()))
}
