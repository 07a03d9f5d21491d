use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{
    AgentKind, CallKind, CallState, Effect, Pool, StepId, StepStatus, TaskId, Time, Usage,
};
use serde_json::Value;
use uuid::Uuid;

use crate::json::Json;
use crate::schema::{artifacts, jobs, step_calls, steps, tasks};
use crate::{DbResult, Owner};

/// A step as its task's owner sees it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = steps)]
pub struct StepRow {
    /// Its id.
    #[diesel(deserialize_as = Uuid)]
    pub id: StepId,
    /// Its task.
    #[diesel(deserialize_as = Uuid)]
    pub task_id: TaskId,
    /// From 1, in the order of the plan.
    pub step_number: i32,
    /// The plan's name for it.
    pub key: String,
    /// Who does it.
    #[diesel(deserialize_as = String)]
    pub agent_type: AgentKind,
    /// Which capability; `None` where the agent's loop decides.
    pub capability: Option<String>,
    /// What it is for.
    pub description: String,
    /// Whose workers run it.
    #[diesel(deserialize_as = String)]
    pub pool: Pool,
    /// Without it the task cannot complete.
    pub required: bool,
    /// Steps that must be closed first.
    pub depends_on: Vec<Uuid>,
    /// The capability's arguments.
    pub inputs: Value,
    /// Where it stands.
    #[diesel(deserialize_as = String)]
    pub status: StepStatus,
    /// Attempts so far.
    pub attempt: i32,
    /// Of the newest attempt.
    pub epoch: i64,
    /// Who runs or ran it.
    pub worker_id: Option<Uuid>,
    /// What came out.
    pub result: Option<Value>,
    /// Why it failed.
    pub error: Option<Value>,
    /// What its contract was found to be.
    pub checks: Value,
    /// What it used up.
    pub usage: Json<Usage>,
    /// When it was planned.
    #[diesel(deserialize_as = DateTime<Utc>)]
    pub created_at: Time,
    /// When its dependencies were closed.
    pub ready_at: Option<DateTime<Utc>>,
    /// When its newest attempt began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was closed.
    pub completed_at: Option<DateTime<Utc>>,
}

/// A step with what hangs on it.
#[derive(Clone, Debug)]
pub struct StepEntry {
    /// Its row.
    pub step: StepRow,
    /// It is not tried again before this time.
    pub not_before: Option<DateTime<Utc>>,
    /// The files that it made.
    pub artifact_ids: Vec<Uuid>,
}

/// A recorded call of a step, with request and answer cut where they are long.
#[derive(Clone, Debug, Queryable)]
pub struct CallEntry {
    /// Its place in the journal, which grows with each call.
    pub id: i64,
    /// From 1 within the step.
    pub call_no: i32,
    /// Of the attempt that made it.
    pub epoch: i64,
    /// What was called.
    #[diesel(deserialize_as = String)]
    pub kind: CallKind,
    /// Which tool, or `provider/model`.
    pub name: String,
    /// What a takeover may do with it.
    #[diesel(deserialize_as = String)]
    pub effect: Effect,
    /// Where it stands.
    #[diesel(deserialize_as = String)]
    pub state: CallState,
    /// What was asked.
    pub request: Value,
    /// What was answered.
    pub response: Option<Value>,
    /// Why it failed.
    pub error: Option<Value>,
    /// What it used up.
    pub usage: Json<Usage>,
    /// Its price: millionths of a US dollar.
    pub cost: i64,
    /// When it began.
    #[diesel(deserialize_as = DateTime<Utc>)]
    pub started_at: Time,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// Whose model answered.
    pub provider: Option<String>,
    /// Which model answered.
    pub model: Option<String>,
    /// `provider/model` that was asked before, in vain.
    pub fallback_from: Option<String>,
}

