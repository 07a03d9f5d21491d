mod artifacts;
mod delete;
mod download;
mod list;
mod preview;
mod upload;
mod upload_multiple;
mod zip;

use ninja_testkit::{Answer, Client, TestApp};
use reqwest::Method;
use reqwest::multipart::{Form, Part};

const CSV: &str = "species,bill_mm\nAdelie,39.1\nGentoo,47.5\n";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

/// An API without workers: nothing runs here.
async fn api() -> TestApp {
    TestApp::with().workers(0).start().await
}

fn part(name: &str, bytes: impl Into<Vec<u8>>) -> Part {
    Part::bytes(bytes.into()).file_name(name.to_owned())
}

/// Sends `form` to one of the two upload routes, with a key if it is not empty.
async fn send(client: &Client, route: &str, key: &str, form: Form) -> Answer {
    let request = client.request(Method::POST, &format!("/api/v1/files/{route}")).multipart(form);
    let request = if key.is_empty() { request } else { request.header("Idempotency-Key", key) };
    Answer::of(request).await
}

fn id(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{answer}");
    answer.json["id"].as_str().unwrap().to_owned()
}

/// Files below a folder of the store.
fn kept(app: &TestApp, below: &str) -> usize {
    let root = app.pairs().iter().find(|(key, _)| key == "NINJA_FILES__ROOT").unwrap();
    count(&std::path::Path::new(&root.1).join(below))
}

fn count(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
}
