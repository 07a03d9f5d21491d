use std::sync::Arc;
use std::time::Duration;

use ninja_config::WorkerSettings;
use ninja_db::budgets::Caps;
use ninja_db::calls::Terms;
use ninja_db::{Conn, Db, DbResult, Slots};
use ninja_llm::{Models, Registry};
use ninja_queue::{Posting, Pulse, Queue};
use ninja_tools::Bench;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::alone::Alone;
use crate::gate::Gate;
use crate::life::Life;
use crate::provider_source::Providers;
use crate::running::Running;

/// What every part of this process shares.
pub(crate) struct Worker {
    pub(crate) settings: WorkerSettings,
    pub(crate) db: Db,
    pub(crate) queue: Queue,
    /// What tools work with: the file store, the proven sandbox.
    pub(crate) bench: Bench,
    /// Libraries that the product's own programs find in the sandbox.
    pub(crate) packages: Vec<String>,
    /// Speaks to the vendors of models.
    pub(crate) wire: Arc<Registry>,
    /// Asks them for answers, and nothing else in the product does.
    pub(crate) models: Models,
    /// Who may be asked for answers of models.
    pub(crate) providers: Arc<Providers>,
    pub(crate) life: Life,
    pub(crate) running: Running,
    pub(crate) alone: Alone,
    /// Whether new messages are read.
    pub(crate) gate: Gate,
    /// Asks the heartbeat to look at the rows now.
    pub(crate) look: Notify,
    /// Fired when this process begins to end: nothing new is taken.
    pub(crate) draining: CancellationToken,
    pub(crate) pulses: Pulses,
}

/// What `/livez` asks.
pub(crate) struct Pulses {
    pub(crate) heartbeat: Pulse,
    pub(crate) fetch: Pulse,
}

impl Worker {
    /// A connection of the pool. None is held across the work of an agent.
    pub(crate) async fn conn(&self) -> DbResult<Conn> {
        self.db.conn().await
    }

    /// How many jobs of a user may be out at a time.
    pub(crate) fn slots(&self) -> Slots {
        let limits = &self.settings.limits;
        let of = |limits: &ninja_config::PlanLimits| i64::from(limits.concurrent_steps);
        Slots { user: of(&limits.user), premium: of(&limits.premium), admin: of(&limits.admin) }
    }

    /// On which terms a call may begin.
    pub(crate) fn terms(&self) -> Terms {
        Terms { patience: self.settings.worker.wait_seconds.duration(), caps: self.caps() }
    }

    /// What models may cost besides a task's own budget.
    pub(crate) fn caps(&self) -> Caps {
        let limits = &self.settings.limits;
        Caps {
            user: limits.user.day_cost_usd,
            premium: limits.premium.day_cost_usd,
            admin: limits.admin.day_cost_usd,
            installation_day: limits.installation.day_cost_usd,
            installation_month: limits.installation.month_cost_usd,
        }
    }

    /// How long a claim may last: the limit of a step, and a minute for a worker that renews but is stuck.
    pub(crate) fn deadline(&self) -> Duration {
        self.settings.worker.step_seconds.duration() + Duration::from_mins(1)
    }

    /// Rings for what a commit released.
    pub(crate) fn push(&self, pushes: &[ninja_db::Push]) {
        let posting =
            |push: &ninja_db::Push| Posting { pool: push.pool, job_id: push.job, kind: push.kind };
        self.queue.push(pushes.iter().map(posting));
    }

    /// Tells those who watch a task that a commit added events.
    pub(crate) fn notify(&self, notice: &ninja_db::Notice) {
        self.queue.notify(notice.user, notice.task, notice.seq);
    }
}
