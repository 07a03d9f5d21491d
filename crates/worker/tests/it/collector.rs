use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use ninja_testkit::{TestApp, until};

/// Where a file of this hash lies, a day and an hour old.
fn aged(app: &TestApp, sha256: &str) -> PathBuf {
    let root = app.pairs().iter().find(|(key, _)| key == "NINJA_FILES__ROOT").unwrap();
    let path = PathBuf::from(&root.1).join("objects").join(&sha256[..2]).join(sha256);
    let old = SystemTime::now() - Duration::from_hours(25);
    File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
    path
}

#[tokio::test]
async fn bytes_go_when_no_row_names_them_any_more() {
    let mut app = TestApp::with().workers(0).start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let sha256 =
        |answer: &ninja_testkit::Answer| answer.json["sha256"].as_str().unwrap().to_owned();
    let shared = alice.upload("shared.txt", "shared").await;
    bob.upload("shared.txt", "shared").await;
    let lone = alice.upload("lone.txt", "lone").await;
    for file in [&shared, &lone] {
        let path = format!("/api/v1/files/{}", file.json["id"].as_str().unwrap());
        assert_eq!(alice.delete(&path).await.status, 204);
    }
    let (shared, lone) = (aged(&app, &sha256(&shared)), aged(&app, &sha256(&lone)));
    app.add_worker().await;
    let gone = until(Duration::from_secs(20), || (!lone.exists()).then_some(())).await;
    assert!(gone.is_some(), "the bytes of the deleted file are still there");
    assert_eq!(fs::read(shared).unwrap(), b"shared", "bob has them still");
}
