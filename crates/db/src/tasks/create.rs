use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{
    AgentKind, ArtifactId, Budget, Event, FileId, NotDone, OnUnsafe, PlanSource, PlannedStep,
    Priority, StepId, TaskId, TaskStatus, TaskType, TemplateId, Usage, UserId,
};
use serde_json::Value;
use uuid::Uuid;

use super::{PlanState, TaskRow, inputs};
use crate::idempotency::{self, Once, Outcome};
use crate::locked::{self, Locked};
use crate::schema::{files, steps, task_files, tasks, user_days};
use crate::steps::{Graph, open_ready};
use crate::{DbError, DbResult, Notice, Push, Slots, release};

/// A task to be stored, with everything that its request and its plan decided.
#[derive(Clone, Debug)]
pub struct NewTask {
    /// Chosen before, so that the answer of a keyed request can name it.
    pub id: TaskId,
    /// Whose it is.
    pub owner: UserId,
    /// Whose request it repeats.
    pub clone_of: Option<TaskId>,
    /// Whose defaults it took.
    pub template_id: Option<TemplateId>,
    /// A short name.
    pub title: String,
    /// What is wanted, in the user's words.
    pub description: String,
    /// Its type.
    pub task_type: TaskType,
    /// Checked, with defaults filled in.
    pub parameters: Value,
    /// Orders the releases.
    pub priority: Priority,
    /// `provider/model` asked for.
    pub model: Option<String>,
    /// Policy for calls that may act twice.
    pub on_unsafe: OnUnsafe,
    /// Echoed.
    pub tags: Vec<String>,
    /// Echoed.
    pub metadata: Value,
    /// The limits.
    pub budget: Budget,
    /// The steps.
    pub plan: NewPlan,
    /// Uploads that it uses; all must be the owner's.
    pub files: Vec<FileId>,
    /// Artifacts of earlier tasks that it uses; all must be the owner's.
    pub artifacts: Vec<ArtifactId>,
    /// Live jobs at a time, by role.
    pub slots: Slots,
    /// Tasks that the owner may create in a UTC day.
    pub tasks_per_day: i32,
}

/// A checked plan.
#[derive(Clone, Debug)]
pub struct NewPlan {
    /// Where it came from.
    pub source: PlanSource,
    /// In order; numbers count from 1.
    pub steps: Vec<NewStep>,
    /// What was asked for and is not planned.
    pub not_done: Vec<NotDone>,
}

/// A step of a checked plan.
#[derive(Clone, Debug)]
pub struct NewStep {
    /// The plan's name for it.
    pub key: String,
    /// Who does it.
    pub agent: AgentKind,
    /// Which capability.
    pub capability: Option<String>,
    /// What it is to achieve.
    pub description: String,
    /// Whether the task can complete without it.
    pub required: bool,
    /// Indexes of earlier steps of the same plan.
    pub depends_on: Vec<usize>,
    /// Languages and programs that its worker must provide.
    pub requires: Vec<String>,
    /// The capability's arguments.
    pub inputs: Value,
}

/// A stored task: from here it will run.
#[derive(Clone, Debug)]
pub struct Created {
    /// As it stands.
    pub task: TaskRow,
    /// To be pushed.
    pub pushes: Vec<Push>,
    /// To be told.
    pub notice: Notice,
}

#[derive(Insertable)]
#[diesel(table_name = steps)]
struct StepInsert<'a> {
    id: Uuid,
    task_id: Uuid,
    step_number: i32,
    key: &'a str,
    agent_type: &'static str,
    capability: Option<&'a str>,
    description: &'a str,
    pool: &'static str,
    required: bool,
    depends_on: Vec<Uuid>,
    requires: &'a [String],
    inputs: &'a Value,
}

/// Stores task, steps, first jobs and first events in one transaction, and releases what the owner's slots allow: a task
/// that is answered will run. `QuotaExceeded`, `UnknownFiles` and `UnknownArtifacts` leave nothing behind.
pub async fn create(
    conn: &mut AsyncPgConnection,
    new: &NewTask,
    once: Option<&Once<TaskRow>>,
) -> DbResult<Outcome<Created>> {
    transact!(conn, |c| {
        if let Some(answer) = idempotency::begin(c, once).await? {
            return Ok(Outcome::Replayed(answer));
        }
        keep_source(c, new.clone_of).await?;
        lock_files(c, new.owner, &new.files).await?;
        count_today(c, new.owner, new.tasks_per_day).await?;
        insert_task(c, new).await?;
        inputs::give(c, new).await?;
        let planned = insert_steps(c, new).await?;
        let mut task = locked::lock(c, new.id).await?.ok_or(DbError::Fenced)?;
        task.tell(Event::TaskCreated {
            title: new.title.clone(),
            task_type: new.task_type,
            status: TaskStatus::Pending,
            priority: new.priority,
            template_id: new.template_id,
            retry_of: None,
            clone_of: new.clone_of,
        });
        task.tell(Event::PlanCreated { source: new.plan.source, steps: planned });
        open_first(c, &mut task).await?;
        let notice = task.save(c).await?;
        let row = tasks::table.find(new.id.0).select(TaskRow::as_select()).get_result(c).await?;
        idempotency::finish(c, once, &row).await?;
        // Last, as it locks the owner's row.
        let pushes = release::within(c, new.owner, &new.slots).await?;
        Ok(Outcome::Done(Created { task: row, pushes, notice }))
    })
}

/// The task that a clone names, held against deletion until the commit.
async fn keep_source(c: &mut AsyncPgConnection, source: Option<TaskId>) -> DbResult<()> {
    let Some(source) = source else { return Ok(()) };
    let kept: Option<Uuid> = tasks::table
        .find(source.0)
        .select(tasks::id)
        .for_key_share()
        .get_result(c)
        .await
        .optional()?;
    kept.map(|_kept| ()).ok_or(DbError::Gone)
}

