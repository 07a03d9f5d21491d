//! Looking at the fleet from outside: through the rows, and through what the processes print.

use std::time::Duration;

use ninja_testkit::TestApp;

/// Patience with a busy machine; no test measures with it.
const PATIENCE: Duration = Duration::from_mins(1);

/// The first column of what `sql` finds, as text.
pub(crate) async fn column(app: &TestApp, sql: &str) -> Vec<String> {
    let client = app.database().client().await;
    let rows = client.simple_query(sql).await.unwrap();
    let rows = rows.into_iter().filter_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or("").to_owned()),
        _ => None,
    });
    rows.collect()
}

/// The one number that `sql` finds.
pub(crate) async fn number(app: &TestApp, sql: &str) -> i64 {
    column(app, sql).await[0].parse().unwrap()
}

/// Waits until `holds` does.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let waiting = async {
        while !holds().await {
            ticks.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// Waits until a worker is at work, and answers which: the one whose log names the id of the lease's holder.
pub(crate) async fn at_work(app: &mut TestApp, workers: usize) -> usize {
    let sql =
        "SELECT worker_id FROM jobs WHERE state = 'leased' AND started_at IS NOT NULL LIMIT 1";
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let looking = async {
        loop {
            ticks.tick().await;
            if let Some(id) = column(app, sql).await.first()
                && let Some(at) =
                    (0..workers).find(|at| app.worker(*at).log().contains(id.as_str()))
            {
                return at;
            }
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.expect("nobody works")
}

/// No step was started again after it had completed, and each completed once.
pub(crate) async fn nothing_was_repeated(app: &TestApp) {
    let repeated = "
        SELECT s.id FROM task_events s JOIN task_events c
          ON c.task_id = s.task_id AND c.data ->> 'step_id' = s.data ->> 'step_id'
         WHERE s.type = 'step.started' AND c.type = 'step.completed' AND s.seq > c.seq"
        .replace("s.id", "s.task_id");
    assert_eq!(column(app, &repeated).await, [""; 0]);
    let twice = "
        SELECT task_id FROM task_events WHERE type = 'step.completed'
         GROUP BY task_id, data ->> 'step_id' HAVING count(*) > 1";
    assert_eq!(column(app, twice).await, [""; 0]);
    app.invariants().await;
}

/// How big a fault test is: short in every run, full when the figures are wanted.
pub(crate) fn size(short: usize, full: usize) -> usize {
    let wanted =
        std::env::vars_os().any(|(key, value)| key == "NINJA_TEST_SIZE" && value == "full");
    if wanted { full } else { short }
}
