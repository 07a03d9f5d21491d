use std::io::{Cursor, Read};

use ninja_testkit::TestApp;
use serde_json::json;

#[tokio::test]
async fn all_artifacts_come_in_one_archive_under_names_of_their_own() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let step = |key: &str, code: &str| {
        json!({"key": key, "agent_type": "coder", "capability": "code_execution",
            "parameters": {"language": "bash", "code": code}})
    };
    let task = alice
        .create(&json!({"description": "Write", "task_type": "custom", "parameters": {"steps": [
            step("one", "mkdir out; echo 1 > out/a.txt; echo only > b.txt"),
            step("two", "mkdir out; echo 2 > out/a.txt; head -c 300000 /dev/zero > zeros.bin"),
        ]}}))
        .await;
    alice.wait_task(&task, "completed").await;
    let path = format!("/api/v1/tasks/{task}/artifacts.zip");
    let (status, bytes) = alice.bytes(&path).await;
    assert_eq!(status, 200);
    assert!(bytes.len() < 10_000, "it is packed");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a whole zip");
    let mut found = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).expect("an entry");
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("the checksum fits");
        found.push((entry.name().expect("a name").into_owned(), content.len()));
    }
    found.sort();
    let is = [("b.txt", 5), ("one/out/a.txt", 2), ("two/out/a.txt", 2), ("zeros.bin", 300_000)];
    assert_eq!(found, is.map(|(name, size)| (name.to_owned(), size)));
    assert_eq!(bob.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_task_without_artifacts_has_an_empty_archive() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let task = alice.create_noop(1, 0).await;
    let (status, bytes) = alice.bytes(&format!("/api/v1/tasks/{task}/artifacts.zip")).await;
    assert_eq!(status, 200);
    assert_eq!(zip::ZipArchive::new(Cursor::new(bytes)).expect("a whole zip").len(), 0);
}
