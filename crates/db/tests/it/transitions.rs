//! The transition tables of `ninja_types` against the triggers, pair by pair. Every row is made by hand, past the
//! triggers, and then updated through them.

use ninja_types::{JobState, StepStatus, TaskStatus};
use tokio_postgres::Client;

use crate::world::{World, chain};

/// Sets every check aside except the triggers under test.
const LOOSE: &str = "ALTER TABLE tasks DROP CONSTRAINT closed_when_terminal, DROP CONSTRAINT result_of_completed, DROP CONSTRAINT error_of_failed,
        DROP CONSTRAINT waiting_says_for_what;
    ALTER TABLE steps DROP CONSTRAINT result_of_completed, DROP CONSTRAINT error_of_failed, DROP CONSTRAINT waits_for_something;
    ALTER TABLE jobs DROP CONSTRAINT leased_by_somebody;";

/// Brings the only row of `table` to `from` past the triggers, and asks the triggers for `to`.
async fn allowed(client: &Client, table: &str, column: &str, from: &str, to: &str) -> bool {
    let past = format!(
        "SET session_replication_role = replica; UPDATE {table} SET {column} = '{from}'; SET session_replication_role = origin"
    );
    client.batch_execute(&past).await.expect("set up");
    match client.batch_execute(&format!("UPDATE {table} SET {column} = '{to}'")).await {
        Ok(()) => true,
        Err(error) => {
            let refusal = error.as_db_error().expect("an answer of the server");
            assert_eq!(refusal.code().code(), "23514", "{refusal}");
            assert_eq!(refusal.constraint(), Some("illegal_transition"), "{refusal}");
            false
        }
    }
}

async fn loose_world() -> (World, Client) {
    let world = World::new().await;
    world.create(chain(1)).await;
    world.execute(LOOSE).await;
    let client = world.database.client().await;
    (world, client)
}

#[tokio::test]
async fn a_task_changes_status_only_as_the_table_says() {
    let (_world, client) = loose_world().await;
    for from in TaskStatus::ALL {
        for to in TaskStatus::ALL.iter().filter(|to| *to != from) {
            let legal = allowed(&client, "tasks", "status", from.as_str(), to.as_str()).await;
            assert_eq!(legal, from.may_become(*to), "task {from} -> {to}");
        }
    }
}

#[tokio::test]
async fn a_step_changes_status_only_as_the_table_says() {
    let (_world, client) = loose_world().await;
    for from in StepStatus::ALL {
        for to in StepStatus::ALL.iter().filter(|to| *to != from) {
            let legal = allowed(&client, "steps", "status", from.as_str(), to.as_str()).await;
            assert_eq!(legal, from.may_become(*to), "step {from} -> {to}");
        }
    }
}

#[tokio::test]
async fn a_job_changes_state_only_as_the_table_says() {
    let (_world, client) = loose_world().await;
    for from in JobState::ALL {
        for to in JobState::ALL.iter().filter(|to| *to != from) {
            let legal = allowed(&client, "jobs", "state", from.as_str(), to.as_str()).await;
            assert_eq!(legal, from.may_become(*to), "job {from} -> {to}");
        }
    }
}

#[tokio::test]
async fn a_row_begins_only_as_the_table_says() {
    let (_world, client) = loose_world().await;
    let copy = |table: &str, column: &str, word: &str| {
        format!(
            "CREATE TEMP TABLE one AS SELECT * FROM {table} LIMIT 1; UPDATE one SET id = gen_random_uuid(), {column} = '{word}'"
        )
    };
    for (table, column, begins) in [
        (
            "tasks",
            "status",
            TaskStatus::ALL.iter().map(|it| (it.as_str(), it.may_begin())).collect::<Vec<_>>(),
        ),
        ("jobs", "state", JobState::ALL.iter().map(|it| (it.as_str(), it.may_begin())).collect()),
    ] {
        for (word, legal) in begins {
            client.batch_execute(&copy(table, column, word)).await.expect("a copy");
            if table == "jobs" {
                client
                    .batch_execute("UPDATE one SET subject_id = gen_random_uuid()")
                    .await
                    .expect("a subject");
            }
            let inserted =
                client.batch_execute(&format!("INSERT INTO {table} SELECT * FROM one")).await;
            assert_eq!(inserted.is_ok(), legal, "a new {table} row that is {word}: {inserted:?}");
            client.batch_execute("DROP TABLE one").await.expect("dropped");
        }
    }
}

#[tokio::test]
async fn the_result_of_a_step_is_written_once() {
    let (_world, client) = loose_world().await;
    client.batch_execute("UPDATE steps SET result = '1'").await.expect("first");
    client.batch_execute("UPDATE steps SET result = '1'").await.expect("the same again");
    let second = client.batch_execute("UPDATE steps SET result = '2'").await;
    let refusal = second.expect_err("refused");
    assert_eq!(refusal.as_db_error().and_then(|it| it.constraint()), Some("result_written_once"));
}
