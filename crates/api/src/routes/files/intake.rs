//! The way in: from the parts of a multipart body to files that lie staged and are known for what they are. Nothing
//! holds more of a file than a block of it.

use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{Bytes, Payload};
use futures_util::{StreamExt, TryStreamExt, stream};
use ninja_db::files::{NewFile, has_room};
use ninja_files::{FileName, FileType, FilesError, Refusal, Staged, Store};
use ninja_types::FileId;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::caller::{Caller, FilesWrite};
use crate::error::{ApiError, ApiResult, Code};
use crate::problem::{FieldCode, FieldError};

/// A body that stands still for so long is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Boundaries and headers of the parts of a body.
const FORM_BYTES: u64 = 64 * 1024;

/// Parts with names that are not asked for are read over, so that all of them are told at once; but not for ever.
const STRANGERS: usize = 20;

/// What a body may hold.
pub(super) struct Rules {
    /// The name of its parts.
    pub field: &'static str,
    /// How many of them.
    pub most: usize,
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Bytes of all files together.
    pub total_bytes: u64,
}

/// One part: a file that may be kept, or why not.
pub(super) struct Part {
    /// As the client called it; empty if it did not.
    pub filename: String,
    /// SHA-256 of the bytes; of nothing, if they are too many.
    pub sha256: [u8; 32],
    /// What came of it.
    pub outcome: ApiResult<Good>,
}

/// A file that may be kept.
pub(super) struct Good {
    name: FileName,
    found: FileType,
    staged: Staged,
}

/// Reads the whole body. An error is one of the body; what is wrong with a file stands in its part.
pub(super) async fn receive(
    store: &Store,
    req: &HttpRequest,
    payload: Payload,
    rules: &Rules,
) -> ApiResult<Vec<Part>> {
    check_head(req, rules)?;
    let mut form = Multipart::new(req.headers(), limited(payload, rules.total_bytes + FORM_BYTES));
    let (mut parts, mut errors) = (Vec::new(), Vec::new());
    while let Some(field) = patient(form.next()).await? {
        let mut field = field.map_err(|error| broken(&error))?;
        if field.name() != Some(rules.field) {
            errors.push(stranger(field.name().unwrap_or_default()));
        } else if parts.len() == rules.most {
            errors.push(too_many(rules));
        } else {
            parts.push(part(store, &mut field, rules, parts.len()).await?);
            continue;
        }
        if errors.len() > STRANGERS {
            return Err(ApiError::invalid(errors));
        }
        while patient(field.try_next()).await?.map_err(|error| broken(&error))?.is_some() {}
    }
    if parts.is_empty() {
        let message = format!("must be given: a part `{}` with a filename", rules.field);
        errors.push(FieldError::new(rules.field, FieldCode::Required, message));
    }
    if errors.is_empty() { Ok(parts) } else { Err(ApiError::invalid(errors)) }
}

/// What the `Idempotency-Key` of an upload stands for: names and contents, in their order.
pub(super) fn fingerprint(field: &str, parts: &[Part]) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(field);
    for part in parts {
        hash.update(b"\0");
        hash.update(&part.filename);
        hash.update(b"\0");
        hash.update(part.sha256);
    }
    hash.finalize().into()
}

/// Keeps the bytes of a good file, if its owner has room for them, and answers the row that is to name them.
pub(super) async fn keep(
    app: &App,
    caller: &Caller<FilesWrite>,
    good: Good,
) -> ApiResult<Option<NewFile>> {
    let size = i64::try_from(good.staged.size).map_err(ApiError::internal)?;
    let sha256 = good.staged.sha256.to_string();
    let room = storage_bytes(app, caller);
    if !has_room(&mut *app.conn().await?, caller.id, (&sha256, size), room).await? {
        return Ok(None);
    }
    app.files.keep(good.staged).await?;
    Ok(Some(NewFile {
        id: FileId::new(),
        filename: good.name.as_str().to_owned(),
        extension: good.found.extension.to_owned(),
        size,
        content_type: good.found.content_type.to_owned(),
        kind: good.found.kind.to_string(),
        sha256,
    }))
}

/// What the caller may store.
pub(super) fn storage_bytes<P>(app: &App, caller: &Caller<P>) -> i64 {
    i64::try_from(app.config.limits.of(caller.role).storage_bytes).unwrap_or(i64::MAX)
}

/// Bytes of one file that the caller may send.
pub(super) fn file_bytes<P>(app: &App, caller: &Caller<P>) -> u64 {
    let everybody = app.config.files.max_mib.saturating_mul(1024 * 1024);
    app.config.limits.of(caller.role).file_bytes.min(everybody)
}

/// 403: the caller's files and artifacts fill what the role may store.
pub(super) fn no_room() -> ApiError {
    let detail = "Your files and artifacts fill the storage of your role: delete some first.";
    let message = "is reached";
    ApiError::new(Code::PlanLimit, detail).with_errors(vec![FieldError::new(
        "storage_bytes",
        FieldCode::TooLarge,
        message,
    )])
}

