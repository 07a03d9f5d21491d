use std::sync::atomic::{AtomicUsize, Ordering};

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::person::Person;
use crate::server::{Answer, Request, Server};

const TASK: &str = "01990000-0000-7000-8000-000000000001";
const STEP: &str = "01990000-0000-7000-8000-000000000002";

fn event(seq: i64, kind: &str, data: &Value) -> String {
    let event = json!({
        "task_id": TASK, "seq": seq, "type": kind, "data": data,
        "created_at": format!("2026-11-22T14:12:{seq:02}.000000Z"),
    });
    format!("id: {seq}\nevent: {kind}\ndata: {event}\n\n")
}

fn delta(epoch: i64, index: i64, text: &str) -> String {
    let delta = json!({
        "task_id": TASK, "step_id": STEP, "call_no": 1, "epoch": epoch, "index": index,
        "stream": "stdout", "text": text,
    });
    format!("event: delta\ndata: {delta}\n\n")
}

fn history() -> Vec<String> {
    vec![
        event(1, "task.created", &json!({"title": "Run count.py"})),
        event(2, "task.started", &json!({"status": "running"})),
        event(3, "step.started", &json!({"step_id": STEP, "step_number": 1, "attempt": 1})),
        event(4, "artifact.created", &json!({"path": "out.csv", "size": 1500})),
        event(
            5,
            "step.completed",
            &json!({"step_id": STEP, "step_number": 1, "summary": "exit 0"}),
        ),
        event(6, "task.completed", &json!({"status": "completed", "result": {"summary": "done"}})),
    ]
}

/// A server with one task whose program wrote `recorded`.
fn with_task(
    recorded: &'static str,
    stream: impl Fn(i64) -> Answer + Send + Sync + 'static,
) -> Server {
    Server::start(move |request: &Request| {
        if request.is(&format!("GET /api/v1/tasks/{TASK}/events")) {
            let cursor = request.header("last-event-id").map_or(0, |id| id.parse().unwrap_or(0));
            return stream(cursor);
        }
        if request.is(&format!("GET /api/v1/tasks/{TASK}/steps")) {
            let result = json!({"status": "ok", "exit_code": 0, "stdout": recorded, "stderr": "", "truncated": false});
            let step = json!({"id": STEP, "step_number": 1, "capability": "code_execution", "result": result});
            return Answer::json(
                200,
                &json!({"data": [step], "next_cursor": null, "has_more": false}),
            );
        }
        Answer::json(200, &json!({"id": TASK, "status": "completed", "last_seq": 6}))
    })
}

