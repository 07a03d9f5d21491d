//! Numbers that an independent computation gave, against those of the programs in the sandbox.

use std::path::{Path, PathBuf};

use ninja_agents::{InputFile, StepDone, StepError, StepInputs, StepWork};
use ninja_testkit::TestBench;
use ninja_types::{AgentKind, FileId, StepId, TaskId};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::journal::Journal;

/// One computation, and what it must give.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    /// Who says so.
    source: String,
    program: String,
    /// Names of files in `tests/data`.
    #[serde(default)]
    data: Vec<String>,
    #[serde(default)]
    rows: Option<Vec<Value>>,
    #[serde(default)]
    arguments: Map<String, Value>,
    #[serde(default)]
    expect: Vec<Expected>,
    /// The reason with which it must be refused.
    #[serde(default)]
    error: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    pointer: String,
    value: Value,
    #[serde(default)]
    relative: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum File {
    Many(Vec<Reference>),
    One(Box<Reference>),
}

/// Fails with everything in the file that does not hold.
pub(crate) async fn hold(file: &str) {
    let text = std::fs::read_to_string(file).expect("the file of references");
    let references = match serde_json::from_str(&text).expect("references") {
        File::Many(many) => many,
        File::One(one) => vec![*one],
    };
    assert!(!references.is_empty(), "{file} holds no reference");
    let bench = TestBench::open().await;
    let mut wrong = Vec::new();
    for (number, reference) in references.iter().enumerate() {
        for fault in reference.faults(&bench).await {
            wrong.push(format!("{number} {} ({}): {fault}", reference.program, reference.source));
        }
    }
    assert!(wrong.is_empty(), "{} of {file} do not hold:\n{}", wrong.len(), wrong.join("\n"));
}

impl Reference {
    async fn faults(&self, bench: &TestBench) -> Vec<String> {
        if self.expect.is_empty() == self.error.is_none() {
            return vec!["it must name either values or an error".to_owned()];
        }
        let work = self.work(bench).await;
        match (run(&work, bench).await, &self.error) {
            (Ok(done), None) => {
                self.expect.iter().filter_map(|it| it.fault(&done.output)).collect()
            }
            (Ok(_), Some(error)) => vec![format!("it was not refused with {error}")],
            (Err(StepError::Fail(failure)), Some(error))
                if failure.data["reason"] == error.as_str() =>
            {
                Vec::new()
            }
            (Err(other), _) => vec![format!("{other:?}")],
        }
    }

    /// The step that a plan would make of it.
    async fn work(&self, bench: &TestBench) -> StepWork {
        let (mut files, mut tables) = (Vec::new(), Vec::new());
        for name in &self.data {
            let bytes = std::fs::read(data(name)).expect("a file of tests/data");
            let (id, sha256) = (FileId::new(), bench.keep(name, bytes).await);
            files.push(InputFile { id, filename: name.clone(), sha256 });
            tables.push(json!({ "file_id": id }));
        }
        tables.extend(self.rows.iter().map(|rows| json!({ "rows": rows })));
        let mut parameters = Value::Object(self.arguments.clone());
        if self.program == "comparative_analysis" {
            for (i, table) in tables.into_iter().enumerate() {
                parameters["datasets"][i]["data"] = table;
            }
        } else {
            parameters["data"] = tables.remove(0);
        }
        step(&self.program, parameters, files)
    }
}

impl Expected {
    fn fault(&self, document: &Value) -> Option<String> {
        let found = document.pointer(&self.pointer);
        let holds = match (found, &self.value, self.relative) {
            (Some(found), Value::Number(wanted), Some(relative)) => {
                found.as_f64().zip(wanted.as_f64()).is_some_and(|(a, b)| near(a, b, relative))
            }
            (Some(found), Value::Number(wanted), None) => found.as_f64() == wanted.as_f64(),
            (found, wanted, _) => found == Some(wanted),
        };
        let found = found.map_or("nothing".to_owned(), Value::to_string);
        (!holds).then(|| format!("{} is {found}, not {}", self.pointer, self.value))
    }
}

/// Relative to what is expected; around zero to a millionth of it.
fn near(found: f64, wanted: f64, relative: f64) -> bool {
    (found - wanted).abs() <= relative * wanted.abs().max(relative * 1e-6)
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// A step of the Analyst.
pub(crate) fn step(capability: &str, parameters: Value, files: Vec<InputFile>) -> StepWork {
    StepWork {
        task: TaskId::new(),
        title: "a task".to_owned(),
        model: None,
        description: "of a test".to_owned(),
        step: StepId::new(),
        agent: AgentKind::Analyst,
        capability: Some(capability.to_owned()),
        inputs: StepInputs { parameters, files: Vec::new() },
        results: std::collections::BTreeMap::default(),
        files,
        artifacts: Vec::new(),
    }
}

/// Runs it with a journal of its own.
pub(crate) async fn run(work: &StepWork, bench: &TestBench) -> Result<StepDone, StepError> {
    let (journal, stop) = (Journal::default(), CancellationToken::new());
    ninja_agents::run(work, (&bench.bench, &bench.models), &journal, &stop).await
}
