use ninja_testkit::TestApp;
use serde_json::json;

#[tokio::test]
async fn steps_come_in_the_order_of_the_plan_with_all_their_fields() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(3, 0).await;
    alice.wait_task(&id, "completed").await;
    let answer = alice.get(&format!("/api/v1/tasks/{id}/steps")).await;
    assert_eq!(
        (&answer.json["has_more"], &answer.json["next_cursor"]),
        (&json!(false), &json!(null))
    );
    let steps = answer.json["data"].as_array().unwrap();
    let numbers: Vec<_> = steps.iter().map(|step| step["step_number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(steps[1]["depends_on"], json!([steps[0]["id"]]));
    let mut first = steps[0].clone();
    for varying in
        ["id", "task_id", "worker_id", "created_at", "ready_at", "started_at", "completed_at"]
    {
        assert!(first[varying].is_string(), "{varying}");
        first[varying] = json!("…");
    }
    insta::assert_json_snapshot!(first);
    let unknown = alice.get(&format!("/api/v1/tasks/{id}/steps?limit=2")).await;
    assert_eq!(unknown.status, 422, "a full list takes no limit: {unknown}");
}

#[tokio::test]
async fn a_step_that_was_never_run_has_no_calls_and_one_of_another_task_is_not_found() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let (one, two) = (alice.create_noop(1, 0).await, alice.create_noop(1, 0).await);
    let steps = alice.get(&format!("/api/v1/tasks/{one}/steps")).await;
    let step = steps.json["data"][0]["id"].as_str().unwrap().to_owned();
    let calls = alice.get(&format!("/api/v1/tasks/{one}/steps/{step}/calls")).await;
    assert_eq!(calls.json, json!({"data": [], "next_cursor": null, "has_more": false}));
    let stranger = alice.get(&format!("/api/v1/tasks/{two}/steps/{step}/calls")).await;
    assert_eq!(stranger.status, 404, "{stranger}");
}

#[tokio::test]
async fn calls_are_paged_oldest_first_and_long_ones_are_cut() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(1, 0).await;
    let steps = alice.get(&format!("/api/v1/tasks/{id}/steps")).await;
    let step = steps.json["data"][0]["id"].as_str().unwrap().to_owned();
    let sql = format!(
        "INSERT INTO step_calls (step_id, call_no, epoch, kind, name, effect, state, request_hash, request, response, started_at, answered_at)
         SELECT '{step}', n, 1, 'tool', 'run_code', 'pure', 'done', '', jsonb_build_object('n', n),
                jsonb_build_object('stdout', repeat('x', CASE n WHEN 2 THEN 100000 ELSE 3 END)), now(), now()
           FROM generate_series(1, 3) AS n"
    );
    app.database().client().await.execute(&sql, &[]).await.unwrap();
    let path = format!("/api/v1/tasks/{id}/steps/{step}/calls");
    let page = alice.get(&format!("{path}?limit=2")).await;
    let cursor = page.json["next_cursor"].as_str().unwrap();
    assert_eq!(page.json["data"][0]["response"], json!({"stdout": "xxx"}));
    assert_eq!(page.json["data"][1]["response"]["truncated"], true);
    assert_eq!(page.json["data"][1]["response"]["text"].as_str().unwrap().len(), 65536);
    let rest = alice.get(&format!("{path}?limit=2&cursor={cursor}")).await;
    assert_eq!(rest.json["data"][0]["call_no"], 3);
    let mut call = rest.json["data"][0].clone();
    for varying in ["started_at", "finished_at"] {
        call[varying] = json!("…");
    }
    insta::assert_json_snapshot!(call);
}
