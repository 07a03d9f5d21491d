use ninja_testkit::TestApp;
use serde_json::json;

#[tokio::test]
async fn events_are_paged_by_their_number_from_the_first_to_the_terminal_one() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(3, 0).await;
    let task = alice.wait_task(&id, "completed").await;
    let path = format!("/api/v1/tasks/{id}/events");
    let first = alice.get(&format!("{path}?limit=2")).await;
    assert_eq!(first.json["data"][0]["type"], "task.created");
    assert_eq!((&first.json["next_cursor"], &first.json["has_more"]), (&json!("2"), &json!(true)));
    assert_eq!(first.json["last_seq"], task["last_seq"]);
    let all = alice.events(&id).await;
    let numbers: Vec<_> = all.iter().map(|event| event["seq"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=task["last_seq"].as_i64().unwrap()).collect::<Vec<_>>());
    assert_eq!(all.last().unwrap()["type"], "task.completed");
    let past = alice.get(&format!("{path}?after={}", task["last_seq"])).await;
    assert_eq!(past.json["data"], json!([]));
    assert_eq!((&past.json["next_cursor"], &past.json["has_more"]), (&json!(null), &json!(false)));
    let bad = alice.get(&format!("{path}?after=-1&since=3")).await;
    assert_eq!(bad.status, 422, "{bad}");
}
