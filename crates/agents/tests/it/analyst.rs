//! What every computation does whatever it computes: it runs once, keeps its journal small, and refuses by name.

use ninja_agents::{InputFile, StepError};
use ninja_testkit::TestBench;
use ninja_types::{AgentKind, FailureCode, FileId};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::journal::Journal;
use crate::references::{run, step};

#[tokio::test]
async fn a_column_is_described_and_a_second_attempt_runs_no_program() {
    let bench = TestBench::open().await;
    let bytes = b"name,size\na,1\nb,2\nc,4\nd,\n".to_vec();
    let sha256 = bench.keep("t.csv", bytes).await;
    let file = InputFile { id: FileId::new(), filename: "t.csv".to_owned(), sha256 };
    let parameters = json!({ "data": { "file_id": file.id }, "columns": ["size"] });
    let work = step("descriptive_statistics", parameters, vec![file.clone()]);
    let (journal, stop) = (Journal::default(), CancellationToken::new());
    let done = ninja_agents::run(&work, (&bench.bench, &bench.models), &journal, &stop)
        .await
        .expect("done");
    let size = &done.output["result"]["columns"][0];
    assert_eq!(
        (&size["count"], &size["missing"], &size["median"]),
        (&json!(3), &json!(1), &json!(2.0))
    );
    assert!((size["mean"].as_f64().unwrap() - 7.0 / 3.0).abs() < 1e-15, "{size}");
    assert_eq!(done.output["inputs"]["file_sha256"], json!(file.sha256));
    let checks: Vec<_> = done.checks.iter().map(|check| (check.name, check.passed)).collect();
    assert_eq!(checks, [("exit_code", true), ("file_hash", true), ("schema_valid", true)]);
    assert_eq!(done.summary, "Described 1 column of 4 rows.");
    assert_eq!(journal.made(), ["run_program"]);
    assert!(journal.largest() < 2_000, "{} bytes in the journal", journal.largest());
    let journal = journal.of_a_new_attempt();
    let again = ninja_agents::run(&work, (&bench.bench, &bench.models), &journal, &stop)
        .await
        .expect("done again");
    assert_eq!(journal.made(), [""; 0]);
    assert_eq!(again.output, done.output);
}

#[tokio::test]
async fn an_input_that_is_at_fault_is_refused_by_name_and_place() {
    let bench = TestBench::open().await;
    let rows = json!([{ "a": 1 }, { "a": 2 }]);
    let parameters = json!({ "data": { "rows": rows }, "columns": ["b"] });
    let refused = run(&step("descriptive_statistics", parameters, vec![]), &bench).await;
    let Err(StepError::Fail(failure)) = refused else { panic!("{refused:?}") };
    assert_eq!(failure.code, FailureCode::InputInvalid);
    assert_eq!(failure.data, json!({ "reason": "unknown_column", "path": "/columns/0" }));
    let gone = json!({ "data": { "file_id": FileId::new() } });
    let refused = run(&step("descriptive_statistics", gone, vec![]), &bench).await;
    let Err(StepError::Fail(failure)) = refused else { panic!("{refused:?}") };
    assert_eq!(failure.code, FailureCode::InputMissing);
}

#[tokio::test]
async fn every_example_of_the_catalogue_runs() {
    let bench = TestBench::open().await;
    let cards = ninja_agents::Catalogue::new(false).agents();
    let analyst = cards.iter().find(|card| card.kind == AgentKind::Analyst).expect("it is there");
    for capability in &analyst.capabilities {
        let planned = ninja_agents::Catalogue::new(false).invoke(
            AgentKind::Analyst,
            capability.name,
            &capability.example,
        );
        let step_inputs = planned.expect(capability.name).steps.remove(0).inputs;
        let work = step(capability.name, step_inputs["parameters"].clone(), vec![]);
        let done = run(&work, &bench).await;
        assert!(done.is_ok(), "{}: {done:?}", capability.name);
    }
}
