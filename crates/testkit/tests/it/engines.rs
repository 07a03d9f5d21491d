use std::path::Path;

use ninja_testkit::{Database, Pg, Redis, fresh_prefix, redis_url, until};

async fn count(client: &tokio_postgres::Client) -> i64 {
    client.query_one("SELECT count(*) FROM kept", &[]).await.unwrap().get(0)
}

async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "ends with its client")]
    tokio::spawn(connection);
    client
}

#[tokio::test]
async fn databases_of_two_tests_know_nothing_of_each_other() {
    let (one, two) = (Database::empty().await, Database::empty().await);
    one.client().await.batch_execute("CREATE TABLE kept (n int)").await.unwrap();
    let error = two.client().await.batch_execute("SELECT * FROM kept").await.unwrap_err();
    assert_eq!(error.code(), Some(&tokio_postgres::error::SqlState::UNDEFINED_TABLE));
}

#[tokio::test]
async fn a_dropped_database_is_gone() {
    let database = Database::empty().await;
    let witness = Database::empty().await.client().await;
    let name = database.url().rsplit('/').next().unwrap().to_owned();
    drop(database);
    let sql = "SELECT count(*) FROM pg_database WHERE datname = $1";
    let left: i64 =
        Database::empty().await.client().await.query_one(sql, &[&name]).await.unwrap().get(0);
    assert_eq!(left, 0);
    drop(witness);
}

#[tokio::test]
async fn what_was_committed_outlives_a_killed_postgres() {
    let mut pg = Pg::start();
    let client = connect(&pg.url()).await;
    client.batch_execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)").await.unwrap();
    pg.kill9();
    assert!(client.batch_execute("INSERT INTO kept VALUES (2)").await.is_err());
    pg.start_again();
    assert_eq!(count(&connect(&pg.url()).await).await, 1);
}

#[tokio::test]
async fn a_paused_postgres_hangs_and_comes_back() {
    let pg = Pg::start();
    let client = connect(&pg.url()).await;
    pg.pause();
    let answer = client.batch_execute("SELECT 1");
    tokio::pin!(answer);
    let hangs = tokio::time::timeout(std::time::Duration::from_millis(300), &mut answer).await;
    assert!(hangs.is_err());
    pg.resume();
    answer.await.unwrap();
}

#[tokio::test]
async fn a_killed_redis_comes_back_empty_under_its_address() {
    let mut engine = Redis::start();
    let client = redis::Client::open(engine.url()).unwrap();
    let mut connection = client.get_connection().unwrap();
    redis::cmd("SET").arg("a").arg(1).exec(&mut connection).unwrap();
    engine.client_kill();
    assert!(redis::cmd("PING").exec(&mut connection).is_err());
    engine.kill9();
    engine.start_empty();
    let mut connection = client.get_connection().unwrap();
    let left: i64 = redis::cmd("DBSIZE").query(&mut connection).unwrap();
    assert_eq!(left, 0);
}

#[test]
fn the_shared_redis_answers_and_prefixes_differ() {
    let mut connection = redis::Client::open(redis_url()).unwrap().get_connection().unwrap();
    redis::cmd("PING").exec(&mut connection).unwrap();
    assert_ne!(fresh_prefix(), fresh_prefix());
}

#[tokio::test]
async fn a_dropped_engine_leaves_no_process() {
    let engine = Redis::start();
    let pid = engine.pid();
    let process = format!("/proc/{pid}");
    assert!(Path::new(&process).exists());
    drop(engine);
    let gone =
        until(std::time::Duration::from_secs(5), || (!Path::new(&process).exists()).then_some(()));
    gone.await.unwrap();
}
