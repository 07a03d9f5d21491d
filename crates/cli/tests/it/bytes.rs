use std::fs;

use insta::assert_snapshot;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::person::Person;
use crate::server::{Answer, Request, Server};

const FILE: &str = "01990000-0000-7000-8000-000000000003";

fn about(content: &str, name: &str) -> Answer {
    let sum = Sha256::digest(content.as_bytes());
    let sha256 = sum.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    Answer::json(
        200,
        &json!({"id": FILE, "filename": name, "size": content.len(), "sha256": sha256}),
    )
}

/// A part of the content under a promise of all that is left: the rest breaks off.
fn part(content: &str, from: usize, send: usize) -> Answer {
    let rest = &content[from..];
    let status = if from == 0 { "200 OK" } else { "206 Partial Content" };
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close", rest.len());
    Answer(format!("{head}\r\n\r\n{}", &rest[..send.min(rest.len())]))
}

#[test]
fn a_download_that_breaks_is_taken_up_where_it_broke() {
    let content = "0123456789".repeat(2_000);
    let whole = content.clone();
    let server = Server::start(move |request: &Request| {
        if !request.line.contains("/download") {
            return about(&whole, "../../etc/digits.txt");
        }
        let range = request.header("range").and_then(|range| range.strip_prefix("bytes="));
        let from = range.map_or(0, |range| range.trim_end_matches('-').parse().unwrap());
        part(&whole, from, 9_000)
    });
    let ada = Person::new();
    ada.logged_in(&server.url, "first", 600);
    let ended = ada.runs(&["file", "download", FILE]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(ended.stdout, "digits.txt\n", "a name leads nowhere");
    assert!(fs::read_to_string(ada.path("digits.txt")).unwrap() == content);
    let again = ada.runs(&["file", "download", FILE]);
    assert_eq!(again.code, 2);
    assert_snapshot!(again.stderr, @"error: digits.txt exists already. Use --force or --output");
}

#[test]
fn damaged_bytes_leave_no_file() {
    let server = Server::start(|request: &Request| {
        if request.line.contains("/download") {
            return part("hallo", 0, 5);
        }
        about("hello", "hello.txt")
    });
    let ada = Person::new();
    ada.logged_in(&server.url, "first", 600);
    let ended = ada.runs(&["file", "download", FILE, "--output", "copy.txt"]);
    assert_eq!(ended.code, 1);
    assert_snapshot!(ended.stderr, @"error: copy.txt arrived damaged: its SHA-256 is not the one that the server names");
    let left = fs::read_dir(ada.path("")).unwrap();
    let left: Vec<_> =
        left.filter_map(|entry| entry.unwrap().file_name().into_string().ok()).collect();
    assert_eq!(left, [".config"]);
}

#[test]
fn an_upload_sends_the_file_under_its_name_and_a_key() {
    let server = Server::start(|_: &Request| {
        Answer::json(201, &json!({"id": FILE, "filename": "note.txt", "size": 6}))
    });
    let ada = Person::new();
    ada.logged_in(&server.url, "first", 600);
    let path = ada.has("note.txt", "hello\n");
    let ended = ada.runs(&["file", "upload", path.to_str().unwrap()]);
    assert_eq!(ended.stdout, format!("{FILE}  note.txt\n"));
    let sent = &server.requests()[0];
    assert!(
        sent.body.contains("name=\"file\"; filename=\"note.txt\"") && sent.body.contains("hello\n")
    );
    assert!(sent.header("idempotency-key").is_some());
}
