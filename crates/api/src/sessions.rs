use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ninja_db::sessions::{self, Alive};
use ninja_types::SessionId;

use crate::app::App;
use crate::error::ApiResult;

/// How old an answer may be: within this time a logout, a disabled account and a new role act everywhere.
const FRESH: Duration = Duration::from_secs(5);
const MANY: usize = 10_000;

/// Which sessions live, as PostgreSQL said a moment ago.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<SessionId, (Instant, Option<Alive>)>>);

impl Sessions {
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

    /// Forgets sessions that ended here: at once in this process, within 5 seconds in the others.
    pub(crate) fn forget(&self, ended: &[SessionId]) {
        let mut known = self.known();
        for id in ended {
            known.remove(id);
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<SessionId, (Instant, Option<Alive>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
