use ninja_testkit::TestApp;
use serde_json::{Value, json};

fn names(list: &Value, field: &str) -> Vec<String> {
    let rows = list["data"].as_array().expect("a list");
    rows.iter().filter_map(|row| row[field].as_str()).map(str::to_owned).collect()
}

#[tokio::test]
async fn who_is_there_and_what_can_be_asked_of_them() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let agents = alice.get("/api/v1/agents").await.json;
    assert!(names(&agents, "type").contains(&"coder".to_owned()), "{agents}");
    let coder = alice.get("/api/v1/agents/coder").await.json;
    assert_eq!(
        (&coder["pool"], &coder["workers"], &coder["available"]),
        (&json!("coder"), &json!(1), &json!(true))
    );
    let runs = coder["supported_languages"].as_array().expect("a list");
    assert!(runs.contains(&json!("python")) && runs.contains(&json!("bash")), "{coder}");
    let asked = alice.get("/api/v1/agents/coder/capabilities").await.json;
    assert_eq!(names(&asked, "name"), ["code_execution"]);
    let execution = &asked["data"][0];
    assert_eq!(
        (&execution["available"], &execution["unavailable_code"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(execution["parameters"]["properties"]["timeout_s"]["maximum"], 120);
    assert!(execution["result"]["properties"]["stdout"].is_object(), "{execution}");
    insta::assert_snapshot!(alice.get("/api/v1/agents/astrologer").await, @"404 not_found: There is no such object.");
    insta::assert_snapshot!(alice.get("/api/v1/agents/planner/capabilities").await, @"404 not_found: There is no such object.");
}

#[tokio::test]
async fn languages_are_those_that_live_workers_proved() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let languages = alice.get("/api/v1/languages").await.json;
    let python =
        languages["data"].as_array().expect("a list").iter().find(|row| row["id"] == "python");
    let python = python.expect("the test machine has it");
    assert_eq!((&python["executable"], &python["workers"]), (&json!(true), &json!(1)));
    assert!(
        python["versions"][0].as_str().is_some_and(|version| version.starts_with('3')),
        "{python}"
    );
    assert!(python["aliases"].as_array().is_some_and(|all| all.contains(&json!("py"))), "{python}");
}

#[tokio::test]
async fn without_a_worker_nothing_runs_and_the_answer_says_so() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    assert_eq!(alice.get("/api/v1/languages").await.json["data"], json!([]));
    let coder = alice.get("/api/v1/agents/coder").await.json;
    assert_eq!((&coder["workers"], &coder["available"]), (&json!(0), &json!(false)));
    let asked = alice.get("/api/v1/agents/coder/capabilities").await.json;
    assert_eq!(asked["data"][0]["unavailable_code"], "sandbox_unavailable");
}

#[tokio::test]
async fn a_capability_is_invoked_alone_and_waited_for() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let path = "/api/v1/agents/coder/capabilities/code_execution/invoke";
    let body = json!({
        "parameters": { "language": "bash", "code": "echo hello" }, "wait_seconds": 60,
    });
    let task = alice.post(path, &body).await;
    assert_eq!((task.status, &task.json["status"]), (201, &json!("completed")), "{task}");
    assert_eq!(
        (&task.json["task_type"], &task.json["plan"]["source"]),
        (&json!("custom"), &json!("capability"))
    );
    assert_eq!(task.json["result"]["output"]["code_execution"]["stdout"], "hello\n");
    let location = task.headers["location"].to_str().expect("a path").to_owned();
    assert_eq!(alice.get(&location).await.json["title"], "code_execution");
    assert_eq!(bob.get(&location).await.status, 404);
    let wrong = json!({ "parameters": { "language": "bash", "timeout_s": 0 } });
    let refused = alice.post(path, &wrong).await;
    assert_eq!(
        (refused.status, &refused.json["errors"][0]["field"]),
        (422, &json!("/parameters/timeout_s")),
        "{refused}"
    );
    let unknown = "/api/v1/agents/coder/capabilities/palm_reading/invoke";
    assert_eq!(alice.post(unknown, &json!({ "parameters": {} })).await.status, 404);
}

#[tokio::test]
async fn an_invocation_is_made_once_and_within_the_limits_of_its_user() {
    let app =
        TestApp::with().workers(0).set("NINJA_LIMITS__USER__TASKS_PER_DAY", "1").start().await;
    let alice = app.user("alice").await;
    let path = "/api/v1/agents/analyst/capabilities/descriptive_statistics/invoke";
    let lately = "INSERT INTO workers (id, host, version, roles, pools, provides, sandbox, concurrency, lease_until)
        VALUES (gen_random_uuid(), '', '', '{}', '{}', '{python,python3-pandas,python3-numpy,python3-scipy,python3-openpyxl,python3-statsmodels,python3-matplotlib}', '{}', 1, now())";
    app.database().client().await.execute(lately, &[]).await.expect("a worker of today");
    let ask = async |body: &Value| {
        let request = alice.request(reqwest::Method::POST, path).header("Idempotency-Key", "k");
        ninja_testkit::Answer::of(request.json(body)).await
    };
    let body = json!({ "parameters": { "data": { "rows": [{ "a": 1 }, { "a": 2 }] } } });
    let high = json!({ "parameters": body["parameters"], "priority": "high" });
    assert_eq!(ask(&high).await.json["code"], "plan_limit");
    let first = ask(&body).await;
    assert_eq!(first.status, 201, "{first}");
    let again = ask(&body).await;
    assert_eq!(
        (&again.json["id"], &again.headers["idempotency-replayed"]),
        (&first.json["id"], &"true".parse().expect("a value"))
    );
    let third = alice.post(path, &body).await;
    assert_eq!((third.status, &third.json["code"]), (429, &json!("quota_exceeded")), "{third}");
}
