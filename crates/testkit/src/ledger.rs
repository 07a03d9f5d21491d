use std::{fs::OpenOptions, io::Write as _};

use reqwest::{Method, Url};

/// Notes that a request was answered so, in the file that `NINJA_CONTRACT_LEDGER` names: afterwards a script tells which
/// answers of the contract no test has seen. Without the variable nothing happens.
pub(crate) fn note(method: &Method, url: &Url, status: u16) {
    let Some(path) = std::env::var_os("NINJA_CONTRACT_LEDGER") else { return };
    let line = format!("{method} {} {status}\n", url.path());
    let file = OpenOptions::new().create(true).append(true).open(path);
    let written = file.and_then(|mut file| file.write_all(line.as_bytes()));
    written.expect("the ledger of answers can be written");
}

/// Sends a request that no method of the client fits, and notes in the ledger of the contract what came.
pub async fn send(request: reqwest::RequestBuilder) -> reqwest::Result<reqwest::Response> {
    let (client, request) = request.build_split();
    let request = request?;
    let (method, url) = (request.method().clone(), request.url().clone());
    let answer = client.execute(request).await?;
    note(&method, &url, answer.status().as_u16());
    Ok(answer)
}
