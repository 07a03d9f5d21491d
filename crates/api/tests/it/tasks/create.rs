use insta::assert_snapshot;
use ninja_testkit::TestApp;
use serde_json::{Value, json};

/// A request for a custom task with these parameters.
fn drill(parameters: impl Into<Value>) -> Value {
    let parameters: Value = parameters.into();
    json!({"description": "A drill", "task_type": "custom", "parameters": parameters})
}

#[tokio::test]
async fn a_task_is_answered_whole_with_its_defaults() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let answer = alice.post("/api/v1/tasks", &drill(json!({"agent": "noop", "steps": 2}))).await;
    assert_eq!(answer.status, 201, "{answer}");
    let id = answer.json["id"].as_str().unwrap();
    assert_eq!(answer.headers["location"], format!("/api/v1/tasks/{id}"));
    let mut task = answer.json.clone();
    for varying in ["id", "user_id", "created_at", "updated_at"] {
        assert!(task[varying].is_string(), "{varying}");
        task[varying] = json!("…");
    }
    insta::assert_json_snapshot!(task);
    assert_eq!(alice.get(&format!("/api/v1/tasks/{id}")).await.json, answer.json);
    app.invariants().await;
}

#[tokio::test]
async fn everything_that_is_wrong_is_named_with_its_place() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let bad = json!({
        "description": "", "task_type": "poetry", "colour": "red", "priority": "urgent", "tags": ["", 1],
        "metadata": {"k": 1}, "budget": {"max_calls": 0, "max_cost_usd": "1e3", "max_wall_seconds": 59, "speed": 1},
        "template_id": "x", "title": "t".repeat(201),
    });
    assert_snapshot!(alice.post("/api/v1/tasks", &bad).await);
    assert_snapshot!(alice.post("/api/v1/tasks", &json!({"description": "x"})).await, @"
    422 validation_failed: task_type must be given, or a template_id.
      /task_type required: must be given, or a template_id
    ");
    assert_snapshot!(
        alice.post("/api/v1/tasks", &drill(json!({"agent": "noop", "steps": 51, "naps": 1}))).await
    );
    let steps = json!({"steps": [
        {"key": "a", "agent_type": "coder", "capability": "code_execution", "depends_on": ["b"], "description": "x", "parameters": {"language": "python", "code": "1"}},
        {"key": "b", "agent_type": "coder", "capability": "code_execution", "depends_on": ["a"], "description": "x", "parameters": {"language": "python", "code": "2"}},
    ]});
    assert_snapshot!(alice.post("/api/v1/tasks", &drill(steps)).await);
    assert_eq!(alice.get("/api/v1/tasks").await.json["data"], json!([]));
}

