use ninja_api::{Grant, Operation, Registry};
use ninja_testkit::{Answer, Client, TestApp};
use ninja_types::Role;
use reqwest::Method;

/// An id that nothing has.
const NOBODY: &str = "01990000-0000-7000-8000-000000000000";

fn operations() -> Vec<Operation> {
    let registry = Registry::new(&ninja_api::openapi()).expect("every route is described");
    registry.operations().cloned().collect()
}

/// The body of a route that takes none but a good one: else that is what it would speak of.
fn body(operation: &str) -> Option<serde_json::Value> {
    match operation {
        "postTaskMessage" => Some(serde_json::json!({"content": "Hi"})),
        "raiseTaskBudget" => Some(serde_json::json!({"add_calls": 1})),
        _ => None,
    }
}

async fn call(client: &Client, operation: &Operation) -> Answer {
    let path: Vec<&str> = operation
        .path
        .split('/')
        .map(|part| if part.starts_with('{') { NOBODY } else { part })
        .collect();
    let method: Method = operation.method.as_str().parse().expect("a method");
    Answer::of(client.request(method, &path.join("/"))).await
}

#[tokio::test]
async fn a_route_opens_to_those_whom_its_description_names_and_to_nobody_else() {
    let app = TestApp::with().workers(0).start().await;
    let user = app.user("alice").await;
    let mut wrong = Vec::new();
    for operation in operations() {
        if operation.id == "logout" {
            continue; // it ends the session that the rest needs; it has its own tests
        }
        let stranger = call(&app.anonymous(), &operation).await.status;
        let alice = call(&user, &operation).await;
        let closed = matches!(operation.grant, Grant::Metrics)
            || matches!(operation.grant, Grant::Scope(scope) if !scope.is_for(Role::User));
        let stranger_ok =
            if operation.grant == Grant::Public { stranger != 401 } else { stranger == 401 };
        let public_login =
            operation.path.starts_with("/api/v1/auth/") && operation.grant == Grant::Public;
        let alice_ok = if closed {
            alice.status == 403
        } else {
            public_login || ![401, 403, 500].contains(&alice.status)
        };
        if !stranger_ok || !alice_ok {
            wrong.push(format!("{}: stranger {stranger}, user {alice}", operation.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_disabled_user_is_refused_everywhere_within_five_seconds() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let sql = "UPDATE users SET is_active = false";
    app.database().client().await.execute(sql, &[]).await.unwrap();
    let mut pause = tokio::time::interval(std::time::Duration::from_millis(200));
    let since = std::time::Instant::now();
    while alice.get("/api/v1/auth/me").await.status != 401 {
        assert!(since.elapsed().as_secs() < 6, "still let in");
        pause.tick().await;
    }
    for operation in operations().iter().filter(|operation| operation.grant != Grant::Public) {
        let answer = call(&alice, operation).await;
        assert_eq!(
            (answer.status, &answer.json["code"]),
            (401, &"session_revoked".into()),
            "{}",
            operation.id
        );
    }
}

#[tokio::test]
async fn an_administrator_reads_the_metrics_and_so_does_the_collector() {
    let app = TestApp::with()
        .workers(0)
        .set("NINJA_METRICS__TOKEN", "collect-me-if-you-can")
        .start()
        .await;
    let collector = app.anonymous().with_token("collect-me-if-you-can");
    for reader in [app.admin("root").await, collector] {
        let (status, text) = reader.bytes("/metrics").await;
        let text = String::from_utf8(text).unwrap();
        assert_eq!(status, 200);
        assert!(text.contains("ninja_build_info") && text.contains("ninja_db_up 1"), "{text}");
        let queue = r#"ninja_jobs{pool="coder",state="ready"} 0"#;
        assert!(text.contains(queue), "every pool has its depth, the empty ones too: {text}");
    }
    let refused = app.user("alice").await.get("/metrics").await;
    insta::assert_snapshot!(refused, @"403 forbidden: This needs an administrator.");
    let sql =
        "SELECT count(*) FROM audit_log WHERE action = 'admin.refused' AND outcome = 'refused'";
    let rows: i64 = app.database().client().await.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn what_belongs_to_another_is_as_absent_as_what_does_not_exist() {
    let app = TestApp::start().await;
    let (alice, eve) = (app.user("alice").await, app.user("eve").await);
    let admin = app.admin("root").await;
    let task = alice.create_noop(1, 0).await;
    alice.wait_task(&task, "completed").await;
    let file = alice.upload("a.txt", "hello").await.json["id"].as_str().expect("an id").to_owned();
    let steps = alice.get(&format!("/api/v1/tasks/{task}/steps")).await;
    let step = steps.json["data"][0]["id"].as_str().expect("a step has an id").to_owned();
    let mut looked = 0;
    for operation in operations() {
        let own = match operation.path.split('/').nth(3) {
            Some("tasks") if !operation.path.contains("templates") => &task,
            Some("files") => &file,
            _ => continue,
        };
        if !operation.path.contains("{id}") {
            continue;
        }
        let path = operation.path.replace("{id}", own).replace("{step_id}", &step);
        let method: Method = operation.method.as_str().parse().expect("a method");
        let ask = async |client: &Client, path: &str| {
            let request = client.request(method.clone(), path);
            let request = match body(&operation.id) {
                Some(body) => request.json(&body),
                None => request,
            };
            let mut answer = Answer::of(request).await;
            answer.json["request_id"] = serde_json::Value::Null;
            answer
        };
        let others = ask(&eve, &path).await;
        let nobodys = ask(&eve, &path.replace(own, NOBODY)).await;
        assert_eq!((others.status, &others.json), (404, &nobodys.json), "{path}");
        if method == Method::GET {
            let (status, _) = alice.bytes(&path).await;
            assert_eq!(status, 200, "its owner: {path}");
            let (status, _) = admin.bytes(&path).await;
            assert_eq!(status, 200, "an administrator: {path}");
            looked += 1;
        }
    }
    assert!(looked >= 8, "only {looked} routes were looked at");
    let sql = "SELECT count(*) FROM audit_log WHERE action = 'admin.access'";
    let rows: i64 = app.database().client().await.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(rows, looked, "each look of the administrator is an audit row");
}
