//! The migrations of the top-level folder, inside the binary.

use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::{QueryableByName, sql_types};
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::{ConnectOptions, DbError, DbResult, advisory, connect_one};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Applies what is pending and answers the names. Two at once: the second waits, finds nothing to do, and is content.
/// Needs a multi-thread runtime: the harness blocks in place.
pub async fn run(options: &ConnectOptions) -> DbResult<Vec<String>> {
    let mut conn = connect_one(options).await?;
    diesel::sql_query("SET statement_timeout = 0").execute(&mut conn).await?;
    diesel::sql_query("SET lock_timeout = 0").execute(&mut conn).await?;
    diesel::sql_query("SELECT pg_advisory_lock($1)")
        .bind::<sql_types::BigInt, _>(advisory::MIGRATION)
        .execute(&mut conn)
        .await?;
    let mut harness = AsyncMigrationHarness::new(conn);
    let applied = harness.run_pending_migrations(MIGRATIONS).map_err(DbError::Stored)?;
    Ok(applied.iter().map(ToString::to_string).collect())
}

/// Takes every migration back, newest first. For tests of the `down.sql` files.
pub async fn revert_all(options: &ConnectOptions) -> DbResult<usize> {
    let conn = connect_one(options).await?;
    let mut harness = AsyncMigrationHarness::new(conn);
    let reverted = harness.revert_all_migrations(MIGRATIONS).map_err(DbError::Stored)?;
    Ok(reverted.len())
}

/// Whether the schema has every migration that this binary knows. A newer one is no fault: expand, then contract.
pub async fn is_current(conn: &mut AsyncPgConnection) -> DbResult<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql_types::BigInt)]
        applied: i64,
    }
    let known = known()?;
    let applied = diesel::sql_query(
        "SELECT count(*) AS applied FROM __diesel_schema_migrations WHERE version = ANY($1)",
    )
    .bind::<sql_types::Array<sql_types::Text>, _>(&known)
    .get_result::<Row>(conn)
    .await;
    match applied.map_err(DbError::from) {
        Ok(row) => Ok(usize::try_from(row.applied).is_ok_and(|applied| applied == known.len())),
        Err(DbError::Query(_)) => Ok(false), // no such table: nothing was ever migrated
        Err(other) => Err(other),
    }
}

fn known() -> DbResult<Vec<String>> {
    let all = MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(DbError::Stored)?;
    Ok(all.iter().map(|migration| migration.name().version().to_string()).collect())
}
