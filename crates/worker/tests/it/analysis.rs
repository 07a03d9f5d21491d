//! A table becomes a report, from the upload to the figures, with the real API, worker, sandbox and programs. What is
//! computed is compared with plain sums over the same file.

use ninja_testkit::{Client, TestApp};
use serde_json::{Value, json};

use crate::sums::Sums;

const PENGUINS: &str = include_str!("../../../../examples/penguins.csv");
const MEASURES: [&str; 4] = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"];

async fn upload(client: &Client, name: &str, text: &str) -> String {
    let answer = client.upload(name, text).await;
    assert_eq!(answer.status, 201, "{answer}");
    answer.json["id"].as_str().unwrap().to_owned()
}

fn task(file: &str) -> Value {
    json!({
        "task_type": "analysis", "title": "Penguins", "description": "How do the species differ?",
        "parameters": { "files": [file], "group_by": "species" },
    })
}

/// A task of one step `it` of the Analyst.
fn one_step(capability: &str, data: &Value) -> Value {
    let step = json!({
        "key": "it", "agent_type": "analyst", "capability": capability,
        "parameters": { "data": data },
    });
    json!({
        "task_type": "custom", "description": "One step", "parameters": { "steps": [step] },
    })
}

/// The steps of a task by key.
async fn steps(client: &Client, task: &str) -> serde_json::Map<String, Value> {
    let steps = client.get(&format!("/api/v1/tasks/{task}/steps")).await;
    let steps = steps.json["data"].as_array().cloned().unwrap_or_default();
    steps.into_iter().map(|step| (step["key"].as_str().unwrap().to_owned(), step)).collect()
}

#[tokio::test]
async fn the_penguins_are_described_as_plain_sums_describe_them() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let file = upload(&alice, "penguins.csv", PENGUINS).await;
    let id = alice.create(&task(&file)).await;
    let done = alice.wait_task(&id, "completed").await;
    let steps = steps(&alice, &id).await;
    assert_eq!(done["result"]["output"]["not_done"], json!([]), "{done}");
    let described = &steps["describe"]["result"]["result"];
    let mut compared = 0;
    for measure in MEASURES {
        compared += Sums::of(PENGUINS, measure, None).compare(column(described, measure));
        for group in described["groups"].as_array().unwrap() {
            let species = group["value"].as_str().unwrap();
            let sums = Sums::of(PENGUINS, measure, Some(("species", species)));
            compared += sums.compare(column(group, measure));
        }
    }
    assert_eq!(compared, MEASURES.len() * 4 * 7, "every figure of every column and species");
    for (key, step) in &steps {
        assert_eq!(step["status"], "completed", "{key}: {}", step["error"]);
        let checks = step["checks"].as_array().unwrap();
        assert!(!checks.is_empty() && checks.iter().all(|check| check["passed"] == true), "{key}");
    }
    let main = done["result"]["main_artifact_id"].as_str().unwrap();
    let main = alice.get(&format!("/api/v1/artifacts/{main}")).await;
    assert_eq!(main.json["path"], "report.md");
    app.invariants().await;
}

fn column<'a>(of: &'a Value, name: &str) -> &'a Value {
    let columns = of["columns"].as_array().unwrap();
    columns.iter().find(|column| column["name"] == name).expect("the column is described")
}

/// The journal of a finished analysis, given to its twin: as if every worker had died after its calls were answered
/// and before its step was settled.
#[tokio::test]
async fn a_takeover_runs_no_program_whose_answer_is_stored() {
    let mut app = TestApp::start().await;
    let alice = app.user("alice").await;
    let file = upload(&alice, "penguins.csv", PENGUINS).await;
    let first = alice.create(&task(&file)).await;
    alice.wait_task(&first, "completed").await;
    app.worker(0).sigterm();
    assert!(app.worker(0).exited().await.success());
    let second = alice.create(&task(&file)).await;
    let columns = "call_no, epoch, kind, name, effect, state, request_hash, request, response, \
        error, usage, cost, started_at, answered_at";
    let copy = format!(
        "WITH answered AS (SELECT s.key, c.* FROM step_calls c JOIN steps s ON s.id = c.step_id
              WHERE s.task_id = '{first}' AND c.name = 'run_program')
         INSERT INTO step_calls (step_id, {columns})
         SELECT (SELECT id FROM steps t WHERE t.task_id = '{second}' AND t.key = answered.key), {columns}
           FROM answered"
    );
    app.database().client().await.batch_execute(&copy).await.unwrap();
    app.worker(0).start_again().await;
    alice.wait_task(&second, "completed").await;
    let events = alice.events(&second).await;
    let programs: Vec<_> = events
        .iter()
        .filter(|event| event["type"].as_str().is_some_and(|kind| kind.starts_with("call.")))
        .filter(|event| event["data"]["name"] == "run_program")
        .collect();
    assert!(programs.is_empty(), "programs ran again: {programs:?}");
    let (first, second) = (steps(&alice, &first).await, steps(&alice, &second).await);
    for (key, step) in first {
        let (a, b) = (&step["result"]["result"], &second[&key]["result"]["result"]);
        assert!(["clean", "report"].contains(&&*key) || a == b, "{key} differs");
    }
    app.invariants().await;
}