/// The steps of a task in the order of the plan; `None` where `owner` has no such task.
pub async fn steps(
    conn: &mut AsyncPgConnection,
    owner: Owner,
    task: TaskId,
) -> DbResult<Option<Vec<StepEntry>>> {
    if !is_reachable(conn, owner, task).await? {
        return Ok(None);
    }
    // A held job is due at 'infinity', which no client wants to read.
    let later = diesel::dsl::sql::<Nullable<Timestamptz>>(
        "CASE WHEN isfinite(jobs.not_before) AND jobs.not_before > now() THEN jobs.not_before END",
    );
    let job = steps::id.eq(jobs::subject_id).and(jobs::state.eq("ready"));
    let rows: Vec<(StepRow, Option<DateTime<Utc>>)> = steps::table
        .left_join(jobs::table.on(job))
        .filter(steps::task_id.eq(task.0))
        .order(steps::step_number)
        .select((StepRow::as_select(), later))
        .load(conn)
        .await?;
    let made: Vec<(Uuid, Uuid)> = artifacts::table
        .filter(artifacts::task_id.eq(task.0))
        .order((artifacts::created_at, artifacts::id))
        .select((artifacts::step_id, artifacts::id))
        .load(conn)
        .await?;
    let mut by_step: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for (step, artifact) in made {
        by_step.entry(step).or_default().push(artifact);
    }
    let entry = |(step, not_before): (StepRow, _)| StepEntry {
        artifact_ids: by_step.remove(&step.id.0).unwrap_or_default(),
        step,
        not_before,
    };
    Ok(Some(rows.into_iter().map(entry).collect()))
}

/// At most `limit` calls of a step after journal place `after`, oldest first; `None` where `owner` has no such step.
pub async fn calls(
    conn: &mut AsyncPgConnection,
    owner: Owner,
    (task, step): (TaskId, StepId),
    after: i64,
    limit: i64,
) -> DbResult<Option<Vec<CallEntry>>> {
    let found = steps::table.find(step.0).filter(steps::task_id.eq(task.0));
    let exists: bool = diesel::select(diesel::dsl::exists(found)).get_result(conn).await?;
    if !exists || !is_reachable(conn, owner, task).await? {
        return Ok(None);
    }
    let rows = step_calls::table
        .filter(step_calls::step_id.eq(step.0).and(step_calls::id.gt(after)))
        .order(step_calls::id)
        .limit(limit)
        .select((
            step_calls::id,
            step_calls::call_no,
            step_calls::epoch,
            step_calls::kind,
            step_calls::name,
            step_calls::effect,
            step_calls::state,
            cut::<diesel::sql_types::Jsonb>("request"),
            cut::<Nullable<diesel::sql_types::Jsonb>>("response"),
            cut::<Nullable<diesel::sql_types::Jsonb>>("error"),
            step_calls::usage,
            step_calls::cost,
            step_calls::started_at,
            step_calls::answered_at,
            step_calls::provider,
            step_calls::model,
            step_calls::fallback_from,
        ))
        .load(conn)
        .await?;
    Ok(Some(rows))
}

/// What each model of a task used up, summed over its calls.
pub async fn usage_by_model(
    conn: &mut AsyncPgConnection,
    task: TaskId,
) -> DbResult<Vec<(String, Usage)>> {
    // A call that was given up has no model to its name.
    let model = || {
        diesel::dsl::sql::<diesel::sql_types::Text>(
            "coalesce(step_calls.provider || '/' || step_calls.model, step_calls.name)",
        )
    };
    let rows: Vec<(String, Json<Usage>)> = step_calls::table
        .inner_join(steps::table.on(steps::id.eq(step_calls::step_id)))
        .filter(steps::task_id.eq(task.0))
        .filter(step_calls::kind.eq(CallKind::Model.as_str()))
        .order(model())
        .select((model(), step_calls::usage))
        .load(conn)
        .await?;
    let mut sums: Vec<(String, Usage)> = Vec::new();
    for (model, Json(usage)) in rows {
        match sums.last_mut() {
            Some((last, sum)) if *last == model => *sum = sum.plus(usage),
            _ => sums.push((model, usage)),
        }
    }
    Ok(sums)
}

async fn is_reachable(conn: &mut AsyncPgConnection, owner: Owner, task: TaskId) -> DbResult<bool> {
    let mut query = tasks::table.find(task.0).select(tasks::id).into_boxed();
    if let Some(user) = owner.id() {
        query = query.filter(tasks::user_id.eq(user));
    }
    Ok(query.get_result::<Uuid>(conn).await.optional()?.is_some())
}

/// A column of the journal, or its first 64 KiB where it is longer.
fn cut<T: diesel::sql_types::SqlType + diesel::expression::TypedExpressionType>(
    column: &str,
) -> diesel::expression::SqlLiteral<T> {
    diesel::dsl::sql(&format!(
        "CASE WHEN octet_length(step_calls.{column}::text) > 65536 \
              THEN jsonb_build_object('truncated', true, 'text', left(step_calls.{column}::text, 65536)) \
              ELSE step_calls.{column} END"
    ))
}