#[tokio::test]
async fn what_this_build_does_not_have_is_not_available() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let research = json!({"description": "Find out", "task_type": "research"});
    let refused = alice.post("/api/v1/tasks", &research).await;
    let error = &refused.json["errors"][0];
    assert_eq!(
        (refused.status, &error["field"], &error["code"]),
        (422, &json!("/task_type"), &json!("not_available"))
    );
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("`research` is not in this build; available: "), "{message}");
    assert!(message.contains("analysis") && message.contains("code_execution"), "{message}");
    let analysis = json!({"description": "Describe", "task_type": "data_analysis"});
    assert_snapshot!(alice.post("/api/v1/tasks", &analysis).await, @"
    422 validation_failed: parameters/files must hold at least one table: an uploaded csv, tsv, json, jsonl or xlsx file.
      /parameters/files required: must hold at least one table: an uploaded csv, tsv, json, jsonl or xlsx file
    ");
    let mut with_model = drill(json!({"agent": "noop", "steps": 1}));
    with_model["model"] = json!("gpt-x");
    assert_snapshot!(alice.post("/api/v1/tasks", &with_model).await, @"
    422 validation_failed: model must be `provider/model`, such as `openai/gpt-5.4-mini`.
      /model pattern: must be `provider/model`, such as `openai/gpt-5.4-mini`
    ");
    with_model["model"] = json!("router/meta/llama");
    let made = alice.post("/api/v1/tasks", &with_model).await;
    assert_eq!((made.status, &made.json["model"]), (201, &json!("router/meta/llama")), "{made}");
    let template =
        json!({"description": "x", "template_id": "0199f3a0-0000-7000-8000-00000000ffff"});
    assert_snapshot!(alice.post("/api/v1/tasks", &template).await, @"
    422 validation_failed: template_id names no template that you can use.
      /template_id unknown_reference: names no template that you can use
    ");
}

#[tokio::test]
async fn the_drill_is_refused_where_the_operator_did_not_allow_it() {
    let app = TestApp::with().workers(0).set("NINJA_DRILL__ENABLED", "false").start().await;
    let alice = app.user("alice").await;
    let answer = alice.post("/api/v1/tasks", &drill(json!({"agent": "noop", "steps": 1}))).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.json["errors"][0]["code"], "not_available", "{answer}");
}

#[tokio::test]
async fn limits_of_the_role_hold() {
    let app =
        TestApp::with().workers(0).set("NINJA_LIMITS__USER__TASKS_PER_DAY", "1").start().await;
    let alice = app.user("alice").await;
    let mut high = drill(json!({"agent": "noop", "steps": 1}));
    high["priority"] = json!("high");
    assert_snapshot!(alice.post("/api/v1/tasks", &high).await, @"
    403 plan_limit: Your role does not allow this: must be normal.
      /priority too_large: must be normal
    ");
    let mut dear = drill(json!({"agent": "noop", "steps": 1}));
    dear["budget"] = json!({"max_cost_usd": "5.000001"});
    assert_snapshot!(alice.post("/api/v1/tasks", &dear).await, @"
    403 plan_limit: Your role does not allow this: must be <= 5.000000.
      /budget/max_cost_usd too_large: must be <= 5.000000
    ");
    alice.create_noop(1, 0).await;
    let refused = alice.post("/api/v1/tasks", &drill(json!({"agent": "noop", "steps": 1}))).await;
    assert_eq!((refused.status, &refused.json["code"]), (429, &json!("quota_exceeded")));
    let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=86_400).contains(&wait), "{wait}");
}

#[tokio::test]
async fn a_language_that_no_worker_has_is_named_with_those_that_are_there() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let steps = json!({"steps": [{"key": "a", "agent_type": "coder", "capability": "code_execution",
        "description": "x", "parameters": {"language": "py", "code": "1"}}]});
    assert_snapshot!(alice.post("/api/v1/tasks", &drill(steps)).await, @"
    422 language_unavailable: A language of this task cannot be had: no worker of the last day runs programs.
      /parameters/steps/0/parameters/language not_available: cannot be had: no worker of the last day runs programs
    ");
}

#[tokio::test]
async fn files_of_others_are_as_unknown_as_files_that_never_were() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let file = bob.upload("a.py", "print(1)").await.json["id"].clone();
    let steps = json!({"files": [file, "0199f3a0-0000-7000-8000-00000000ffff"], "steps": [{"key": "a",
        "agent_type": "coder", "capability": "code_execution", "description": "x",
        "parameters": {"language": "python", "code": "1"}}]});
    assert_snapshot!(alice.post("/api/v1/tasks", &drill(steps)).await, @"
    422 validation_failed: parameters/files/0 names no file of yours (and 1 more).
      /parameters/files/0 unknown_reference: names no file of yours
      /parameters/files/1 unknown_reference: names no file of yours
    ");
}

#[tokio::test]
async fn a_task_runs_to_its_end() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(3, 1).await;
    let task = alice.wait_task(&id, "completed").await;
    assert_eq!(task["progress"], 100);
    assert_eq!(task["plan"]["steps_completed"], 3);
    assert!(task["result"]["summary"].is_string());
    assert_eq!(task["error"], Value::Null);
    assert!(task["started_at"].is_string() && task["completed_at"].is_string());
    app.invariants().await;
}
