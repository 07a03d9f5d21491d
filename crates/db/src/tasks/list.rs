use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{TaskId, TaskStatus, TaskType, TemplateId};

use super::TaskRow;
use crate::schema::tasks;
use crate::{DbResult, Owner};

/// Which tasks to list; an empty one lists all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Any of these statuses.
    pub status: Vec<TaskStatus>,
    /// Any of these types.
    pub task_type: Vec<TaskType>,
    /// Has this tag.
    pub tag: Option<String>,
    /// Made from this template.
    pub template_id: Option<TemplateId>,
    /// The title contains this, whatever its case.
    pub q: Option<String>,
    /// Created at this moment or later.
    pub created_after: Option<DateTime<Utc>>,
    /// Created before this moment.
    pub created_before: Option<DateTime<Utc>>,
}

/// Where the page before ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Of its last task.
    pub created_at: DateTime<Utc>,
    /// Of its last task.
    pub id: TaskId,
}

/// At most `limit` tasks, newest first, that come after `place`: rows created meanwhile shift nothing.
pub async fn list(
    conn: &mut AsyncPgConnection,
    owner: Owner,
    filter: &Filter,
    place: Option<Place>,
    limit: i64,
) -> DbResult<Vec<TaskRow>> {
    let mut query = tasks::table.select(TaskRow::as_select()).into_boxed();
    if let Some(user) = owner.id() {
        query = query.filter(tasks::user_id.eq(user));
    }
    if !filter.status.is_empty() {
        query = query.filter(tasks::status.eq_any(filter.status.iter().map(|s| s.as_str())));
    }
    if !filter.task_type.is_empty() {
        query = query.filter(tasks::task_type.eq_any(filter.task_type.iter().map(|t| t.as_str())));
    }
    if let Some(tag) = &filter.tag {
        query = query.filter(tasks::tags.contains(vec![tag.as_str()]));
    }
    if let Some(template) = filter.template_id {
        query = query.filter(tasks::template_id.eq(template.0));
    }
    if let Some(words) = &filter.q {
        query = query.filter(tasks::title.ilike(format!("%{}%", literally(words))));
    }
    if let Some(from) = filter.created_after {
        query = query.filter(tasks::created_at.ge(from));
    }
    if let Some(until) = filter.created_before {
        query = query.filter(tasks::created_at.lt(until));
    }
    if let Some(place) = place {
        // One comparison of rows, which the index on (user_id, created_at, id) answers.
        query = query.filter(
            diesel::dsl::sql::<diesel::sql_types::Bool>("(tasks.created_at, tasks.id) < (")
                .bind::<diesel::sql_types::Timestamptz, _>(place.created_at)
                .sql(", ")
                .bind::<diesel::sql_types::Uuid, _>(place.id.0)
                .sql(")"),
        );
    }
    let newest_first = (tasks::created_at.desc(), tasks::id.desc());
    Ok(query.order(newest_first).limit(limit).load(conn).await?)
}

/// `words` as a LIKE pattern that matches nothing but themselves.
fn literally(words: &str) -> String {
    let mut pattern = String::with_capacity(words.len());
    for letter in words.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}
