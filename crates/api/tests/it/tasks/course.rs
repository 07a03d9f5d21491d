//! Every action in every status: the table of `docs/task-control.md`, asked from outside.

use std::fmt::Write as _;

use ninja_testkit::{Client, TestApp};
use serde_json::{Value, json};

const ACTIONS: [&str; 8] =
    ["pause", "resume", "retry", "clone", "cancel", "delete", "messages", "budget"];

/// A task in a status, and the actions on it.
struct Stage<'a> {
    app: &'a TestApp,
    alice: &'a Client,
}

impl Stage<'_> {
    async fn act(&self, task: &str, action: &str) {
        let answer = self.alice.post_empty(&format!("/api/v1/tasks/{task}/{action}")).await;
        assert!(answer.status < 300, "{action}: {answer}");
    }

    /// One in its first step, of two.
    async fn running(&self, on_exceeded: &str) -> String {
        let body = json!({
            "description": "A drill", "task_type": "custom", "budget": {"on_exceeded": on_exceeded},
            "parameters": {"agent": "noop", "steps": 2, "sleep_ms": 600_000},
        });
        let task = self.alice.create(&body).await;
        self.alice.wait_task(&task, "running").await;
        task
    }

    /// One whose step was handed back.
    async fn paused(&self, on_exceeded: &str) -> String {
        let task = self.running(on_exceeded).await;
        self.act(&task, "pause").await;
        let mut pause = tokio::time::interval(std::time::Duration::from_millis(20));
        loop {
            let steps = self.alice.get(&format!("/api/v1/tasks/{task}/steps")).await;
            if steps.json["data"][0]["status"] == "ready" {
                return task;
            }
            pause.tick().await;
        }
    }

    /// One that used up its wall time while nobody looked.
    async fn overspent(&self, on_exceeded: &str, status: &str) -> String {
        let task = self.paused(on_exceeded).await;
        let sql = format!(
            "UPDATE tasks SET meter = jsonb_set(meter, '{{ran_ms}}', '7200000') WHERE id = '{task}'"
        );
        self.app.database().client().await.batch_execute(&sql).await.unwrap();
        self.act(&task, "resume").await;
        self.alice.wait_task(&task, status).await;
        task
    }

    async fn in_status(&self, status: &str) -> String {
        match status {
            "pending" => self.alice.create_noop(2, 0).await,
            "running" | "cancelling" => self.running("wait").await,
            "paused" => self.paused("wait").await,
            "waiting" => self.overspent("wait", "waiting").await,
            "failed" => self.overspent("fail", "failed").await,
            "completed" => {
                let task = self.alice.create_noop(1, 0).await;
                self.alice.wait_task(&task, "completed").await;
                task
            }
            _cancelled => {
                let task = self.running("wait").await;
                self.act(&task, "cancel").await;
                self.alice.wait_task(&task, "cancelled").await;
                task
            }
        }
    }

    /// `200 paused task.paused`: the answer, where the task stands then, what the action's own transaction told.
    async fn ask(&self, task: &str, action: &str) -> String {
        let path = format!("/api/v1/tasks/{task}");
        let before = self.alice.get(&path).await.json["last_seq"].as_i64().unwrap();
        let answer = match action {
            "delete" => self.alice.delete(&path).await,
            "messages" => {
                self.alice.post(&format!("{path}/messages"), &json!({"content": "Hi"})).await
            }
            "budget" => {
                let more = json!({"add_wall_seconds": 60});
                self.alice.post(&format!("{path}/budget"), &more).await
            }
            _ => self.alice.post_empty(&format!("{path}/{action}")).await,
        };
        if answer.status == 204 {
            return "204 gone".to_owned();
        }
        let mut told = answer.status.to_string();
        match answer.status {
            409 => write!(told, " {}", answer.json["code"].as_str().unwrap()).unwrap(),
            201 => {
                let origin = if action == "retry" { "retry_of" } else { "clone_of" };
                assert_eq!(answer.json[origin].as_str(), Some(task), "{answer}");
                assert_eq!(answer.json["status"], "pending", "{answer}");
                write!(told, " a new task, the old one").unwrap();
            }
            _ => assert_eq!(answer.json["id"].as_str(), Some(task), "{answer}"),
        }
        let now = if answer.status == 200 || answer.status == 202 {
            answer.json
        } else {
            self.alice.get(&path).await.json
        };
        write!(told, " {}", now["status"].as_str().unwrap()).unwrap();
        let events = self.alice.events(task).await;
        let new = |event: &&Value| event["seq"].as_i64().unwrap() > before;
        let mut new = events.iter().filter(new).peekable();
        // A transaction has one time: later ones are of the worker that heard of it.
        let at = new.peek().map(|event| event["created_at"].clone());
        for event in new.filter(|event| Some(&event["created_at"]) == at.as_ref()) {
            write!(told, " {}", event["type"].as_str().unwrap()).unwrap();
        }
        told
    }

    /// All actions in one status, each on a task of its own.
    async fn row(&self, status: &str, tasks: Vec<String>) -> String {
        let mut row = String::new();
        for (action, task) in ACTIONS.iter().zip(tasks) {
            writeln!(row, "{status} {action}: {}", self.ask(&task, action).await).unwrap();
        }
        row
    }

    async fn tasks(&self, status: &str) -> Vec<String> {
        let all = ACTIONS.iter().map(|_| self.in_status(status));
        futures_util::future::join_all(all).await
    }
}

#[tokio::test]
async fn each_action_does_in_each_status_what_the_table_says() {
    let mut app = TestApp::with()
        .workers(0)
        .set("NINJA_LIMITS__USER__CONCURRENT_STEPS", "100")
        .set("NINJA_WORKER__CONCURRENCY", "100")
        .start()
        .await;
    let alice = app.user("alice").await;
    let stage = Stage { app: &app, alice: &alice };
    let mut table = stage.row("pending", stage.tasks("pending").await).await;
    app.add_worker().await;
    let stage = Stage { app: &app, alice: &alice };
    for status in ["running", "waiting", "paused", "completed", "failed", "cancelled"] {
        table.push_str(&stage.row(status, stage.tasks(status).await).await);
    }
    app.invariants().await;
    let cancelling = stage.tasks("cancelling").await;
    // Its worker hears of nothing, so it stays what it is.
    app.worker(0).sigstop();
    let stage = Stage { app: &app, alice: &alice };
    for task in &cancelling {
        stage.act(task, "cancel").await;
    }
    table.push_str(&stage.row("cancelling", cancelling.clone()).await);
    app.worker(0).sigcont();
    for task in &cancelling {
        alice.wait_task(task, "cancelled").await;
    }
    app.invariants().await;
    insta::assert_snapshot!("actions", table);
}
