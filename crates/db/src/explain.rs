//! Why a task stands where it stands, from rows alone: it works while Redis is away.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Int4, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{Limit, StepId, StepStatus, TaskId, TaskStatus};
use serde_json::{Value, json};
use uuid::Uuid;

mod code;

use crate::schema::{tasks, users};
use crate::{DbResult, Owner, Slots};

pub use code::ReasonCode;

/// Where a task stands and why.
#[derive(Clone, Debug)]
pub struct Explained {
    /// Its status.
    pub status: TaskStatus,
    /// Since its last change.
    pub since: DateTime<Utc>,
    /// It goes on without anybody's help.
    pub moving: bool,
    /// Empty only for a task that has ended.
    pub reasons: Vec<Reason>,
}

/// One thing that a task waits for.
#[derive(Clone, Debug)]
pub struct Reason {
    /// Stable.
    pub code: ReasonCode,
    /// The step that waits.
    pub step_id: Option<StepId>,
    /// For how long.
    pub since: DateTime<Utc>,
    /// A sentence.
    pub detail: String,
    /// The figures in it.
    pub data: Value,
}

/// One open step with its job, its worker and its newest unanswered call.
#[derive(QueryableByName)]
struct Open {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Text)]
    pool: String,
    #[diesel(sql_type = diesel::sql_types::Array<Text>)]
    requires: Vec<String>,
    #[diesel(sql_type = diesel::sql_types::Array<SqlUuid>)]
    blockers: Vec<Uuid>,
    #[diesel(sql_type = Timestamptz)]
    step_since: DateTime<Utc>,
    #[diesel(sql_type = Int4)]
    attempt: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    retry_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    enqueued_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    leased_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    worker_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    lease_lost_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    fits: bool,
    #[diesel(sql_type = BigInt)]
    ahead: i64,
    #[diesel(sql_type = Nullable<Text>)]
    wait_limit: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    waiting_since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    wait_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    call: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    call_since: Option<DateTime<Utc>>,
}

const OPEN: &str = "
SELECT s.id, s.status, s.pool, s.requires, coalesce(s.ready_at, s.created_at) AS step_since,
       ARRAY(SELECT d.id FROM steps d WHERE d.id = ANY(s.depends_on)
              AND d.status NOT IN ('completed', 'failed', 'skipped', 'cancelled') ORDER BY d.step_number) AS blockers,
       coalesce(j.attempt, s.attempt) AS attempt,
       CASE WHEN isfinite(j.not_before) AND j.not_before > now() THEN j.not_before END AS retry_at,
       j.enqueued_at, j.leased_at, j.worker_id,
       CASE WHEN w.state <> 'alive' OR w.lease_until < now() THEN w.lease_until END AS lease_lost_at,
       EXISTS (SELECT 1 FROM workers f WHERE f.state = 'alive' AND f.lease_until > now()
                AND s.pool = ANY(f.pools) AND s.requires <@ f.provides) AS fits,
       (SELECT count(*) FROM jobs a WHERE a.pool = j.pool AND a.state = 'ready' AND a.enqueued_at < j.enqueued_at) AS ahead,
       s.wait_limit, s.waiting_since, s.wait_until, c.name AS call, c.started_at AS call_since
  FROM steps s
  LEFT JOIN jobs j ON j.kind = 'run_step' AND j.subject_id = s.id AND j.state <> 'dead'
  LEFT JOIN workers w ON w.id = j.worker_id
  LEFT JOIN LATERAL (SELECT name, started_at FROM step_calls
                      WHERE step_id = s.id AND state = 'intended' ORDER BY id DESC LIMIT 1) c ON true
 WHERE s.task_id = $1 AND s.status NOT IN ('completed', 'failed', 'skipped', 'cancelled')
 ORDER BY s.step_number";

