use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use ninja_db::artifacts;
use ninja_types::ArtifactId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::name;
use crate::app::App;
use crate::caller::{Caller, TasksRead};
use crate::content::Content;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Id, ValidQuery};
use crate::problem::Problem;

/// How the bytes are to be taken.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Shape {
    /// `inline`: to be shown, if it is a png, jpeg, gif, webp, plain text or csv. Anything else is saved.
    #[param(inline)]
    disposition: Option<Disposition>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Disposition {
    Attachment,
    Inline,
}

/// Download an artifact
///
/// One range is answered with 206, several with the whole; the `ETag` is the SHA-256 of the bytes.
#[utoipa::path(operation_id = "downloadArtifact", tag = "artifacts", security(("bearer" = ["tasks:read"])),
    params(("id" = Uuid, Path, description = "The artifact's id."), Shape), responses(
    (status = 200, description = "The bytes", content_type = "application/octet-stream", body = Vec<u8>),
    (status = 206, description = "The range that was asked for", content_type = "application/octet-stream", body = Vec<u8>),
    (status = 304, description = "The client has it already"),
    (status = 416, body = Problem, description = "`range_not_satisfiable`"),
))]
#[get("/artifacts/{id}/content")]
#[tracing::instrument(name = "api.artifacts.content", skip_all, fields(artifact_id = %id.0))]
pub(crate) async fn content(
    app: Data<App>,
    caller: Caller<TasksRead>,
    id: Id<ArtifactId>,
    query: ValidQuery<Shape>,
    req: HttpRequest,
) -> ApiResult<HttpResponse> {
    let found = artifacts::find(&mut *app.conn().await?, caller.owner(), id.0).await?;
    let row = found.ok_or_else(ApiError::not_found)?;
    app.witness(&caller, row.user_id, "artifact", id.0.0).await?;
    let content = Content {
        name: name(&row.path).to_owned(),
        kind: row.content_type,
        sha256: row.sha256,
        inline: query.0.disposition == Some(Disposition::Inline),
    };
    content.answer(&app.files, req.headers()).await
}
