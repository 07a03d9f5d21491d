use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{JobId, JobKind, Pool, ProviderId, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::audit::{self, Act};
use crate::jobs::{Errand, end_errand};
use crate::schema::{jobs, provider_settings};
use crate::{DbResult, Push};

/// Owes a test of a provider, or joins the one that is under way. `Push` is to be pushed after the commit.
pub async fn ask_test(
    conn: &mut AsyncPgConnection,
    provider: ProviderId,
    user: UserId,
    act: &Act,
) -> DbResult<(JobId, Push)> {
    let (kind, pool) = (JobKind::TestProvider, Pool::System);
    let fresh = JobId::new();
    transact!(conn, |c| {
        // Released as it is made: an admin who waits before the screen takes no slot of their tasks.
        diesel::sql_query(
            "INSERT INTO jobs (id, kind, subject_id, user_id, pool, enqueued_at, not_before)
             VALUES ($1, $2, $3, $4, $5, now(), now())
             ON CONFLICT (kind, subject_id) WHERE state <> 'dead' DO NOTHING",
        )
        .bind::<SqlUuid, _>(fresh.0)
        .bind::<Text, _>(kind.as_str())
        .bind::<SqlUuid, _>(provider.0)
        .bind::<SqlUuid, _>(user.0)
        .bind::<Text, _>(pool.as_str())
        .execute(c)
        .await?;
        let job: Uuid = jobs::table
            .filter(jobs::kind.eq(kind.as_str()).and(jobs::subject_id.eq(provider.0)))
            .filter(jobs::state.ne("dead"))
            .select(jobs::id)
            .first(c)
            .await?;
        audit::append(c, &act.clone().to("provider", provider.0)).await?;
        Ok((JobId(job), Push { job: JobId(job), kind, pool }))
    })
}

/// Ends a test with what came of it.
pub async fn store_test(
    conn: &mut AsyncPgConnection,
    errand: &Errand,
    outcome: &Value,
) -> DbResult<()> {
    transact!(conn, |c| {
        end_errand(c, errand).await?;
        diesel::update(provider_settings::table.find(errand.subject))
            .set(provider_settings::last_test.eq(outcome))
            .execute(c)
            .await?;
        Ok(())
    })
}
