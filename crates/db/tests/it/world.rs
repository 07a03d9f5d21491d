//! A database with a user, workers and tasks, and short names for what the tests do with them.

use std::time::Duration;

use ninja_db::budgets::Caps;
use ninja_db::calls::Terms;
use ninja_db::idempotency::Outcome;
use ninja_db::jobs::{Claim, ClaimAs};
use ninja_db::steps::StepDone;
use ninja_db::tasks::{Created, NewPlan, NewStep, NewTask};
use ninja_db::workers::NewWorker;
use ninja_db::{AsyncPgConnection, ConnectOptions, Lease, Settled, Slots, connect_one};
use ninja_testkit::Database;
use ninja_types::{
    AgentKind, Budget, JobId, OnExceeded, OnUnsafe, PlanSource, Pool, Priority, TaskId, TaskType,
    Usage, Usd, UserId, WorkerId,
};
use serde_json::json;

pub(crate) const SLOTS: Slots = Slots { user: 4, premium: 16, admin: 32 };
pub(crate) const LIMIT: Duration = Duration::from_mins(1);
pub(crate) const PATIENCE: Duration = Duration::from_hours(24);
pub(crate) const CAPS: Caps = Caps {
    user: Usd::from_micros(1_000_000),
    premium: Usd::from_micros(10_000_000),
    admin: Usd::from_micros(100_000_000),
    installation_day: None,
    installation_month: None,
};
pub(crate) const TERMS: Terms = Terms { patience: PATIENCE, caps: CAPS };

pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) user: UserId,
}

impl World {
    pub(crate) async fn new() -> Self {
        let database = Database::fresh().await;
        let user = UserId::new();
        let world = Self { database, user };
        world
            .execute(&format!(
                "INSERT INTO users (id, email, password_hash) VALUES ('{user}', 'ada@example.org', '-')"
            ))
            .await;
        world
    }

    pub(crate) async fn conn(&self) -> AsyncPgConnection {
        connect_one(&options(&self.database, 1)).await.expect("a connection")
    }

    pub(crate) async fn execute(&self, sql: &str) {
        self.database.client().await.batch_execute(sql).await.expect(sql);
    }

    /// The first column of the first row, as text.
    pub(crate) async fn ask(&self, sql: &str) -> String {
        let row = self.database.client().await.query_one(sql, &[]).await.expect(sql);
        row.get(0)
    }

    pub(crate) async fn worker(&self, provides: &[&str]) -> WorkerId {
        let id = WorkerId::new();
        let new = NewWorker {
            id,
            host: "test".into(),
            version: "0".into(),
            roles: vec!["steps".into()],
            pools: Pool::ALL.to_vec(),
            provides: provides.iter().map(|it| (*it).to_owned()).collect(),
            sandbox: json!({}),
            concurrency: 16,
            lease: LIMIT,
        };
        ninja_db::workers::register(&mut self.conn().await, &new).await.expect("registered");
        id
    }

    pub(crate) async fn create(&self, steps: Vec<NewStep>) -> Created {
        self.create_as(Priority::Normal, steps).await
    }

    pub(crate) async fn create_as(&self, priority: Priority, steps: Vec<NewStep>) -> Created {
        let new = self.task(priority, steps);
        match ninja_db::tasks::create(&mut self.conn().await, &new, None).await.expect("created") {
            Outcome::Done(created) => created,
            Outcome::Replayed(answer) => panic!("replayed without a key: {answer:?}"),
        }
    }

    pub(crate) fn task(&self, priority: Priority, steps: Vec<NewStep>) -> NewTask {
        NewTask {
            id: TaskId::new(),
            owner: self.user,
            clone_of: None,
            template_id: None,
            title: "a task".into(),
            description: "of a test".into(),
            task_type: TaskType::Custom,
            parameters: json!({}),
            priority,
            model: None,
            on_unsafe: OnUnsafe::Ask,
            tags: Vec::new(),
            metadata: json!({}),
            budget: Budget {
                max_cost_usd: Usd::from_micros(1_000_000),
                max_tokens: 100_000,
                max_wall_seconds: 7200,
                max_calls: 200,
                on_exceeded: OnExceeded::Wait,
            },
            plan: NewPlan { source: PlanSource::Given, steps, not_done: Vec::new() },
            files: Vec::new(),
            artifacts: Vec::new(),
            slots: SLOTS,
            tasks_per_day: 500,
        }
    }

    pub(crate) async fn claim(&self, job: JobId, worker: WorkerId) -> Option<Lease> {
        let ask = ClaimAs { job, worker, reading: true, limit: LIMIT, patience: PATIENCE };
        match ninja_db::jobs::claim(&mut self.conn().await, &ask).await.expect("claimed") {
            Claim::Taken(lease, _) => Some(*lease),
            Claim::Gone => None,
            Claim::Ended(settled) => panic!("ended: {settled:?}"),
            Claim::Errand(errand) => panic!("a step is no errand: {errand:?}"),
        }
    }

    pub(crate) async fn finish(&self, lease: &Lease) -> Settled {
        ninja_db::steps::finish(&mut self.conn().await, lease, &done(), None)
            .await
            .expect("finished")
    }

    pub(crate) async fn status(&self, task: TaskId) -> String {
        self.ask(&format!("SELECT status FROM tasks WHERE id = '{task}'")).await
    }

    /// `1 completed, 2 ready` by step number.
    pub(crate) async fn steps(&self, task: TaskId) -> String {
        self.ask(&format!(
            "SELECT string_agg(step_number || ' ' || status, ', ' ORDER BY step_number) FROM steps WHERE task_id = '{task}'"
        ))
        .await
    }

    /// Types of the task's events, in order, the common prefix of a created task left out.
    pub(crate) async fn events(&self, task: TaskId) -> String {
        self.ask(&format!(
            "SELECT string_agg(type, ' ' ORDER BY seq) FROM task_events WHERE task_id = '{task}'"
        ))
        .await
    }

    /// The job of a step, by the step's number.
    pub(crate) async fn job_of(&self, task: TaskId, step: i32) -> JobId {
        self.ask(&format!(
            "SELECT j.id::text FROM jobs j JOIN steps s ON s.id = j.subject_id WHERE s.task_id = '{task}' AND s.step_number = {step}"
        ))
        .await
        .parse()
        .expect("an id")
    }
}

pub(crate) fn options(database: &Database, pool_size: usize) -> ConnectOptions {
    ConnectOptions {
        url: database.url().into(),
        pool_size,
        acquire: Duration::from_secs(10),
        statement: Duration::from_secs(15),
        lock: Duration::from_secs(4),
        name: "ninja-db tests",
    }
}

pub(crate) fn done() -> StepDone {
    StepDone {
        summary: "done".into(),
        output: json!({ "ok": true }),
        checks: json!([]),
        usage: Usage::default(),
        artifacts: Vec::new(),
    }
}

/// A step of the drill.
pub(crate) fn step(key: &str, depends_on: &[usize]) -> NewStep {
    NewStep {
        key: key.into(),
        agent: AgentKind::Noop,
        capability: None,
        description: key.into(),
        required: true,
        depends_on: depends_on.to_vec(),
        requires: Vec::new(),
        inputs: json!({}),
    }
}

/// `n` steps, each after the one before.
pub(crate) fn chain(n: usize) -> Vec<NewStep> {
    (0..n)
        .map(|i| step(&format!("s{i}"), &i.checked_sub(1).into_iter().collect::<Vec<_>>()))
        .collect()
}
