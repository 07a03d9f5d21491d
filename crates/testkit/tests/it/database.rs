use ninja_testkit::{Database, Pg};

const TASK: &str = "
    WITH u AS (
        INSERT INTO users (id, email, password_hash)
        VALUES ('00000000-0000-7000-8000-000000000001', 'a@example.org', 'x') RETURNING id
    )
    INSERT INTO tasks (id, user_id, title, description, task_type, parameters, plan, budget, last_seq)
    SELECT '00000000-0000-7000-8000-000000000002', id, 'A', 'A', 'custom', '{}', '{}', '{}', 1 FROM u";

#[tokio::test]
async fn a_fresh_database_is_migrated_and_keeps_every_invariant() {
    let database = Database::fresh().await;
    database.invariants().await;
    assert_eq!(database.state().await, "");
}

#[tokio::test]
#[should_panic(expected = "events are gapless from 1: 1 rows")]
async fn a_gap_in_the_events_is_noticed() {
    let database = Database::fresh().await;
    let client = database.client().await;
    client.batch_execute(TASK).await.unwrap();
    let event = "INSERT INTO task_events (task_id, seq, type, data)
        SELECT id, 2, 'task.created', '{}' FROM tasks";
    client.batch_execute(event).await.unwrap();
    database.invariants().await;
}

#[tokio::test]
async fn a_database_on_an_engine_of_its_own_outlives_a_restart() {
    let mut pg = Pg::start();
    let database = Database::on(&pg).await;
    database.client().await.batch_execute(TASK).await.unwrap();
    pg.stop();
    pg.start_again();
    assert_eq!(database.state().await, "task 1  pending\n");
}