#[tokio::test]
async fn a_column_that_is_not_there_fails_the_task_with_its_name() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let file = upload(&alice, "t.csv", "a,b\n1,2\n2,3\n").await;
    let mut task = task(&file);
    task["parameters"]["group_by"] = json!("species");
    let id = alice.create(&task).await;
    let failed = alice.wait_task(&id, "failed").await;
    assert_eq!(failed["error"]["code"], "input_invalid", "{failed}");
    assert_eq!(failed["error"]["data"]["reason"], "unknown_column", "{failed}");
    app.invariants().await;
}

#[tokio::test]
async fn an_artifact_of_an_earlier_task_is_a_table_of_a_later_one() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let file = upload(&alice, "t.csv", "a\n 1\n2\n2\n").await;
    let id = alice.create(&one_step("data_cleaning", &json!({ "file_id": file }))).await;
    let cleaned = alice.wait_task(&id, "completed").await;
    let cleaned = &cleaned["result"]["output"]["it"]["result"];
    let artifact = cleaned["cleaned"]["artifact_id"].as_str().expect("it kept the table");
    let next = one_step("descriptive_statistics", &json!({ "artifact_id": artifact }));
    let id = alice.create(&next).await;
    let described = alice.wait_task(&id, "completed").await;
    let rows = &described["result"]["output"]["it"]["inputs"]["rows"];
    assert_eq!(rows, &cleaned["rows_out"]);
    let refused = bob.post("/api/v1/tasks", &next).await;
    assert_eq!(refused.status, 422, "{refused}");
    assert_eq!(refused.json["errors"][0]["code"], "unknown_reference", "{refused}");
    let pointer = "/parameters/steps/0/parameters/data/artifact_id";
    assert_eq!(refused.json["errors"][0]["field"], pointer, "{refused}");
}

#[tokio::test]
async fn without_its_libraries_a_step_waits_and_names_them() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let database = app.database().client().await;
    let provided = "SELECT array_to_string(provides, ' ') FROM workers WHERE state = 'alive'";
    let provided: String = database.query_one(provided, &[]).await.unwrap().get(0);
    assert!(provided.contains("python3-statsmodels"), "proven at the start: {provided}");
    database
        .batch_execute("UPDATE workers SET provides = '{python,python3-pandas}'")
        .await
        .unwrap();
    let id =
        alice.create(&one_step("descriptive_statistics", &json!({ "rows": [{ "a": 1 }] }))).await;
    let explained = alice.get(&format!("/api/v1/tasks/{id}/explain")).await;
    let reason = &explained.json["reasons"][0];
    assert_eq!(reason["code"], "no_worker", "{explained}");
    assert!(reason["detail"].as_str().unwrap().contains("python3-scipy"), "{explained}");
    let cancelled = alice.post_empty(&format!("/api/v1/tasks/{id}/cancel")).await;
    assert_eq!(cancelled.status, 200, "{cancelled}");
    app.invariants().await;
}

#[tokio::test]
async fn an_analysis_without_a_table_is_refused() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let file = upload(&alice, "notes.txt", "no table").await;
    let refused = alice.post("/api/v1/tasks", &task(&file)).await;
    assert_eq!(refused.status, 422, "{refused}");
    assert_eq!(refused.json["errors"][0]["field"], "/parameters/files", "{refused}");
}