/// Explains a task; `None` where `owner` has no such task. One read transaction.
pub async fn explain(
    conn: &mut AsyncPgConnection,
    owner: Owner,
    task: TaskId,
    slots: &Slots,
) -> DbResult<Option<Explained>> {
    // One snapshot, so that status, steps and jobs agree: an open task always has a reason.
    conn.build_transaction()
        .read_only()
        .repeatable_read()
        .run(async |c: &mut AsyncPgConnection| read(c, owner, task, slots).await)
        .await
}

async fn read(
    c: &mut AsyncPgConnection,
    owner: Owner,
    task: TaskId,
    slots: &Slots,
) -> DbResult<Option<Explained>> {
    let mut query = tasks::table
        .inner_join(users::table.on(users::id.eq(tasks::user_id)))
        .filter(tasks::id.eq(task.0))
        .select((tasks::status, tasks::updated_at, tasks::user_id, users::role))
        .into_boxed();
    if let Some(user) = owner.id() {
        query = query.filter(tasks::user_id.eq(user));
    }
    let row: Option<(String, DateTime<Utc>, Uuid, String)> =
        query.get_result(c).await.optional()?;
    let Some((status, since, user, role)) = row else { return Ok(None) };
    let status: TaskStatus = status.parse()?;
    if status.is_terminal() {
        return Ok(Some(Explained { status, since, moving: false, reasons: Vec::new() }));
    }
    let about = About { status, since, user, limit: slots.of(role.parse()?) };
    let reasons = about.reasons(c, task).await?;
    let moving = reasons.iter().any(|reason| reason.code.passes());
    Ok(Some(Explained { status, since, moving, reasons }))
}

struct About {
    status: TaskStatus,
    since: DateTime<Utc>,
    user: Uuid,
    limit: i64,
}

impl About {
    async fn reasons(&self, c: &mut AsyncPgConnection, task: TaskId) -> DbResult<Vec<Reason>> {
        let open: Vec<Open> = diesel::sql_query(OPEN).bind::<SqlUuid, _>(task.0).load(c).await?;
        let live = live_steps(c, self.user).await?;
        let mut reasons = Vec::with_capacity(open.len() + 1);
        if self.status == TaskStatus::Cancelling {
            let detail = "Ends as soon as its running steps have stopped.".to_owned();
            reasons.push(self.of_task(ReasonCode::Cancelling, detail));
        }
        if self.status == TaskStatus::Paused {
            reasons.push(self.of_task(ReasonCode::Paused, "Paused by its user.".to_owned()));
        }
        for step in &open {
            if let Some(reason) = self.of_step(step, live)? {
                reasons.push(reason);
            }
        }
        reasons.sort_by_key(|reason| reason.code);
        Ok(reasons)
    }

    fn of_task(&self, code: ReasonCode, detail: String) -> Reason {
        Reason { code, step_id: None, since: self.since, detail, data: json!({}) }
    }

    fn of_step(&self, step: &Open, live: i64) -> DbResult<Option<Reason>> {
        let status: StepStatus = step.status.parse()?;
        Ok(match status {
            StepStatus::Pending => Some(blocked(step)),
            StepStatus::Ready if self.status == TaskStatus::Paused => None,
            StepStatus::Ready => Some(self.ready(step, live)),
            StepStatus::Running => Some(running(step)),
            StepStatus::Waiting => Some(waiting(step)),
            _ => None,
        })
    }