#[test]
fn every_event_is_shown_once_however_often_the_connection_breaks() {
    // Each connection repeats one event and is cut in the middle of the second new one.
    let server = with_task("one\ntwo\n", |cursor| {
        let at = usize::try_from(cursor).unwrap();
        let rest = history().split_off(at.saturating_sub(1)).concat();
        let whole = rest.find("\n\n").map_or(0, |end| end + 2);
        let end = if at == 0 { whole } else { whole + rest[whole..].find("\n\n").unwrap_or(0) + 2 };
        let end = (end + 30).min(rest.len());
        Answer::events(&format!("retry: 100\n\n{}", &rest[..end]))
    });
    let ada = Person::new();
    ada.logged_in(&server.url, "first", 600);
    let ended = ada.runs(&["task", "watch", TASK]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let shown: Vec<_> = ended.stderr.lines().filter(|line| line.starts_with("14:12")).collect();
    assert_snapshot!(shown.join("\n"), @r#"
    14:12:01  task created: Run count.py
    14:12:03  step 1 (code_execution) started
    14:12:04  artifact out.csv (1.50 kB)
    14:12:05  step 1 (code_execution) completed: exit 0
    14:12:06  task completed: done
    "#);
    assert_eq!(ended.stdout, "one\ntwo\n", "the record fills in what no live piece brought");
    let connections = server.requests().into_iter().filter(|one| one.line.contains("/events"));
    let cursors: Vec<_> =
        connections.map(|one| one.header("last-event-id").unwrap_or("").to_owned()).collect();
    assert_eq!(cursors, ["0", "1", "2", "3", "4", "5"]);
}

#[test]
fn output_is_shown_live_and_a_lost_end_comes_from_the_record() {
    let server = with_task("one\ntwo\nthree\n", |_| {
        let mut all = history();
        all.insert(3, delta(1, 0, "one\n") + &delta(1, 1, "two\n"));
        Answer::events(&all.concat())
    });
    let ada = Person::new();
    ada.logged_in(&server.url, "first", 600);
    assert_eq!(ada.runs(&["task", "watch", TASK]).stdout, "one\ntwo\nthree\n");
}

#[test]
fn output_of_an_attempt_that_was_taken_over_begins_anew() {
    let server = with_task("one\ntwo\n", |_| {
        let mut all = history();
        let late = delta(1, 1, "late\n");
        all.insert(3, delta(1, 0, "one\n") + &delta(2, 0, "one\n") + &late + &delta(2, 1, "two\n"));
        Answer::events(&all.concat())
    });
    let ada = Person::new();
    ada.logged_in(&server.url, "first", 600);
    let ended = ada.runs(&["task", "watch", TASK]);
    assert_eq!(ended.stdout, "one\none\ntwo\n");
    assert!(ended.stderr.contains("the output begins anew"));
}

#[test]
fn a_failed_task_ends_the_command_with_1_and_json_is_one_document() {
    let server = Server::start(|request: &Request| {
        if request.line.contains("/events") {
            let error = json!({"code": "input_missing", "message": "No file."});
            let failed = event(1, "task.failed", &json!({"status": "failed", "error": error}));
            return Answer::events(&failed);
        }
        if request.line.contains("/steps") {
            return Answer::json(200, &json!({"data": []}));
        }
        let error = json!({"code": "input_missing", "message": "No file."});
        Answer::json(200, &json!({"id": TASK, "status": "failed", "error": error}))
    });
    let ada = Person::new();
    ada.logged_in(&server.url, "first", 600);
    let ended = ada.runs(&["task", "watch", TASK, "--json", "--quiet"]);
    assert_eq!((ended.code, ended.json()["status"].as_str()), (1, Some("failed")));
    assert_snapshot!(ended.stderr, @"error: The task failed: No file. (input_missing).");
}

#[test]
fn a_program_is_uploaded_run_and_watched_by_one_command() {
    let uploads = AtomicUsize::new(0);
    let server = Server::start(move |request: &Request| {
        if request.is("POST /api/v1/files/upload") {
            let n = uploads.fetch_add(1, Ordering::SeqCst);
            let id = format!("01990000-0000-7000-8000-00000000010{n}");
            return Answer::json(201, &json!({"id": id, "filename": "x"}));
        }
        if request.is("POST /api/v1/tasks") {
            return Answer::json(201, &json!({"id": TASK, "status": "pending"}));
        }
        Answer::problem(404, "not_found")
    });
    let ada = Person::new();
    ada.logged_in(&server.url, "first", 600);
    ada.has("count.py", "print(1)\n");
    ada.has("penguins.csv", "species\nadelie\n");
    let args = [
        "task",
        "create",
        "--run",
        "count.py",
        "--file",
        "penguins.csv",
        "--input",
        "n=3",
        "--",
        "-v",
    ];
    let ended = ada.runs(&args);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(ended.stdout.trim(), TASK);
    let asked = server.requests();
    assert!(
        asked[0].body.contains("filename=\"penguins.csv\"") && asked[0].body.contains("adelie")
    );
    let mut body: Value = serde_json::from_str(&asked[2].body).unwrap();
    body.sort_all_objects();
    assert!(asked[2].header("idempotency-key").is_some());
    assert_snapshot!(format!("{body:#}"), @r#"
    {
      "description": "Run count.py over penguins.csv",
      "parameters": {
        "files": [
          "01990000-0000-7000-8000-000000000100"
        ],
        "steps": [
          {
            "agent_type": "coder",
            "capability": "code_execution",
            "description": "Run count.py",
            "key": "run",
            "parameters": {
              "args": [
                "-v"
              ],
              "entry": "count.py",
              "files": [
                {
                  "file_id": "01990000-0000-7000-8000-000000000101"
                }
              ],
              "inputs": {
                "n": 3
              },
              "language": "python"
            }
          }
        ]
      },
      "task_type": "custom"
    }
    "#);
}
