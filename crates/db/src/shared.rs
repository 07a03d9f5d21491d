use ninja_types::{JobId, JobKind, Pool, Role, TaskId, TaskStatus, UserId, WorkerId};
use uuid::Uuid;

use crate::{DbError, DbResult};

/// A released job whose message is to be put on its pool's stream, after the commit and by nobody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Push {
    /// The job.
    pub job: JobId,
    /// Its kind, which the message carries.
    pub kind: JobKind,
    /// Whose stream.
    pub pool: Pool,
}

/// A commit added events to a task: to be told to those who watch, after the commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The task.
    pub task: TaskId,
    /// Its owner.
    pub user: UserId,
    /// Its newest event.
    pub seq: i64,
}

/// How many jobs of one user may be live at a time, by role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots {
    /// Of a user.
    pub user: i64,
    /// Of a premium user.
    pub premium: i64,
    /// Of an administrator.
    pub admin: i64,
}

impl Slots {
    /// Those of `role`.
    pub const fn of(&self, role: Role) -> i64 {
        match role {
            Role::User => self.user,
            Role::Premium => self.premium,
            Role::Admin => self.admin,
        }
    }
}

/// Whose rows a request may reach. A query that a request can reach takes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Only this user's: others' rows are as absent as unknown ids.
    User(UserId),
    /// Everybody's: an administrator, whose access is an audit row.
    Anyone,
}

impl Owner {
    /// `None` stands for everybody in `WHERE ($1 IS NULL OR user_id = $1)`.
    pub(crate) fn id(self) -> Option<Uuid> {
        match self {
            Self::User(user) => Some(user.0),
            Self::Anyone => None,
        }
    }

    /// Whether a row of `user` may be reached.
    pub(crate) fn may_reach(self, user: UserId) -> bool {
        self.id().is_none_or(|owner| owner == user.0)
    }
}

/// The proof that a worker holds a job. Every write for the job shows it; once the epoch moved it opens nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub job: JobId,
    /// Its kind.
    pub kind: JobKind,
    /// The step.
    pub subject: Uuid,
    /// The step's task.
    pub task: TaskId,
    /// Whose share it takes.
    pub user: UserId,
    /// Its pool.
    pub pool: Pool,
    /// Who holds it.
    pub worker: WorkerId,
    /// Raised by every claim and takeover.
    pub epoch: i64,
    /// This attempt, from 1.
    pub attempt: i32,
    /// Workers that died at it. Above 0 it runs alone on its worker.
    pub crashes: i32,
    /// The claim also started it: nothing ran alone on the worker at that moment.
    pub started: bool,
}

/// What a transaction that settled a job left to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// The task.
    pub task: TaskId,
    /// Its owner.
    pub user: UserId,
    /// To be pushed.
    pub pushes: Vec<Push>,
    /// To be told.
    pub notice: Notice,
    /// The successor, if it was claimed in the same transaction.
    pub next: Option<Lease>,
    /// A slot of the user became free: release for them next.
    pub freed: bool,
    /// The task ended with this status.
    pub closed: Option<TaskStatus>,
}

/// A span as PostgreSQL takes it.
pub(crate) fn interval(span: std::time::Duration) -> DbResult<chrono::TimeDelta> {
    chrono::TimeDelta::from_std(span).map_err(DbError::stored)
}

impl Settled {
    /// A job that was settled, its slot freed, with nothing to push and its task open.
    pub(crate) fn of(lease: &Lease, notice: Notice) -> Self {
        Self {
            task: lease.task,
            user: lease.user,
            pushes: Vec::new(),
            notice,
            next: None,
            freed: true,
            closed: None,
        }
    }
}
