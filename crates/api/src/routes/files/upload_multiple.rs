use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpMessage, HttpRequest, post};
use ninja_db::files::{self, Made, NewFiles, Uploaded};
use ninja_db::idempotency::{Answer, Outcome};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::intake::{Part, Rules, file_bytes, fingerprint, keep, no_room, receive, storage_bytes};
use super::view::FileView;
use crate::answer::Created;
use crate::app::App;
use crate::caller::{Caller, FilesWrite};
use crate::edge::RequestName;
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::Once;
use crate::problem::{FieldCode, FieldError, Problem};

const MOST: usize = 10;
const TOTAL_BYTES: u64 = 200 * 1024 * 1024;

/// The body of an upload of several files.
#[derive(ToSchema)]
pub(crate) struct UploadsForm {
    /// The files: 1 to 10 parts of this name, each with a filename, 200 MiB in all.
    #[schema(value_type = Vec<String>, format = Binary, min_items = 1, max_items = 10)]
    #[expect(dead_code, reason = "it describes the parts of the body, which are streamed")]
    files: Vec<Vec<u8>>,
}

/// What became of each file, in the order of the request.
#[derive(ToSchema)]
pub(crate) struct UploadedFiles {
    #[expect(dead_code, reason = "the answer is stored as JSON, also for replays")]
    data: Vec<UploadedFile>,
}

/// What became of one file: `file` or `error` is null.
#[derive(Serialize, ToSchema)]
pub(crate) struct UploadedFile {
    /// As the client called it.
    filename: String,
    /// The stored file.
    file: Option<FileView>,
    /// Why it was not stored.
    #[schema(value_type = Option<Problem>)]
    error: Option<Value>,
}

/// Upload up to ten files
///
/// Each stands for itself: 201 if all were stored, 207 if some were, 422 if none was.
#[utoipa::path(operation_id = "uploadFiles", tag = "files", security(("bearer" = ["files:write"])),
    request_body(content = UploadsForm, content_type = "multipart/form-data"), responses(
    (status = 201, body = UploadedFiles),
    (status = 207, body = UploadedFiles, description = "Some were stored"),
    (status = 409, body = Problem, description = "`idempotency_in_flight`"),
    (status = 422, body = Problem, description = "`validation_failed`, `no_file_stored`, `idempotency_key_reused`"),
    (status = 507, body = Problem, description = "`insufficient_storage`"),
))]
#[post("/files/upload-multiple")]
#[tracing::instrument(name = "api.files.upload_multiple", skip_all)]
pub(crate) async fn upload_multiple(
    app: Data<App>,
    caller: Caller<FilesWrite>,
    once: Once,
    req: HttpRequest,
    payload: Payload,
) -> ApiResult<Created> {
    let file_bytes = file_bytes(&app, &caller);
    let rules = Rules { field: "files", most: MOST, file_bytes, total_bytes: TOTAL_BYTES };
    let parts = receive(&app.files, &req, payload, &rules).await?;
    let once = once.of(caller.id, fingerprint(rules.field, &parts), answer);
    let name = req.extensions().get::<RequestName>().map(|name| name.0.clone());
    let request_id = name.unwrap_or_default();
    let mut files = Vec::new();
    for part in parts {
        files.push(looked_at(&app, &caller, part, &request_id).await?);
    }
    let new = NewFiles { owner: caller.id, files, storage_bytes: storage_bytes(&app, &caller) };
    match files::create(&mut *app.conn().await?, &new, once.as_ref()).await? {
        Outcome::Replayed(answer) => Ok(Created::replayed(answer)),
        Outcome::Done(made) if stored(&made) > 0 => Ok(Created::now(answer(&made))),
        Outcome::Done(made) => Err(none_stored(&made)),
    }
}

async fn looked_at(
    app: &App,
    caller: &Caller<FilesWrite>,
    part: Part,
    request_id: &str,
) -> ApiResult<(String, Uploaded<files::NewFile>)> {
    let file = match part.outcome {
        Err(error) => Uploaded::Refused(json!(error.problem(request_id))),
        Ok(good) => keep(app, caller, good).await?.map_or(Uploaded::NoRoom, Uploaded::Taken),
    };
    Ok((part.filename, file))
}

fn stored(made: &Made) -> usize {
    made.iter().filter(|(_, file)| matches!(file, Uploaded::Taken(_))).count()
}

fn answer(made: &Made) -> Answer {
    let all = stored(made) == made.len();
    let status = if all { StatusCode::CREATED } else { StatusCode::MULTI_STATUS };
    let data: Vec<_> = made.iter().map(|(filename, file)| line(filename, file)).collect();
    Answer { status: status.as_u16(), location: None, body: json!({ "data": data }) }
}

fn line(filename: &str, file: &Uploaded<files::FileRow>) -> UploadedFile {
    let (file, error) = match file {
        Uploaded::Taken(row) => (Some(row.clone().into()), None),
        Uploaded::Refused(problem) => (None, Some(problem.clone())),
        Uploaded::NoRoom => (None, Some(json!(no_room().problem("")))),
    };
    UploadedFile { filename: filename.to_owned(), file, error }
}

/// 422 with one item per file, in the order of the request.
fn none_stored(made: &Made) -> ApiError {
    let errors = made.iter().enumerate().map(|(index, (_, file))| {
        let message = match file {
            Uploaded::Refused(problem) => problem["detail"].as_str().unwrap_or_default().to_owned(),
            _ => "does not fit into the storage of your role".to_owned(),
        };
        FieldError::new(format!("files[{index}]"), FieldCode::Format, message)
    });
    ApiError::new(Code::NoFileStored, "None of the files was stored.").with_errors(errors.collect())
}
