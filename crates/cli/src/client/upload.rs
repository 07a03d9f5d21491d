use std::path::Path;

use futures_util::TryStreamExt;
use indicatif::ProgressBar;
use reqwest::multipart::{Form, Part};
use reqwest::{Body, Method, RequestBuilder};
use serde_json::Value;
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::{Again, Api};
use crate::error::{CliError, CliResult};

/// Uploads one file, streamed from the disk, and answers what the API says about it. A connection that breaks in the
/// middle starts over; the file is stored once.
pub(crate) async fn upload(
    api: &Api,
    path: &Path,
    key: &str,
    bar: &ProgressBar,
) -> CliResult<Value> {
    let shown = path.display();
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Err(CliError::Usage(format!("{shown} has no name that the API could keep")));
    };
    let cannot = || CliError::file(format!("Cannot read {shown}"));
    let about = tokio::fs::metadata(path).await.map_err(cannot())?;
    if !about.is_file() {
        return Err(CliError::Usage(format!("{shown} is not a file")));
    }
    let build = async |request: RequestBuilder| {
        let file = File::open(path).await.map_err(cannot())?;
        bar.set_position(0);
        let bar = bar.clone();
        let pieces = ReaderStream::with_capacity(file, 64 * 1024);
        let pieces = pieces.inspect_ok(move |piece| {
            bar.inc(u64::try_from(piece.len()).unwrap_or_default());
        });
        let part = Part::stream_with_length(Body::wrap_stream(pieces), about.len());
        let form = Form::new().part("file", part.file_name(name.to_owned()));
        Ok(request.header("Idempotency-Key", key).multipart(form))
    };
    let response = api.send(Method::POST, "/api/v1/files/upload", Again::Safe, build).await?;
    bar.finish_and_clear();
    api.http.json(response).await
}
