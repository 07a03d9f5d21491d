use insta::assert_snapshot;
use ninja_testkit::{Client, TestApp};
use serde_json::{Value, json};

async fn titled(client: &Client, title: &str, tag: &str) -> String {
    client
        .create(&json!({"description": "d", "title": title, "tags": [tag], "task_type": "custom",
            "parameters": {"agent": "noop", "steps": 1}}))
        .await
}

async fn titles(client: &Client, query: &str) -> Vec<String> {
    let answer = client.get(&format!("/api/v1/tasks?{query}")).await;
    assert_eq!(answer.status, 200, "{answer}");
    let rows = answer.json["data"].as_array().unwrap();
    rows.iter().map(|row| row["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pages_are_newest_first_and_new_rows_shift_nothing() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    for n in 1..=5 {
        titled(&alice, &format!("t{n}"), "x").await;
    }
    let first = alice.get("/api/v1/tasks?limit=2").await;
    assert_eq!(first.json["has_more"], true);
    titled(&alice, "t6", "x").await;
    let cursor = first.json["next_cursor"].as_str().unwrap();
    assert_eq!(titles(&alice, &format!("limit=2&cursor={cursor}")).await, ["t3", "t2"]);
    assert_eq!(titles(&alice, "limit=100").await, ["t6", "t5", "t4", "t3", "t2", "t1"]);
    let last = alice.get("/api/v1/tasks?limit=100").await;
    assert_eq!((&last.json["has_more"], &last.json["next_cursor"]), (&json!(false), &Value::Null));
    assert_snapshot!(
        alice.get(&format!("/api/v1/tasks?limit=3&status=pending&cursor={cursor}")).await,
        @"400 invalid_cursor: The cursor is not one of this list with these filters: begin without one."
    );
}

#[tokio::test]
async fn filters_narrow_the_list() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let one = titled(&alice, "100% of Sales", "north").await;
    titled(&alice, "1000 sales", "south").await;
    alice.post_empty(&format!("/api/v1/tasks/{one}/cancel")).await;
    assert_eq!(titles(&alice, "status=cancelled").await, ["100% of Sales"]);
    assert_eq!(titles(&alice, "status=cancelled,pending").await.len(), 2);
    assert_eq!(titles(&alice, "tag=south").await, ["1000 sales"]);
    assert_eq!(titles(&alice, "q=sALES").await.len(), 2);
    assert_eq!(titles(&alice, "q=100%25").await, ["100% of Sales"]);
    assert_eq!(titles(&alice, "task_type=custom,data_analysis").await.len(), 2);
    assert_eq!(titles(&alice, "task_type=analysis").await.len(), 0);
    assert_eq!(titles(&alice, "created_after=2020-01-01T00:00:00%2B02:00").await.len(), 2);
    assert_eq!(titles(&alice, "created_before=2020-01-01T00:00:00Z").await.len(), 0);
    assert_eq!(titles(&alice, "template_id=0199f3a0-0000-7000-8000-000000000003").await.len(), 0);
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_is_named() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    for (query, field) in [
        ("status=busy", "query:status"),
        ("task_type=poem", "query:task_type"),
        ("template_id=7", "query:template_id"),
        ("created_after=yesterday", "query:created_after"),
        ("q=", "query:q"),
        ("skip=10", "query:skip"),
        ("limit=101", "query:limit"),
    ] {
        let answer = alice.get(&format!("/api/v1/tasks?{query}")).await;
        assert_eq!(
            (answer.status, answer.json["errors"][0]["field"].as_str()),
            (422, Some(field)),
            "{answer}"
        );
    }
}
