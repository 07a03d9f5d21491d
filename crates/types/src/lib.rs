//! The words of the house, as types: ids, statuses and their legal transitions, events, usage, money, names, the clock.
//!
//! What does not live here: anything that reads, writes or asks the world. Only serde comes in, so every room may
//! import this one. Read `task.rs` first; its transition table is the one that the SQL trigger is compared with.

mod agent;
mod budget;
mod clock;
mod delta;
mod event;
mod failure;
mod ids;
mod job;
mod model;
mod money;
mod names;
mod role;
mod step;
mod task;
mod usage;

pub use agent::{AgentKind, CallKind, CallState, Effect};
pub use budget::{Budget, Limit};
pub use clock::{Clock, Time};
pub use delta::{Delta, DeltaStream};
pub use event::{Event, EventRecord, NotDone, PlannedStep, StallReason, TaskResult};
pub use failure::{Failure, FailureCode};
pub use ids::{
    ArtifactId, AuditId, FileId, JobId, MessageId, ProviderId, RequestId, SessionId, StepId,
    TaskId, TemplateId, UserId, WorkerId,
};
pub use job::{JobKind, JobState, Pool};
pub use model::{ModelErrorClass, ProviderKind, Tier};
pub use money::{InvalidMoney, Usd};
pub use names::UnknownName;
pub use role::{Role, Scope};
pub use step::{RetryReason, StepStatus, WaitReason};
pub use task::{OnExceeded, OnUnsafe, PlanSource, Priority, TaskStatus, TaskType};
pub use usage::Usage;
