//! What a client asks for, done.

use std::collections::HashMap;
use std::time::Duration;

use ninja_db::{Owner, news, tasks};
use ninja_types::TaskId;
use tokio::time::Instant;

use super::following::Everything;
use super::leave::Leave;
use super::message::{Asked, Label, Said, Unclear, Which};
use super::socket::Socket;
use crate::error::{ApiError, ApiResult, Code};
use crate::hub::Arrival;
use crate::routes::tasks::look;

/// Subscriptions of one socket; `*` is one.
pub(super) const SUBSCRIPTIONS: usize = 64;
/// Messages that are not valid before a socket ends.
const INVALID: u8 = 3;
/// A task's `created_at` is the beginning of its transaction, and it is seen only after its end.
const LONGEST_COMMIT: Duration = Duration::from_secs(30);

impl Socket {
    /// Does what one message asks.
    pub(super) async fn obey(&mut self, text: &str) -> Result<(), Leave> {
        match Asked::read(text) {
            Ok(Asked::Ping { id }) => self.wire.say(&Said::Pong { id: id.as_ref() }).await,
            Ok(Asked::Subscribe { id, task_id: Which::One(task), after, deltas }) => {
                let after = after.unwrap_or(0);
                self.subscribe(id.as_ref(), task, after, deltas.unwrap_or(false)).await
            }
            Ok(Asked::Subscribe { id, task_id: Which::Every, after: None, deltas }) => {
                self.subscribe_all(id.as_ref(), deltas.unwrap_or(false)).await
            }
            Ok(Asked::Subscribe { id, .. }) => {
                self.refuse(id.as_ref(), "`*` has no cursor: leave `after` out").await
            }
            Ok(Asked::Unsubscribe { id, task_id }) => {
                self.unsubscribe(task_id).await?;
                self.wire.say(&Said::Unsubscribed { id: id.as_ref(), task_id }).await
            }
            Err(Unclear { id, message }) => self.refuse(id.as_ref(), &message).await,
        }
    }

    /// Every event of `task` after number `after`, as far as this socket was not told it already.
    async fn subscribe(
        &mut self,
        id: Option<&Label>,
        task: TaskId,
        after: i64,
        deltas: bool,
    ) -> Result<(), Leave> {
        if !self.following.names(task) && self.is_full(id).await? {
            return Ok(());
        }
        let row = match look(&self.app, &self.caller, task).await {
            Ok(row) => row,
            Err(error) => return self.fail(id, &error).await,
        };
        let last_seq = row.last_seq;
        if !(0..=last_seq).contains(&after) {
            let message = format!("`after` must be from 0 to {last_seq}, the newest event");
            return self.refuse(id, &message).await;
        }
        let after = after.max(self.following.told(task));
        let (task_id, status) = (Which::One(task), Some(row.status));
        let (after_said, last_said) = (Some(after), Some(last_seq));
        let said = Said::Subscribed { id, task_id, after: after_said, last_seq: last_said, status };
        self.wire.say(&said).await?;
        if row.status.is_terminal() && after >= last_seq {
            self.following.leave(task);
            return self.wire.say(&Said::End { task_id: task, last_seq }).await;
        }
        let follower = self.app.hub.follow(task, last_seq, after, deltas);
        self.following.follow(task, follower, true);
        Ok(())
    }

    /// Every task of the user, each event that is committed from now on.
    pub(super) async fn subscribe_all(
        &mut self,
        id: Option<&Label>,
        deltas: bool,
    ) -> Result<(), Leave> {
        let subscribed = Said::Subscribed {
            id,
            task_id: Which::Every,
            after: None,
            last_seq: None,
            status: None,
        };
        if let Some(all) = self.following.everything() {
            all.deltas = deltas;
            return self.wire.say(&subscribed).await;
        }
        if self.is_full(id).await? {
            return Ok(());
        }
        let arrivals = self.app.hub.await_tasks(self.caller.id); // before the look, so that nothing lies between
        let since = Instant::now();
        let open = match self.open_tasks().await {
            Ok(open) => open,
            Err(error) => return self.fail(id, &error).await,
        };
        self.wire.say(&subscribed).await?;
        let known: HashMap<_, _> = open.heads.iter().copied().collect();
        self.following.begin_everything(Everything {
            arrivals,
            began: open.at,
            since,
            deltas,
            known,
        });
        for (task, head) in open.heads {
            if !self.following.follows(task) {
                let after = head.max(self.following.told(task));
                let follower = self.app.hub.follow(task, head, after, deltas).at_the_newest();
                self.following.follow(task, follower, false);
            }
        }
        self.app.hub.look();
        Ok(())
    }

