//! Programs of users, from the request to the download: the real API, the real worker, the real sandbox.

use insta::assert_snapshot;
use ninja_testkit::{Client, TestApp};
use serde_json::{Value, json};

/// A task of one step `run` with these arguments.
pub(crate) fn task(files: &[&str], parameters: &Value) -> Value {
    let step = json!({
        "key": "run", "agent_type": "coder", "capability": "code_execution",
        "parameters": parameters,
    });
    json!({
        "task_type": "custom", "description": "Run it",
        "parameters": { "files": files, "steps": [step] },
    })
}

pub(crate) fn program(language: &str, code: &str) -> Value {
    task(&[], &json!({ "language": language, "code": code }))
}

/// Creates the task and waits for its end; answers what its step `run` answered.
async fn completed(client: &Client, task: &Value) -> Value {
    let id = client.create(task).await;
    let task = client.wait_task(&id, "completed").await;
    task["result"]["output"]["run"].clone()
}

async fn upload(client: &Client, name: &str, text: &str) -> String {
    let answer = client.upload(name, text).await;
    assert_eq!(answer.status, 201, "{answer}");
    answer.json["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_program_over_an_upload_makes_artifacts_that_can_be_downloaded() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let table = upload(&alice, "numbers.csv", "n\n1\n2\n3\n").await;
    let source = "import csv, json\n\
        rows = [int(row['n']) for row in csv.DictReader(open('numbers.csv'))]\n\
        factor = json.load(open('inputs.json'))['factor']\n\
        open('sum.txt', 'w').write(str(sum(rows) * factor))\n\
        print(len(rows), 'rows')\n";
    let source = upload(&alice, "analyse.py", source).await;
    let parameters = json!({
        "language": "py", "entry": "analyse.py", "files": [{ "file_id": source }],
        "inputs": { "factor": 7 },
    });
    let id = alice.create(&task(&[&table], &parameters)).await;
    let done = alice.wait_task(&id, "completed").await;
    let run = &done["result"]["output"]["run"];
    assert_eq!((&run["status"], &run["stdout"]), (&json!("ok"), &json!("3 rows\n")), "{run}");
    assert_eq!(run["files"].as_array().map(Vec::len), Some(1), "{run}");
    let artifacts = alice.get(&format!("/api/v1/tasks/{id}/artifacts")).await;
    let made = &artifacts.json["data"][0];
    assert_eq!((&made["path"], &made["content_type"]), (&json!("sum.txt"), &json!("text/plain")));
    let path = format!("/api/v1/artifacts/{}/content", made["id"].as_str().unwrap());
    assert_eq!(alice.bytes(&path).await, (200, b"42".to_vec()));
    let steps = alice.get(&format!("/api/v1/tasks/{id}/steps")).await;
    let checks = steps.json["data"][0]["checks"].as_array().cloned().unwrap_or_default();
    let checks: Vec<_> = checks.iter().map(|c| format!("{} {}", c["name"], c["passed"])).collect();
    assert_snapshot!(checks.join(", "), @r#""call_recorded" true, "schema_valid" true"#);
    app.invariants().await;
}

#[tokio::test]
async fn a_program_that_exits_1_completes_its_task_with_a_result_that_says_error() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let run = completed(&alice, &program("bash", "echo almost; echo why >&2; exit 1")).await;
    let told = format!(
        "{} {} {} {} {}",
        run["status"], run["cause"], run["exit_code"], run["stdout"], run["stderr"]
    );
    assert_snapshot!(told, @r#""error" null 1 "almost\n" "why\n""#);
    let run = completed(&alice, &program("c", "int main(void) { return gone; }")).await;
    assert_eq!((&run["status"], &run["cause"]), (&json!("error"), &json!("compile")), "{run}");
}

#[tokio::test]
async fn a_program_that_passes_its_time_is_killed_and_its_task_completes() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let parameters = json!({
        "language": "python", "timeout_s": 1, "code": "while True: pass",
    });
    let run = completed(&alice, &task(&[], &parameters)).await;
    assert_eq!(run["status"], "killed", "{run}");
    let cause = run["cause"].as_str().unwrap();
    assert!(["wall_time", "cpu_time"].contains(&cause), "{run}");
}

#[tokio::test]
async fn a_step_reads_what_the_step_before_it_answered_and_made() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let step = |key: &str, parameters: Value| {
        json!({
            "key": key, "agent_type": "coder", "capability": "code_execution",
            "parameters": parameters,
        })
    };
    let first = json!({ "language": "bash", "code": "echo said; mkdir d; echo made > d/it.txt" });
    let second = json!({
        "language": "bash", "code": "cat; cat given.txt; echo $1",
        "stdin": { "$step": "a", "pointer": "/result/stdout" },
        "args": [{ "$step": "a", "pointer": "/result/status" }],
        "files": [{ "step": "a", "artifact": "d/it.txt", "path": "given.txt" }],
    });
    let steps = [step("run", second), step("a", first)];
    let body = json!({
        "task_type": "custom", "description": "Hand on", "parameters": { "steps": steps },
    });
    let run = completed(&alice, &body).await;
    assert_eq!(run["stdout"], "said\nmade\nok\n", "{run}");
}

#[tokio::test]
async fn what_a_step_lacks_at_run_time_fails_the_task_with_a_sentence() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let parameters = json!({ "language": "python", "entry": "gone.py" });
    let id = alice.create(&task(&[], &parameters)).await;
    let failed = alice.wait_task(&id, "failed").await;
    assert_eq!(failed["error"]["code"], "input_missing", "{failed}");
    assert_snapshot!(
        failed["error"]["message"].as_str().unwrap(),
        @"There is no file `gone.py` to run; the step has: no file."
    );
    app.invariants().await;
}

#[tokio::test]
async fn output_is_seen_while_the_program_runs() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.create(&program("bash", "echo now; sleep 600")).await;
    let path = format!("/api/v1/tasks/{id}/events?after=0&deltas=true");
    let mut live = ninja_testkit::Sse::open(&alice, &path).await;
    let mut seen = String::new();
    while !seen.contains("now\n") {
        let event = live.next().await.expect("the program still runs");
        assert_ne!(event.event, "call.finished", "the output came too late");
        if event.event == "delta" {
            assert_eq!(
                (&event.data["stream"], &event.data["call_no"]),
                (&json!("stdout"), &json!(1))
            );
            seen.push_str(event.data["text"].as_str().unwrap());
        }
    }
    let cancelled = alice.post_empty(&format!("/api/v1/tasks/{id}/cancel")).await;
    assert!([200, 202].contains(&cancelled.status), "{cancelled}");
    alice.wait_task(&id, "cancelled").await;
    app.invariants().await;
}
