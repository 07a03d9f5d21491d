use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{
    AgentKind, Event, FileId, MessageId, StepStatus, TaskId, TaskStatus, Time, UserId,
};
use uuid::Uuid;

use super::create::{link_files, lock_files};
use crate::idempotency::{self, Answer, Once};
use crate::locked::{self, Locked};
use crate::schema::{steps, task_messages};
use crate::{DbResult, Notice, Owner};

/// What a user tells a task.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Who writes.
    pub by: UserId,
    /// In their words.
    pub content: String,
    /// Uploads that it names; all must be the task owner's.
    pub files: Vec<FileId>,
    /// What asks a model: a message is for such steps only. `None` as the name: all of the agent that name nothing.
    pub readers: Vec<(AgentKind, Option<&'static str>)>,
}

/// A stored message.
#[derive(Clone, Debug, Queryable)]
pub struct MessageRow {
    /// Its id.
    #[diesel(deserialize_as = Uuid)]
    pub id: MessageId,
    /// In the user's words.
    pub content: String,
    /// When it came.
    #[diesel(deserialize_as = DateTime<Utc>)]
    pub created_at: Time,
}

/// What became of a message.
#[derive(Clone, Debug)]
pub enum Posted {
    /// It is stored, to be read before the next model call.
    Stored(MessageRow, Notice),
    /// Stored before, by a request with the same key.
    Replayed(Answer),
    /// Nobody would read it: no open step of the task asks a model.
    NoReader(TaskStatus),
}

/// Stores a message for the steps of an open task that ask a model. `None`: no such task of `owner`.
pub async fn post_message(
    conn: &mut AsyncPgConnection,
    owner: Owner,
    task: TaskId,
    new: &NewMessage,
    once: Option<&Once<MessageRow>>,
) -> DbResult<Option<Posted>> {
    transact!(conn, |c| {
        if let Some(answer) = idempotency::begin(c, once).await? {
            return Ok(Some(Posted::Replayed(answer)));
        }
        let Some(mut locked) = locked::lock_of(c, owner, task).await? else {
            idempotency::forget(c, once).await?;
            return Ok(None);
        };
        let open = !locked.status.is_terminal() && locked.status != TaskStatus::Cancelling;
        if !open || !has_reader(c, &locked, new).await? {
            idempotency::forget(c, once).await?;
            return Ok(Some(Posted::NoReader(locked.status)));
        }
        lock_files(c, locked.user, &new.files).await?;
        link_files(c, task, &new.files).await?;
        let row = insert(c, task, new).await?;
        let (message_id, content) = (row.id, new.content.clone());
        locked.tell(Event::MessageReceived { message_id, content });
        let notice = locked.save(c).await?;
        idempotency::finish(c, once, &row).await?;
        Ok(Some(Posted::Stored(row, notice)))
    })
}

/// What a task was told so far, oldest first.
pub async fn messages(conn: &mut AsyncPgConnection, task: TaskId) -> DbResult<Vec<MessageRow>> {
    let rows = task_messages::table
        .filter(task_messages::task_id.eq(task.0))
        .order((task_messages::created_at, task_messages::id))
        .select((task_messages::id, task_messages::content, task_messages::created_at))
        .load(conn)
        .await?;
    Ok(rows)
}

/// Whether an open step asks a model.
async fn has_reader(c: &mut AsyncPgConnection, task: &Locked, new: &NewMessage) -> DbResult<bool> {
    let rows: Vec<(String, Option<String>, String)> = steps::table
        .filter(steps::task_id.eq(task.id.0))
        .select((steps::agent_type, steps::capability, steps::status))
        .load(c)
        .await?;
    for (agent, capability, status) in rows {
        let (agent, status): (AgentKind, StepStatus) = (agent.parse()?, status.parse()?);
        let reads = |reader: &(AgentKind, Option<&str>)| {
            reader.0 == agent && reader.1 == capability.as_deref()
        };
        if !status.is_terminal() && new.readers.iter().any(reads) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn insert(c: &mut AsyncPgConnection, task: TaskId, new: &NewMessage) -> DbResult<MessageRow> {
    let files: Vec<Uuid> = new.files.iter().map(|file| file.0).collect();
    let row = diesel::insert_into(task_messages::table)
        .values((
            task_messages::id.eq(MessageId::new().0),
            task_messages::task_id.eq(task.0),
            task_messages::user_id.eq(new.by.0),
            task_messages::content.eq(&new.content),
            task_messages::files.eq(files),
        ))
        .returning((task_messages::id, task_messages::content, task_messages::created_at))
        .get_result(c)
        .await?;
    Ok(row)
}