/// The owner's uploads, held against deletion until the commit.
pub(super) async fn lock_files(
    c: &mut AsyncPgConnection,
    owner: UserId,
    named: &[FileId],
) -> DbResult<()> {
    if named.is_empty() {
        return Ok(());
    }
    let asked: Vec<Uuid> = named.iter().map(|file| file.0).collect();
    let found: Vec<Uuid> = files::table
        .filter(files::id.eq_any(&asked).and(files::user_id.eq(owner.0)))
        .select(files::id)
        .order(files::id)
        .for_key_share()
        .load(c)
        .await?;
    let missing: Vec<FileId> =
        asked.into_iter().filter(|id| !found.contains(id)).map(FileId).collect();
    if missing.is_empty() { Ok(()) } else { Err(DbError::UnknownFiles(missing)) }
}

/// Counts the task on the owner's UTC day, unless the day is full.
pub(super) async fn count_today(
    c: &mut AsyncPgConnection,
    owner: UserId,
    tasks_per_day: i32,
) -> DbResult<()> {
    let today = diesel::dsl::sql::<diesel::sql_types::Date>("(now() AT TIME ZONE 'UTC')::date");
    let day: NaiveDate = diesel::select(today).get_result(c).await?;
    let first = (user_days::user_id.eq(owner.0), user_days::day.eq(day), user_days::tasks.eq(1));
    let upsert = diesel::insert_into(user_days::table)
        .values(first)
        .on_conflict((user_days::user_id, user_days::day))
        .do_update()
        .set(user_days::tasks.eq(user_days::tasks + excluded(user_days::tasks)));
    let counted =
        diesel::query_dsl::methods::FilterDsl::filter(upsert, user_days::tasks.lt(tasks_per_day))
            .execute(c)
            .await?;
    if counted == 1 { Ok(()) } else { Err(DbError::QuotaExceeded) }
}

async fn insert_task(c: &mut AsyncPgConnection, new: &NewTask) -> DbResult<()> {
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let plan = PlanState {
        source: new.plan.source,
        steps_total: count(new.plan.steps.len()),
        steps_completed: 0,
        steps_failed: 0,
        required_total: count(new.plan.steps.iter().filter(|step| step.required).count()),
        required_completed: 0,
        not_done: new.plan.not_done.clone(),
    };
    diesel::insert_into(tasks::table)
        .values((
            tasks::id.eq(new.id.0),
            tasks::user_id.eq(new.owner.0),
            tasks::clone_of.eq(new.clone_of.map(|id| id.0)),
            tasks::template_id.eq(new.template_id.map(|id| id.0)),
            tasks::title.eq(&new.title),
            tasks::description.eq(&new.description),
            tasks::task_type.eq(new.task_type.as_str()),
            tasks::parameters.eq(&new.parameters),
            tasks::priority.eq(new.priority.as_str()),
            tasks::model.eq(&new.model),
            tasks::on_unsafe.eq(new.on_unsafe.as_str()),
            tasks::tags.eq(&new.tags),
            tasks::metadata.eq(&new.metadata),
            tasks::plan.eq(serde_json::to_value(plan)?),
            tasks::budget.eq(serde_json::to_value(new.budget)?),
            tasks::usage.eq(serde_json::to_value(Usage::default())?),
        ))
        .execute(c)
        .await?;
    link_files(c, new.id, &new.files).await
}

/// As long as the task is open, its files cannot be deleted.
pub(super) async fn link_files(
    c: &mut AsyncPgConnection,
    task: TaskId,
    named: &[FileId],
) -> DbResult<()> {
    let link = |file: &FileId| (task_files::task_id.eq(task.0), task_files::file_id.eq(file.0));
    let links: Vec<_> = named.iter().map(link).collect();
    if !links.is_empty() {
        let insert = diesel::insert_into(task_files::table).values(links);
        insert.on_conflict_do_nothing().execute(c).await?;
    }
    Ok(())
}

async fn insert_steps(c: &mut AsyncPgConnection, new: &NewTask) -> DbResult<Vec<PlannedStep>> {
    let ids: Vec<StepId> = new.plan.steps.iter().map(|_| StepId::new()).collect();
    let mut rows = Vec::with_capacity(ids.len());
    let mut planned = Vec::with_capacity(ids.len());
    for ((step, id), step_number) in new.plan.steps.iter().zip(&ids).zip(1..) {
        let depends_on: Vec<StepId> =
            step.depends_on.iter().filter_map(|index| ids.get(*index).copied()).collect();
        rows.push(StepInsert {
            id: id.0,
            task_id: new.id.0,
            step_number,
            key: &step.key,
            agent_type: step.agent.as_str(),
            capability: step.capability.as_deref(),
            description: &step.description,
            pool: step.agent.pool().as_str(),
            required: step.required,
            depends_on: depends_on.iter().map(|id| id.0).collect(),
            requires: &step.requires,
            inputs: &step.inputs,
        });
        planned.push(PlannedStep {
            step_id: *id,
            step_number,
            agent_type: step.agent,
            capability: step.capability.clone(),
            depends_on,
        });
    }
    diesel::insert_into(steps::table).values(&rows).execute(c).await?;
    Ok(planned)
}

pub(super) async fn open_first(c: &mut AsyncPgConnection, task: &mut Locked) -> DbResult<()> {
    let mut graph = Graph::load(c, task).await?;
    open_ready(c, task, &mut graph).await?;
    Ok(())
}
