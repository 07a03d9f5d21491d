use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::ProgressBar;
use reqwest::header::{IF_RANGE, RANGE};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use sha2::{Digest, Sha256};
use tokio::fs::{self, File};
use tokio::io::{AsyncWriteExt, stdout};

use super::http::back_off;
use super::{Again, Api};
use crate::error::{CliError, CliResult};

/// Silence after which a download counts as broken.
const SILENCE: Duration = Duration::from_mins(1);

/// Broken connections that one download survives.
const TRIES: usize = 5;

/// What is fetched: where it is, and what must arrive.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Path of the API.
    pub(crate) path: String,
    /// Its bytes.
    pub(crate) size: u64,
    /// SHA-256 of its bytes, in hex.
    pub(crate) sha256: String,
}

/// Downloads into `to`, or to standard output without it. The file appears under its name when it is whole and its
/// SHA-256 is right. A connection that breaks is taken up where it broke.
pub(crate) async fn download(
    api: &Api,
    target: &Target,
    to: Option<&Path>,
    bar: &ProgressBar,
) -> CliResult<()> {
    let Some(to) = to else {
        return receive(api, target, &mut stdout(), "standard output", bar).await;
    };
    let part = part_of(to);
    let shown = to.display().to_string();
    let file = File::create(&part).await;
    let mut file = file.map_err(CliError::file(format!("Cannot write {}", part.display())))?;
    let received = receive(api, target, &mut file, &shown, bar).await;
    let kept = match received {
        Ok(()) => match file.sync_all().await {
            Ok(()) => fs::rename(&part, to).await,
            Err(error) => Err(error),
        }
        .map_err(CliError::file(format!("Cannot write {shown}"))),
        Err(error) => Err(error),
    };
    if kept.is_err() {
        // What is left is of no use; that it could not be removed changes nothing about the failure.
        let _ = fs::remove_file(&part).await;
    }
    kept
}

fn part_of(to: &Path) -> PathBuf {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    to.with_file_name(name)
}

async fn receive(
    api: &Api,
    target: &Target,
    into: &mut (impl AsyncWriteExt + Unpin),
    shown: &str,
    bar: &ProgressBar,
) -> CliResult<()> {
    let mut sum = Sha256::new();
    let mut got: u64 = 0;
    for tried in 1.. {
        let mut response = open(api, target, got).await?;
        let broken = loop {
            match tokio::time::timeout(SILENCE, response.chunk()).await {
                Ok(Ok(Some(piece))) => {
                    into.write_all(&piece)
                        .await
                        .map_err(CliError::file(format!("Cannot write {shown}")))?;
                    sum.update(&piece);
                    got += u64::try_from(piece.len()).unwrap_or_default();
                    bar.set_position(got);
                }
                Ok(Ok(None)) => break None,
                Ok(Err(error)) => break Some(api.http.unreachable(&error)),
                Err(_elapsed) => break Some(api.http.strange("nothing came for a minute")),
            }
        };
        match broken {
            None => break,
            Some(_) if got >= target.size => break,
            Some(error) if tried == TRIES => return Err(error),
            Some(_) => back_off(Duration::from_secs(1)).await,
        }
    }
    into.flush().await.map_err(CliError::file(format!("Cannot write {shown}")))?;
    bar.finish_and_clear();
    if got == target.size && hex(&sum.finalize()) == target.sha256 {
        return Ok(());
    }
    Err(CliError::Damaged(shown.to_owned()))
}

/// Asks for the bytes from `got` on. Content is addressed by its hash, so what is left fits what is there.
async fn open(api: &Api, target: &Target, got: u64) -> CliResult<Response> {
    let build = async |request: RequestBuilder| {
        if got == 0 {
            return Ok(request);
        }
        let tag = format!("\"{}\"", target.sha256);
        Ok(request.header(RANGE, format!("bytes={got}-")).header(IF_RANGE, tag))
    };
    let response = api.send(Method::GET, &target.path, Again::Safe, build).await?;
    if got > 0 && response.status() != StatusCode::PARTIAL_CONTENT {
        return Err(api.http.strange("the download cannot be taken up where it broke"));
    }
    Ok(response)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
