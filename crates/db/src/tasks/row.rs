use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{Budget, OnUnsafe, Priority, TaskId, TaskStatus, TaskType, Time, Usage, UserId};
use serde_json::Value;
use uuid::Uuid;

use super::PlanState;
use crate::DbResult;
use crate::json::Json;
use crate::schema::tasks;

/// A task as its owner sees it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = tasks)]
pub struct TaskRow {
    /// Its id.
    #[diesel(deserialize_as = Uuid)]
    pub id: TaskId,
    /// Whose it is.
    #[diesel(deserialize_as = Uuid)]
    pub user_id: UserId,
    /// The template that it was made from.
    pub template_id: Option<Uuid>,
    /// The task that it repeats.
    pub retry_of: Option<Uuid>,
    /// The task whose request it repeats.
    pub clone_of: Option<Uuid>,
    /// For lists.
    pub title: String,
    /// What was asked for.
    pub description: String,
    /// What kind of work.
    #[diesel(deserialize_as = String)]
    pub task_type: TaskType,
    /// With the defaults filled in.
    pub parameters: Value,
    /// Where it stands.
    #[diesel(deserialize_as = String)]
    pub status: TaskStatus,
    /// Orders the owner's releases.
    #[diesel(deserialize_as = String)]
    pub priority: Priority,
    /// `provider/model` asked for.
    pub model: Option<String>,
    /// What happens to calls that may act twice.
    #[diesel(deserialize_as = String)]
    pub on_unsafe: OnUnsafe,
    /// Words of the owner.
    pub tags: Vec<String>,
    /// Pairs of the owner, never interpreted.
    pub metadata: Value,
    /// Where the plan came from, and how far it is.
    pub plan: Json<PlanState>,
    /// What it may use up.
    pub budget: Json<Budget>,
    /// Of it, set aside for calls in flight: millionths of a US dollar.
    pub reserved: i64,
    /// What it used up.
    pub usage: Json<Usage>,
    /// What every open step waits for; only of a waiting task.
    pub waiting: Option<Value>,
    /// What came out; only of a completed task.
    pub result: Option<Value>,
    /// Why it failed; only of a failed task.
    pub error: Option<Value>,
    /// Newest event, gapless from 1: a client that has it has missed nothing.
    pub last_seq: i64,
    /// When it was stored.
    #[diesel(deserialize_as = DateTime<Utc>)]
    pub created_at: Time,
    /// Its last change.
    #[diesel(deserialize_as = DateTime<Utc>)]
    pub updated_at: Time,
    /// When its first step was claimed.
    pub started_at: Option<DateTime<Utc>>,
    /// Set in every terminal status.
    pub completed_at: Option<DateTime<Utc>>,
}

/// The task as this transaction leaves it.
pub(super) async fn read(c: &mut AsyncPgConnection, task: TaskId) -> DbResult<Box<TaskRow>> {
    let row = tasks::table.find(task.0).select(TaskRow::as_select()).get_result(c).await?;
    Ok(Box::new(row))
}
