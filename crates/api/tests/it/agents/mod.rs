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
