use std::collections::{HashMap, HashSet};
use std::time::Duration;

use ninja_db::{events, news};
use ninja_queue::Heard;
use ninja_types::TaskId;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, MissedTickBehavior};

use super::told::delta_frame;
use super::{Hub, HubError, Told};

/// Tasks read in one query.
const TASKS_AT_ONCE: usize = 256;
/// Events read of one task in one query; it comes again if there are more.
const EVENTS_AT_ONCE: i64 = 64;
/// A task's `created_at` is the beginning of its transaction, and it is seen only after its end.
const LONGEST_COMMIT: Duration = Duration::from_secs(30);

/// The one reader of the process: turns notices into events in memory.
pub(super) struct Feed {
    hub: Hub,
    heard: Receiver<Heard>,
    /// Tasks with events that were told of and not read yet.
    behind: HashSet<TaskId>,
    /// Notices may have been missed: look at every watched task.
    doubtful: bool,
    /// When it was last looked for tasks that nobody told of.
    looked: Instant,
}

impl Feed {
    pub(super) fn new(hub: Hub, heard: Receiver<Heard>) -> Self {
        Self { hub, heard, behind: HashSet::new(), doubtful: false, looked: Instant::now() }
    }

    /// Reads whenever a notice comes; while one query runs, further notices gather for the next. The slow tick heals
    /// what no notice told, and repeats what failed.
    pub(super) async fn run(mut self, healing: Duration) {
        let closing = self.hub.0.closing.clone();
        let hub = self.hub.clone();
        let mut tick = tokio::time::interval(healing);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = closing.cancelled() => return,
                heard = self.heard.recv() => match heard {
                    Ok(heard) => self.note(heard),
                    Err(RecvError::Lagged(_)) => self.doubtful = true,
                    // The subscription lives as long as the hub, which this task holds.
                    Err(RecvError::Closed) => return,
                },
                () = hub.0.asked.notified() => self.doubtful = true,
                _ = tick.tick() => self.doubtful = true,
            }
            self.note_the_rest();
            if let Err(error) = self.read().await {
                tracing::warn!(%error, "live events wait: they could not be read, and are tried again");
                // What is due stays due, and the tick comes back to it.
            }
        }
    }

    fn note(&mut self, heard: Heard) {
        match heard {
            Heard::Notice { user_id, task_id, seq } => {
                self.hub.arrived(user_id, task_id);
                if self.hub.find(task_id).is_some_and(|watched| watched.head() < seq) {
                    self.behind.insert(task_id);
                }
            }
            Heard::Delta(delta) => {
                let Some(watched) = self.hub.find(delta.task_id) else { return };
                match delta_frame(&delta) {
                    Ok(frame) => watched.show(frame),
                    Err(error) => tracing::error!(%error, "a delta could not be serialised"),
                }
            }
            Heard::Resync => self.doubtful = true,
            Heard::Signal(_) | Heard::Revoked(_) | Heard::Providers(_) => {}
        }
    }

    fn note_the_rest(&mut self) {
        loop {
            match self.heard.try_recv() {
                Ok(heard) => self.note(heard),
                Err(TryRecvError::Lagged(_)) => self.doubtful = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }

    async fn read(&mut self) -> Result<(), HubError> {
        if self.doubtful {
            self.compare().await?;
            self.look_for_new_ones().await?;
            self.doubtful = false;
        }
        while !self.behind.is_empty() {
            self.catch_up().await?;
            self.note_the_rest();
        }
        Ok(())
    }

    /// One query over all watched tasks: whose newest number is above what was read?
    async fn compare(&mut self) -> Result<(), HubError> {
        let tasks = self.hub.all();
        if tasks.is_empty() {
            return Ok(());
        }
        let mut conn = self.hub.0.db.conn().await?;
        let heads: HashMap<_, _> = events::heads(&mut conn, &tasks).await?.into_iter().collect();
        for task in tasks {
            let Some(watched) = self.hub.find(task) else { continue };
            match heads.get(&task) {
                Some(seq) if *seq > watched.head() => {
                    self.behind.insert(task);
                }
                Some(_) => {}
                None => watched.gone(),
            }
        }
        Ok(())
    }

    /// One query over all users whose tasks are all awaited: which are new?
    async fn look_for_new_ones(&mut self) -> Result<(), HubError> {
        let users = self.hub.awaited_users();
        let now = Instant::now();
        if !users.is_empty() {
            let span = now.duration_since(self.looked) + LONGEST_COMMIT;
            let mut conn = self.hub.0.db.conn().await?;
            for (user, task) in news::created(&mut conn, &users, span).await? {
                self.hub.arrived(user, task);
            }
        }
        self.looked = now;
        Ok(())
    }

    /// Reads the next events of a group of tasks that are behind.
    async fn catch_up(&mut self) -> Result<(), HubError> {
        let group: Vec<TaskId> = self.behind.iter().take(TASKS_AT_ONCE).copied().collect();
        let mut cursors = Vec::with_capacity(group.len());
        for task in &group {
            match self.hub.find(*task) {
                Some(watched) => cursors.push((*task, watched.head())),
                None => {
                    self.behind.remove(task);
                }
            }
        }
        let mut conn = self.hub.0.db.conn().await?;
        let rows = news::read(&mut conn, &cursors, EVENTS_AT_ONCE).await?;
        drop(conn);
        let mut news: HashMap<TaskId, Vec<Told>> = HashMap::new();
        for row in &rows {
            news.entry(row.task_id).or_default().push(Told::new(row)?);
        }
        for (task, _) in cursors {
            let told = news.remove(&task).unwrap_or_default();
            if i64::try_from(told.len()).is_ok_and(|n| n < EVENTS_AT_ONCE) {
                self.behind.remove(&task);
            }
            if let Some(watched) = self.hub.find(task) {
                watched.add(told);
            }
        }
        Ok(())
    }
}
