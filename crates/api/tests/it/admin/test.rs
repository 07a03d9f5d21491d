use ninja_testkit::TestApp;
use serde_json::json;

use super::{compatible, path};

#[tokio::test]
async fn a_test_of_a_provider_that_nobody_answers_for_says_how_it_failed() {
    let app = TestApp::start().await;
    let admin = app.admin("root").await;
    let made = compatible(&admin, "local", "sk-canary-0123456789").await;
    let tested = admin.post_empty(&format!("{}/test", path(&made))).await;
    assert_eq!(tested.status, 200, "{tested}");
    assert_eq!(
        (&tested.json["ok"], &tested.json["model"], &tested.json["chat"]["ok"]),
        (&json!(false), &json!("small"), &json!(false))
    );
    assert!(tested.json["class"].is_string() && tested.json["message"].is_string(), "{tested}");
    assert_eq!(admin.get(&path(&made)).await.json["last_test"], tested.json);
    let sql = "SELECT count(*) FROM jobs";
    let left: i64 = app.database().client().await.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(left, 0, "the job is gone");
}

#[tokio::test]
async fn without_a_worker_the_test_is_under_way_and_a_second_one_joins_it() {
    let app = TestApp::with().workers(0).start().await;
    let admin = app.admin("root").await;
    let made = compatible(&admin, "local", "sk-canary-0123456789").await;
    let at = format!("{}/test", path(&made));
    let (one, two) = tokio::join!(admin.post_empty(&at), admin.post_empty(&at));
    for answer in [one, two] {
        assert_eq!((answer.status, &answer.json), (202, &json!({"status": "testing"})));
    }
    let sql = "SELECT count(*) FROM jobs WHERE kind = 'test_provider' AND pool = 'system'";
    let owed: i64 = app.database().client().await.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(owed, 1);
}