    fn ready(&self, step: &Open, live: i64) -> Reason {
        if let Some(at) = step.retry_at {
            let detail = format!("Attempt {} failed; tried again at {}.", step.attempt, shown(at));
            let data = json!({"not_before": shown(at), "attempt": step.attempt});
            return step.reason(ReasonCode::RetryAt, step.step_since, detail, data);
        }
        if !step.fits {
            let needs = step.requires.join(", ");
            let detail = if step.requires.is_empty() {
                format!("No live worker serves pool {}.", step.pool)
            } else {
                format!("No live worker of pool {} provides {needs}.", step.pool)
            };
            let data = json!({"pool": step.pool, "requires": step.requires});
            return step.reason(ReasonCode::NoWorker, step.step_since, detail, data);
        }
        let data = json!({"pool": step.pool, "position": step.ahead + 1, "ahead": step.ahead});
        if let Some(since) = step.enqueued_at {
            let detail =
                format!("In the queue of pool {}; {} due before it.", step.pool, step.ahead);
            return step.reason(ReasonCode::Queued, since, detail, data);
        }
        let limit = self.limit;
        if live < limit {
            let detail = format!("About to be released to the queue of pool {}.", step.pool);
            return step.reason(ReasonCode::Queued, step.step_since, detail, data);
        }
        let detail = format!("{live} of your steps run or are queued; your role may have {limit}.");
        let data = json!({"live_steps": live, "limit": limit});
        step.reason(ReasonCode::UserLimit, step.step_since, detail, data)
    }
}

impl Open {
    fn reason(
        &self,
        code: ReasonCode,
        since: DateTime<Utc>,
        detail: String,
        data: Value,
    ) -> Reason {
        Reason { code, step_id: Some(StepId(self.id)), since, detail, data }
    }
}

fn blocked(step: &Open) -> Reason {
    let count = step.blockers.len();
    let detail = match count {
        1 => "Another step comes first.".to_owned(),
        _ => format!("{count} other steps come first."),
    };
    let data = json!({"steps": step.blockers});
    step.reason(ReasonCode::BlockedBy, step.step_since, detail, data)
}

fn waiting(step: &Open) -> Reason {
    let limit = step.wait_limit.as_deref().unwrap_or("budget");
    let until = step.wait_until.map(shown);
    let parsed: Option<Limit> = limit.parse().ok();
    let detail = match &until {
        Some(_) if parsed.is_some_and(|limit| !limit.is_of_task()) => {
            format!(
                "`{limit}` is used up; it goes on when a call leaves some of it, or when it begins anew (UTC)."
            )
        }
        Some(until) => {
            format!("The task used up its `{limit}`; it fails at {until} unless it is given more.")
        }
        None => format!("The task used up its `{limit}`."),
    };
    let data = json!({"limit": limit, "wait_until": until});
    step.reason(
        ReasonCode::NeedsBudget,
        step.waiting_since.unwrap_or(step.step_since),
        detail,
        data,
    )
}

fn running(step: &Open) -> Reason {
    let since = step.leased_at.unwrap_or(step.step_since);
    if let Some(lost) = step.lease_lost_at {
        let detail = "Its worker does not answer; another takes it over.".to_owned();
        let data = json!({"worker_id": step.worker_id, "lease_expired_at": shown(lost)});
        return step.reason(ReasonCode::TakingOver, lost, detail, data);
    }
    let call = match (&step.call, step.call_since) {
        (Some(name), Some(since)) => json!({"name": name, "since": shown(since)}),
        _ => Value::Null,
    };
    let detail = match &step.call {
        Some(name) => format!("A worker is at it, waiting for {name}."),
        None => "A worker is at it.".to_owned(),
    };
    let data = json!({"worker_id": step.worker_id, "attempt": step.attempt, "call": call});
    step.reason(ReasonCode::Running, since, detail, data)
}

fn shown(at: DateTime<Utc>) -> String {
    ninja_types::Time(at).to_string()
}

/// Jobs of the user that hold a slot: leased, or released to a stream.
async fn live_steps(c: &mut AsyncPgConnection, user: Uuid) -> DbResult<i64> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        live: i64,
    }
    let count: Count = diesel::sql_query(
        "SELECT count(*) AS live FROM jobs WHERE user_id = $1 AND kind = 'run_step'
            AND (state = 'leased' OR (state = 'ready' AND enqueued_at IS NOT NULL))",
    )
    .bind::<SqlUuid, _>(user)
    .get_result(c)
    .await?;
    Ok(count.live)
}
