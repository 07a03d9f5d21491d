use std::fmt::Write as _;

use tokio_postgres::Row;

use crate::Database;

/// Ids are ordinals in the order of creation, so that two runs print the same.
const TASKS: &str = "
    SELECT format('task %s  %s', row_number() OVER (ORDER BY t.created_at, t.id), t.status)
        || coalesce(' ' || (t.error ->> 'code'), ''), t.id::text
    FROM tasks t ORDER BY t.created_at, t.id";

const STEPS: &str = "
    SELECT format('  step %s  %s  %s', s.step_number, s.status, s.agent_type)
        || coalesce(' ' || s.capability, '') || coalesce('  ' || (s.error ->> 'code'), '')
    FROM steps s WHERE s.task_id::text = $1 ORDER BY s.step_number";

const JOBS: &str = "
    SELECT format('  job of step %s  %s  epoch %s  attempt %s  crashes %s',
        s.step_number, j.state, j.epoch, j.attempt, j.crashes)
        || CASE WHEN j.not_before = 'infinity' THEN '  held' ELSE '' END
        || CASE WHEN j.enqueued_at IS NULL AND j.state = 'ready' THEN '  not released' ELSE '' END
    FROM jobs j JOIN steps s ON s.id = j.subject_id WHERE s.task_id::text = $1
    ORDER BY s.step_number, j.state";

const EVENTS: &str = "
    SELECT format('  event %s  %s', e.seq, e.type)
        || coalesce('  step ' || s.step_number, '') || coalesce('  ' || (e.data ->> 'reason'), '')
    FROM task_events e
    LEFT JOIN steps s ON s.task_id = e.task_id AND s.id::text = e.data ->> 'step_id'
    WHERE e.task_id::text = $1 ORDER BY e.seq";

impl Database {
    /// Tasks, steps, jobs and events as text.
    pub async fn state(&self) -> String {
        let client = self.client().await;
        let mut text = String::new();
        let tasks = client.query(TASKS, &[]).await.expect("the tasks");
        for task in &tasks {
            line(&mut text, task);
            let id: &str = task.get(1);
            for part in [STEPS, JOBS, EVENTS] {
                let rows = client.query(part, &[&id]).await.expect("a part of a task");
                for row in &rows {
                    line(&mut text, row);
                }
            }
        }
        text
    }
}

fn line(text: &mut String, row: &Row) {
    let value: &str = row.get(0);
    writeln!(text, "{value}").expect("text can be written to a string");
}
