use ninja_testkit::TestApp;
use reqwest::Method;
use serde_json::json;

/// Every route of one task: `{id}` stands for it, `{step}` for its first step.
const ROUTES: [(&str, &str); 10] = [
    ("GET", "{id}"),
    ("GET", "{id}?wait_seconds=1"),
    ("GET", "{id}/steps"),
    ("GET", "{id}/steps/{step}/calls"),
    ("GET", "{id}/events"),
    ("GET", "{id}/explain"),
    ("GET", "{id}/usage"),
    ("POST", "{id}/clone"),
    ("POST", "{id}/cancel"),
    ("DELETE", "{id}"),
];

#[tokio::test]
async fn tasks_of_others_do_not_exist_and_administrators_leave_a_trace() {
    let app = TestApp::with().workers(0).start().await;
    let (alice, bob, root) =
        (app.user("alice").await, app.user("bob").await, app.admin("root").await);
    let id = alice.create_noop(1, 0).await;
    let steps = alice.get(&format!("/api/v1/tasks/{id}/steps")).await;
    let step = steps.json["data"][0]["id"].as_str().unwrap();
    let path = |route: &str| {
        format!("/api/v1/tasks/{}", route.replace("{id}", &id).replace("{step}", step))
    };
    for (method, route) in ROUTES {
        let method: Method = method.parse().unwrap();
        let ask = |client: &ninja_testkit::Client| client.request(method.clone(), &path(route));
        let refused = ninja_testkit::Answer::of(ask(&bob)).await;
        assert_eq!(
            (refused.status, refused.json["code"].as_str()),
            (404, Some("not_found")),
            "{route}"
        );
        let anonymous = ninja_testkit::Answer::of(ask(&app.anonymous())).await;
        assert_eq!(anonymous.status, 401, "{route}");
    }
    for (action, body) in [
        ("pause", json!({})),
        ("resume", json!({})),
        ("retry", json!({})),
        ("messages", json!({"content": "Hi"})),
        ("budget", json!({"add_calls": 1})),
    ] {
        let path = format!("/api/v1/tasks/{id}/{action}");
        assert_eq!(bob.post(&path, &body).await.status, 404, "{action}");
        assert_eq!(app.anonymous().post(&path, &body).await.status, 401, "{action}");
    }
    assert_eq!(bob.get("/api/v1/tasks").await.json["data"].as_array().map(Vec::len), Some(0));
    assert_eq!(bob.get("/api/v1/tasks?user_id=all").await.json["code"], "forbidden");
    for (method, route) in ROUTES {
        let answer =
            ninja_testkit::Answer::of(root.request(method.parse().unwrap(), &path(route))).await;
        assert!(answer.status < 300, "{route}: {answer}");
    }
    let client = app.database().client().await;
    let sql = "SELECT count(*) FROM audit_log WHERE object_id = $1 AND user_id <> \
               (SELECT id FROM users WHERE username = 'alice')";
    let traces: i64 = client.query_one(sql, &[&id]).await.unwrap().get(0);
    assert!(traces >= i64::try_from(ROUTES.len()).unwrap(), "{traces}");
}

#[tokio::test]
async fn an_administrator_lists_their_own_tasks_unless_they_ask_for_others() {
    let app = TestApp::with().workers(0).start().await;
    let (alice, root) = (app.user("alice").await, app.admin("root").await);
    let id = alice.create_noop(1, 0).await;
    assert_eq!(root.get("/api/v1/tasks").await.json["data"].as_array().map(Vec::len), Some(0));
    let all = root.get("/api/v1/tasks?user_id=all").await;
    assert_eq!(all.json["data"][0]["id"].as_str(), Some(id.as_str()));
    let owner = all.json["data"][0]["user_id"].as_str().unwrap();
    let hers = root.get(&format!("/api/v1/tasks?user_id={owner}")).await;
    assert_eq!(hers.json["data"].as_array().map(Vec::len), Some(1));
}