/// Refuses what its head shows to be wrong, before the body is read.
fn check_head(req: &HttpRequest, rules: &Rules) -> ApiResult<()> {
    let text = |name| req.headers().get(name).and_then(|value| value.to_str().ok());
    let kind = text(CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    if kind.split(';').next().is_none_or(|kind| kind.trim() != "multipart/form-data") {
        let detail = "Send the file as multipart/form-data.";
        return Err(ApiError::new(Code::UnsupportedMediaType, detail));
    }
    let length = text(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if length.is_some_and(|length| length > rules.total_bytes + FORM_BYTES) {
        return Err(too_large(rules.total_bytes));
    }
    Ok(())
}

/// The body, until it is longer than it may be.
fn limited(payload: Payload, most: u64) -> impl stream::Stream<Item = Result<Bytes, PayloadError>> {
    payload.scan(0_u64, move |count, bytes| {
        let read = bytes.and_then(|bytes| {
            *count = count.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            if *count > most { Err(PayloadError::Overflow) } else { Ok(bytes) }
        });
        std::future::ready(Some(read))
    })
}

async fn part(store: &Store, field: &mut Field, rules: &Rules, index: usize) -> ApiResult<Part> {
    let disposition = field.content_disposition();
    let filename = disposition.and_then(|d| d.get_filename()).unwrap_or_default().to_owned();
    let place =
        if rules.most == 1 { rules.field.to_owned() } else { format!("{}[{index}]", rules.field) };
    let staged = match stage(store, field, rules).await? {
        Some(staged) => staged,
        None if rules.most == 1 => return Err(too_large(rules.file_bytes)),
        None => {
            let outcome = Err(too_large(rules.file_bytes));
            return Ok(Part { filename, sha256: [0; 32], outcome });
        }
    };
    let sha256 = staged.sha256.0;
    let outcome = match FileName::parse(&filename) {
        Err(refusal) => Err(refusal),
        Ok(name) => staged.inspect(&name).await?.map(|found| Good { name, found, staged }),
    };
    let outcome = outcome.map_err(|refusal| refused(&refusal, &place));
    Ok(Part { filename, sha256, outcome })
}

/// Stages the bytes of a part; `None`: they are too many, and were read over.
async fn stage(store: &Store, field: &mut Field, rules: &Rules) -> ApiResult<Option<Staged>> {
    let mut staging = Some(store.stage(rules.file_bytes).await?);
    while let Some(bytes) = patient(field.try_next()).await?.map_err(|error| broken(&error))? {
        let Some(open) = &mut staging else { continue };
        match open.write(bytes).await {
            Ok(()) => {}
            Err(FilesError::TooLarge { .. }) if rules.most == 1 => return Ok(None),
            Err(FilesError::TooLarge { .. }) => staging = None,
            Err(other) => return Err(other.into()),
        }
    }
    match staging {
        Some(open) => Ok(Some(open.finish().await?)),
        None => Ok(None),
    }
}

async fn patient<T>(next: impl Future<Output = T>) -> ApiResult<T> {
    tokio::time::timeout(PATIENCE, next).await.map_err(|_elapsed| {
        ApiError::new(Code::MalformedRequest, "Nothing came of the body for 30 seconds.")
    })
}

fn refused(refusal: &Refusal, place: &str) -> ApiError {
    let detail = refusal.to_string();
    match refusal {
        Refusal::Filename(rule) => {
            let code = match *rule {
                "is empty" => FieldCode::Required,
                rule if rule.contains("longer") => FieldCode::TooLong,
                _ => FieldCode::Pattern,
            };
            ApiError::field(place, code, format!("has a filename that {rule}"))
        }
        Refusal::UnsupportedType { .. } => ApiError::new(Code::UnsupportedFileType, detail),
        Refusal::TypeMismatch { .. } => ApiError::new(Code::FileTypeMismatch, detail),
        Refusal::UnsafeArchive(_) => ApiError::new(Code::UnsafeArchive, detail),
    }
}

fn stranger(name: &str) -> FieldError {
    let name: String = name.chars().take(100).collect();
    FieldError::new(name, FieldCode::UnknownField, "is no part that is known here")
}

fn too_many(rules: &Rules) -> FieldError {
    match rules.most {
        1 => FieldError::new(rules.field, FieldCode::Duplicate, "must be given once"),
        most => {
            let message = format!("must have at most {most} items");
            FieldError::new(rules.field, FieldCode::TooLong, message)
        }
    }
}

fn too_large(most: u64) -> ApiError {
    ApiError::new(Code::BodyTooLarge, format!("This takes at most {most} bytes."))
}

fn broken(error: &MultipartError) -> ApiError {
    match error {
        MultipartError::Payload(PayloadError::Overflow) => {
            ApiError::new(Code::BodyTooLarge, "The files together are too large.")
        }
        MultipartError::ContentTypeIncompatible => {
            let detail = "Send the file as multipart/form-data.";
            ApiError::new(Code::UnsupportedMediaType, detail)
        }
        _ => {
            ApiError::new(Code::MalformedRequest, format!("The multipart body is broken: {error}."))
        }
    }
}

impl From<FilesError> for ApiError {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::Full(_) => {
                Self::new(Code::InsufficientStorage, "The file store is full: nothing was kept.")
                    .because(error)
            }
            FilesError::TooLarge { max_bytes } => too_large(max_bytes),
            FilesError::Unavailable(_) => {
                Self::new(Code::Unavailable, "The file store is not available right now.")
                    .because(error)
            }
            FilesError::Missing(_) => Self::internal(error),
        }
    }
}
