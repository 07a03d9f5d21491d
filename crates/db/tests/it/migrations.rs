use std::collections::BTreeSet;

use ninja_db::migrate;
use ninja_testkit::Database;

use crate::world::options;

#[tokio::test(flavor = "multi_thread")]
async fn migrations_go_up_down_and_up_again() {
    let database = Database::empty().await;
    let how = options(&database, 1);
    let applied = migrate::run(&how).await.expect("up");
    assert!(!applied.is_empty());
    assert_eq!(migrate::run(&how).await.expect("again"), Vec::<String>::new());
    assert_eq!(migrate::revert_all(&how).await.expect("down"), applied.len());
    let left = tables(&database).await;
    assert_eq!(left, BTreeSet::from(["__diesel_schema_migrations".to_owned()]));
    assert_eq!(migrate::run(&how).await.expect("up again"), applied);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_migrators_at_once_both_end_well_and_one_works() {
    let database = Database::empty().await;
    let how = options(&database, 1);
    let mut racing = tokio::task::JoinSet::new(); // tasks of their own: the harness blocks the thread that it is on
    for _ in 0..2 {
        let how = how.clone();
        racing.spawn(async move { migrate::run(&how).await.expect("migrated").len() });
    }
    let mut counts = racing.join_all().await;
    counts.sort_unstable();
    assert_eq!(counts[0], 0);
    assert!(counts[1] > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_is_current_only_with_every_migration() {
    let database = Database::empty().await;
    let how = options(&database, 1);
    let mut conn = ninja_db::connect_one(&how).await.expect("a connection");
    assert!(!migrate::is_current(&mut conn).await.expect("asked"));
    migrate::run(&how).await.expect("up");
    assert!(migrate::is_current(&mut conn).await.expect("asked"));
    let client = database.client().await;
    client
        .batch_execute("DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)")
        .await
        .expect("one taken away");
    assert!(!migrate::is_current(&mut conn).await.expect("asked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_in_rust_is_the_schema_in_the_database() {
    let database = Database::fresh().await;
    let mut there = columns(&database).await;
    there.retain(|column| !column.starts_with("__diesel_schema_migrations."));
    assert_eq!(written_columns(), there);
}

async fn tables(database: &Database) -> BTreeSet<String> {
    let sql =
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
    let rows = database.client().await.query(sql, &[]).await.expect("tables");
    rows.iter().map(|row| row.get(0)).collect()
}

/// `table.column type`, `?` behind a nullable one.
async fn columns(database: &Database) -> BTreeSet<String> {
    let sql = "SELECT table_name || '.' || column_name || ' ' || udt_name || CASE is_nullable WHEN 'YES' THEN '?' ELSE '' END
                 FROM information_schema.columns WHERE table_schema = 'public'";
    let rows = database.client().await.query(sql, &[]).await.expect("columns");
    rows.iter().map(|row| row.get(0)).collect()
}

/// The same, read from `schema.rs`.
fn written_columns() -> BTreeSet<String> {
    let mut table = String::new();
    let mut renamed = None;
    let mut columns = BTreeSet::new();
    for line in include_str!("../../src/schema.rs").lines().map(str::trim) {
        if let Some(name) = line.strip_suffix(" {").and_then(|head| head.split(" (").next()) {
            name.clone_into(&mut table);
        } else if let Some(name) = line.strip_prefix("#[sql_name = \"") {
            renamed = Some(name.trim_end_matches("\"]").to_owned());
        } else if let Some((name, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            let (kind, null) = match kind.strip_prefix("Nullable<") {
                Some(inner) => (
                    inner.trim_end_matches('>').to_owned()
                        + if inner.starts_with("Array") { ">" } else { "" },
                    "?",
                ),
                None => (kind.to_owned(), ""),
            };
            let column = renamed.take().unwrap_or_else(|| name.to_owned());
            columns.insert(format!("{table}.{column} {}{null}", udt(&kind)));
        }
    }
    columns
}

fn udt(kind: &str) -> &'static str {
    match kind {
        "Uuid" => "uuid",
        "Text" => "text",
        "Timestamptz" => "timestamptz",
        "Int2" => "int2",
        "Int4" => "int4",
        "Int8" => "int8",
        "Bool" => "bool",
        "Jsonb" => "jsonb",
        "Bytea" => "bytea",
        "Date" => "date",
        "Array<Text>" => "_text",
        "Array<Uuid>" => "_uuid",
        other => panic!("schema.rs has a type that this test does not know: {other}"),
    }
}
