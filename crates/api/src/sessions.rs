use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ninja_db::sessions::{self, Alive};
use ninja_queue::{Heard, Queue};
use ninja_types::SessionId;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::error::ApiResult;

/// How old an answer may be: within this time a logout, a disabled account and a new role act everywhere, even if nobody
/// tells of them.
const FRESH: Duration = Duration::from_secs(5);
const MANY: usize = 10_000;
/// Ended logins that a busy socket may leave unheard before it asks anyway.
const REMEMBERED: usize = 256;

/// Which sessions live, as PostgreSQL said a moment ago; and who is to be told when one ends. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Sessions(Arc<Inner>);

struct Inner {
    known: Mutex<HashMap<SessionId, (Instant, Option<Alive>)>>,
    ended: broadcast::Sender<SessionId>,
    queue: Queue,
}

impl Sessions {
    pub(crate) fn new(queue: Queue) -> Self {
        let ended = broadcast::Sender::new(REMEMBERED);
        Self(Arc::new(Inner { known: Mutex::default(), ended, queue }))
    }

    /// Whom the session stands for; `None` once it has ended or its user is disabled.
    pub(crate) async fn alive(&self, app: &App, id: SessionId) -> ApiResult<Option<Alive>> {
        if let Some((at, alive)) = self.known().get(&id).copied()
            && at.elapsed() < FRESH
        {
            return Ok(alive);
        }
        let asked = Instant::now();
        let alive = sessions::alive(&mut *app.conn().await?, id).await?;
        let mut known = self.known();
        if known.len() >= MANY {
            known.retain(|_, (at, _)| at.elapsed() < FRESH);
        }
        known.insert(id, (asked, alive));
        Ok(alive)
    }

    /// These sessions ended, and their commit is done: nobody believes in them any more, here at once, in the other
    /// processes as soon as Redis tells them.
    pub(crate) fn forget(&self, ended: &[SessionId]) {
        self.drop_known(ended);
        self.0.queue.revoke(ended);
    }

    /// Every session that ends from now on, whoever ended it.
    pub(crate) fn ended(&self) -> broadcast::Receiver<SessionId> {
        self.0.ended.subscribe()
    }

    /// Hears which sessions other processes ended, until `closing`. What is missed needs no healing: answers age.
    pub(crate) async fn listen(
        self,
        mut heard: broadcast::Receiver<Heard>,
        closing: CancellationToken,
    ) {
        loop {
            tokio::select! {
                () = closing.cancelled() => return,
                heard = heard.recv() => match heard {
                    Ok(Heard::Revoked(ended)) => self.drop_known(&ended),
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }

    fn drop_known(&self, ended: &[SessionId]) {
        for id in ended {
            self.known().remove(id);
            // An error says that no socket is open, which is no fault.
            drop(self.0.ended.send(*id));
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<SessionId, (Instant, Option<Alive>)>> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
