use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, post};
use ninja_db::files::{self, Made, NewFiles, Uploaded};
use ninja_db::idempotency::{Answer, Outcome};

use super::intake::{Rules, file_bytes, fingerprint, keep, no_room, receive, storage_bytes};
use super::view::FileView;
use crate::answer::Created;
use crate::app::App;
use crate::caller::{Caller, FilesWrite};
use crate::error::ApiResult;
use crate::extract::Once;
use crate::problem::Problem;

/// The body of an upload.
#[derive(utoipa::ToSchema)]
pub(crate) struct UploadForm {
    /// The file; its part has a filename of 1 to 255 bytes, whose extension says what the bytes are.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    #[expect(dead_code, reason = "it describes the parts of the body, which are streamed")]
    file: Vec<u8>,
}

/// Upload a file
///
/// The bytes are kept once for everybody who uploads the same. Their type must be what the name says; archives are
/// looked into and never unpacked here.
#[utoipa::path(operation_id = "uploadFile", tag = "files", security(("bearer" = ["files:write"])),
    request_body(content = UploadForm, content_type = "multipart/form-data"), responses(
    (status = 201, body = FileView),
    (status = 403, body = Problem, description = "`plan_limit`: the storage of the role is full"),
    (status = 409, body = Problem, description = "`idempotency_in_flight`"),
    (status = 415, body = Problem, description = "`unsupported_media_type`, `unsupported_file_type`, `file_type_mismatch`"),
    (status = 422, body = Problem, description = "`validation_failed`, `unsafe_archive`, `idempotency_key_reused`"),
    (status = 507, body = Problem, description = "`insufficient_storage`"),
))]
#[post("/files/upload")]
#[tracing::instrument(name = "api.files.upload", skip_all)]
pub(crate) async fn upload(
    app: Data<App>,
    caller: Caller<FilesWrite>,
    once: Once,
    req: HttpRequest,
    payload: Payload,
) -> ApiResult<Created> {
    let most = file_bytes(&app, &caller);
    let rules = Rules { field: "file", most: 1, file_bytes: most, total_bytes: most };
    let parts = receive(&app.files, &req, payload, &rules).await?;
    let once = once.of(caller.id, fingerprint(rules.field, &parts), answer);
    let mut new = NewFiles {
        owner: caller.id,
        files: Vec::new(),
        storage_bytes: storage_bytes(&app, &caller),
    };
    for part in parts {
        let kept = keep(&app, &caller, part.outcome?).await?.ok_or_else(no_room)?;
        new.files.push((part.filename, Uploaded::Taken(kept)));
    }
    match files::create(&mut *app.conn().await?, &new, once.as_ref()).await? {
        Outcome::Replayed(answer) => Ok(Created::replayed(answer)),
        Outcome::Done(made) if stored(&made).is_some() => Ok(Created::now(answer(&made))),
        Outcome::Done(_) => Err(no_room()),
    }
}

fn stored(made: &Made) -> Option<FileView> {
    made.iter().find_map(|(_, file)| match file {
        Uploaded::Taken(row) => Some(row.clone().into()),
        Uploaded::Refused(_) | Uploaded::NoRoom => None,
    })
}

fn answer(made: &Made) -> Answer {
    let view = stored(made);
    let location = view.as_ref().map_or_else(String::new, FileView::location);
    Created::answer(location, &view)
}
