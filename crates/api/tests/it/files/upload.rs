use futures_util::stream;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::Value;

use ninja_testkit::{Answer, TestApp};

use super::{CSV, PNG, api, id, kept, part, send};

#[tokio::test]
async fn an_upload_answers_all_that_is_known_about_the_file() {
    let app = api().await;
    let alice = app.user("alice").await;
    let answer = alice.upload("Penguins (2026).CSV", CSV).await;
    let id = id(&answer);
    let file = &answer.json;
    assert_eq!(answer.headers["location"], format!("/api/v1/files/{id}"));
    for (key, value) in [
        ("filename", Value::from("Penguins (2026).CSV")),
        ("extension", "csv".into()),
        ("size", CSV.len().into()),
        ("content_type", "text/csv".into()),
        ("kind", "table".into()),
        ("url", format!("/api/v1/files/{id}/download").into()),
    ] {
        assert_eq!(file[key], value, "{key}");
    }
    let (status, bytes) = alice.bytes(file["url"].as_str().unwrap()).await;
    assert_eq!((status, bytes.as_slice()), (200, CSV.as_bytes()));
}

#[tokio::test]
async fn what_is_wrong_with_an_upload_is_said_and_nothing_stays() {
    let app = api().await;
    let alice = app.user("alice").await;
    let upload = |name: &'static str, bytes: &'static [u8]| {
        let alice = &alice;
        async move {
            send(alice, "upload", "", Form::new().part("file", part(name, bytes))).await.to_string()
        }
    };
    for (name, bytes, says) in [
        (
            "renamed.csv",
            PNG,
            "415 file_type_mismatch: The content does not agree with the extension `csv`: it is no text.",
        ),
        (
            "../../etc/a.csv",
            b"a".as_slice(),
            "422 validation_failed: file has a filename that has a separator of paths or lines.\n  file pattern: has a filename that has a separator of paths or lines",
        ),
        (
            "a\u{202e}vsc.csv",
            b"a",
            "422 validation_failed: file has a filename that has a character that turns the direction of text.\n  file pattern: has a filename that has a character that turns the direction of text",
        ),
        (
            "empty.zip",
            b"",
            "415 file_type_mismatch: The content does not agree with the extension `zip`: it is no whole zip.",
        ),
    ] {
        assert_eq!(upload(name, bytes).await, says);
    }
    assert!(
        upload("a.exe", b"MZ")
            .await
            .starts_with("415 unsupported_file_type: Files of the type `exe`")
    );
    let form = Form::new().text("description", "x").part("file", part("a.csv", CSV));
    let answer = send(&alice, "upload", "", form).await;
    assert_eq!(answer.json["errors"][0]["code"], "unknown_field", "{answer}");
    let two = Form::new().part("file", part("a.csv", CSV)).part("file", part("b.csv", CSV));
    assert_eq!(send(&alice, "upload", "", two).await.json["errors"][0]["code"], "duplicate");
    let none = send(&alice, "upload", "", Form::new().text("x", "y")).await;
    assert_eq!(none.json["errors"][1]["code"], "required", "{none}");
    let nameless = Form::new().part("file", Part::bytes(b"a".to_vec()));
    assert_eq!(send(&alice, "upload", "", nameless).await.json["errors"][0]["code"], "required");
    let json = alice.post("/api/v1/files/upload", &Value::Null).await;
    assert_eq!(json.json["code"], "unsupported_media_type", "{json}");
    assert_eq!((kept(&app, "objects"), kept(&app, "staging")), (0, 0));
    assert_eq!(alice.get("/api/v1/files").await.json["data"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn a_body_that_breaks_off_or_is_no_multipart_is_400_and_leaves_nothing() {
    let app = api().await;
    let alice = app.user("alice").await;
    let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n";
    for body in ["", "--b", head, "no multipart at all", "--b\r\n\r\n--b--\r\n"] {
        let request = alice
            .request(Method::POST, "/api/v1/files/upload")
            .header("Content-Type", "multipart/form-data; boundary=b")
            .body(body);
        let answer = Answer::of(request).await;
        assert!([400, 422].contains(&answer.status), "{body:?}: {answer}");
        assert!(answer.json["code"].is_string(), "{body:?}: {answer}");
    }
    assert_eq!((kept(&app, "objects"), kept(&app, "staging")), (0, 0));
}

/// The most memory that a process ever had, in bytes.
fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

const MIB: u64 = 1024 * 1024;

/// `mib` MiB of text in pieces of one MiB, made while they are sent.
fn lines(mib: u64) -> Part {
    let piece = bytes::Bytes::from(vec![b'7'; 1024 * 1024]);
    let body = stream::iter((0..mib).map(move |_| Ok::<_, std::io::Error>(piece.clone())));
    let body = reqwest::Body::wrap_stream(body);
    Part::stream_with_length(body, mib * MIB).file_name("big.csv")
}

#[tokio::test]
async fn a_file_of_49_mib_passes_through_a_small_part_of_that_memory() {
    let mut app = api().await;
    let alice = app.user("alice").await;
    id(&alice.upload("warm.csv", CSV).await);
    let before = peak(app.api().pid());
    let answer = send(&alice, "upload", "", Form::new().part("file", lines(49))).await;
    let id = id(&answer);
    assert_eq!(answer.json["size"], 49 * MIB);
    let (status, bytes) = alice.bytes(&format!("/api/v1/files/{id}/download")).await;
    assert_eq!((status, u64::try_from(bytes.len()).unwrap()), (200, 49 * MIB));
    let grown = peak(app.api().pid()) - before;
    assert!(grown < 16 * MIB, "{grown} bytes more for a file of 49 MiB");
}

#[tokio::test]
async fn a_file_over_50_mib_is_413_and_leaves_nothing() {
    let app = api().await;
    let alice = app.user("alice").await;
    let answer = send(&alice, "upload", "", Form::new().part("file", lines(51))).await;
    assert_eq!(answer.json["code"], "body_too_large", "{answer}");
    assert_eq!(answer.headers["connection"], "close");
    assert_eq!((kept(&app, "objects"), kept(&app, "staging")), (0, 0));
}

#[tokio::test]
async fn an_upload_with_a_key_is_made_once() {
    let app = api().await;
    let alice = app.user("alice").await;
    let once = |name: &'static str, bytes: &'static str| {
        let alice = &alice;
        async move { send(alice, "upload", "key-1", Form::new().part("file", part(name, bytes))).await }
    };
    let first = once("a.csv", CSV).await;
    let again = once("a.csv", CSV).await;
    assert_eq!((again.status, &again.json), (201, &first.json));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.headers["location"], first.headers["location"]);
    for (name, bytes) in [("b.csv", CSV), ("a.csv", "other")] {
        assert_eq!(once(name, bytes).await.json["code"], "idempotency_key_reused");
    }
    assert_eq!(alice.get("/api/v1/files").await.json["data"].as_array().unwrap().len(), 1);
    let bob = app.user("bob").await;
    let other = send(&bob, "upload", "key-1", Form::new().part("file", part("a.csv", CSV))).await;
    assert_ne!(id(&other), id(&first), "a key belongs to its user");
}

#[tokio::test]
async fn equal_content_takes_room_once_and_a_full_store_of_a_role_is_403() {
    let app =
        TestApp::with().workers(0).set("NINJA_LIMITS__USER__STORAGE_BYTES", "50").start().await;
    let alice = app.user("alice").await;
    let forty = "7".repeat(40);
    for name in ["a.txt", "b.txt"] {
        id(&alice.upload(name, forty.clone()).await);
    }
    assert_eq!((kept(&app, "objects"), kept(&app, "staging")), (1, 0));
    let full =
        send(&alice, "upload", "key", Form::new().part("file", part("c.txt", "8".repeat(11))))
            .await;
    assert_eq!((full.status, &full.json["code"]), (403, &"plan_limit".into()), "{full}");
    assert_eq!(full.json["errors"][0]["field"], "storage_bytes");
    assert_eq!(kept(&app, "objects"), 1, "the refused bytes are gone");
    let fits =
        send(&alice, "upload", "key", Form::new().part("file", part("c.txt", "8".repeat(10))))
            .await;
    id(&fits); // the refusal did not use up the key
}