    async fn unsubscribe(&mut self, which: Which) -> Result<(), Leave> {
        match which {
            Which::Every => self.following.end_everything(),
            Which::One(task) if self.following.names(task) => {
                self.following.leave(task);
                let told = self.following.told(task);
                if let Some(all) = self.following.everything() {
                    match all.known.get(&task) {
                        Some(began) => {
                            let (after, deltas) = (told.max(*began), all.deltas);
                            let follower = self.app.hub.follow(task, after, after, deltas);
                            self.following.follow(task, follower, false);
                        }
                        None => self.meet(task).await,
                    }
                }
            }
            Which::One(_) => {} // it ended by itself, or never was
        }
        Ok(())
    }

    /// What `*` heard of.
    pub(super) async fn arrived(&mut self, arrival: Arrival) {
        let new = match arrival {
            Arrival::Task(task) => vec![task],
            Arrival::Many => match self.created_tasks().await {
                Ok(tasks) => tasks,
                // Whatever is new among them is told of again.
                Err(error) => return tracing::debug!(%error, "new tasks could not be looked for"),
            },
        };
        for task in new {
            if self.following.is_new(task) {
                self.meet(task).await;
            }
        }
    }

    /// A task that `*` does not know: stored since it began, or ended before.
    async fn meet(&mut self, task: TaskId) {
        let found = async {
            let owner = Owner::User(self.caller.id);
            Ok::<_, ApiError>(tasks::find(&mut *self.app.conn().await?, owner, task).await?)
        };
        let row = match found.await {
            Ok(Some(row)) => row,
            Ok(None) => return,
            Err(error) => return tracing::debug!(%error, "a new task could not be read"),
        };
        let told = self.following.told(task);
        let Some(all) = self.following.everything() else { return };
        if row.completed_at.is_some_and(|at| at < all.began.0) {
            all.known.insert(task, row.last_seq);
            return;
        }
        all.known.insert(task, 0);
        let deltas = all.deltas;
        let follower = self.app.hub.follow(task, row.last_seq, told, deltas);
        self.following.follow(task, follower, false);
    }

    async fn open_tasks(&self) -> ApiResult<news::OpenTasks> {
        Ok(news::open(&mut *self.app.conn().await?, self.caller.id).await?)
    }

    async fn created_tasks(&mut self) -> ApiResult<Vec<TaskId>> {
        let Some(all) = self.following.everything() else { return Ok(vec![]) };
        let span = all.since.elapsed() + LONGEST_COMMIT;
        let mut conn = self.app.conn().await?;
        let rows = news::created(&mut conn, &[self.caller.id], span).await?;
        Ok(rows.into_iter().map(|(_, task)| task).collect())
    }

    async fn is_full(&mut self, id: Option<&Label>) -> Result<bool, Leave> {
        if self.following.count() < SUBSCRIPTIONS {
            return Ok(false);
        }
        let message = "A socket has at most 64 subscriptions: end one first.";
        self.wire.say(&Said::Error { id, code: "too_many_subscriptions", message }).await?;
        Ok(true)
    }

    /// The message is not valid; the third such one ends the socket.
    async fn refuse(&mut self, id: Option<&Label>, message: &str) -> Result<(), Leave> {
        self.wire.say(&Said::Error { id, code: "invalid_message", message }).await?;
        self.invalid += 1;
        if self.invalid >= INVALID { Err(Leave::INVALID) } else { Ok(()) }
    }

    /// The message is valid, and cannot be done.
    async fn fail(&mut self, id: Option<&Label>, error: &ApiError) -> Result<(), Leave> {
        let message = match error.code() {
            Code::NotFound => "No such task.",
            Code::Unavailable | Code::Overloaded => {
                "Not possible right now: try again in a moment."
            }
            _ => {
                tracing::error!(error = crate::error::chain(error), "a subscription failed");
                return Err(Leave::INTERNAL);
            }
        };
        self.wire.say(&Said::Error { id, code: error.code().row().1, message }).await
    }
}
