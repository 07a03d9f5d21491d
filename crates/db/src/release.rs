//! Release: which of the jobs that are owed and due may go to a stream now. Here priority acts and users are kept fair.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{JobId, UserId};
use uuid::Uuid;

use crate::schema::users;
use crate::{DbResult, Push, Slots};

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    id: Option<Uuid>,
}

#[derive(QueryableByName)]
struct Live {
    #[diesel(sql_type = BigInt)]
    fit: i64,
    #[diesel(sql_type = BigInt)]
    unfit: i64,
}

#[derive(QueryableByName)]
struct Candidate {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Bool)]
    fit: bool,
}

#[derive(QueryableByName)]
struct Released {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    pool: String,
}

/// SQL: a live worker of the pool can run job `j`.
macro_rules! fit {
    () => {
        "EXISTS (SELECT 1 FROM workers w WHERE w.state = 'alive' AND w.lease_until > now()
                  AND j.pool = ANY (w.pools) AND j.requires <@ w.provides)"
    };
}
pub(crate) use fit;

/// Releases due jobs of `user` up to their slots, and answers those to push: the ones that a live worker can run.
/// A transaction of its own, as the user's row is locked and older locks must not be held.
pub async fn for_user(
    conn: &mut AsyncPgConnection,
    user: UserId,
    slots: &Slots,
) -> DbResult<Vec<Push>> {
    if !has_due(conn, user).await? {
        return Ok(Vec::new());
    }
    transact!(conn, |c| { within(c, user, slots).await })
}

/// The same inside the transaction that made the jobs owed; its last act, as it locks the user.
pub(crate) async fn within(
    c: &mut AsyncPgConnection,
    user: UserId,
    slots: &Slots,
) -> DbResult<Vec<Push>> {
    // The lock is a statement of its own: the counts after it must not read the snapshot from before its wait.
    let role: String =
        users::table.find(user.0).select(users::role).for_no_key_update().get_result(c).await?;
    let limit = slots.of(role.parse()?);
    let live = live(c, user).await?;
    let (free, spare) = ((limit - live.fit).max(0), (limit - live.unfit).max(0));
    let chosen = choose(c, user, free, spare).await?;
    let released = mark(c, &chosen).await?;
    let mut pushes = Vec::with_capacity(released.len());
    for candidate in chosen.iter().filter(|candidate| candidate.fit) {
        if let Some(row) = released.iter().find(|row| row.id == candidate.id) {
            let (kind, pool) = (row.kind.parse()?, row.pool.parse()?);
            pushes.push(Push { job: JobId(row.id), kind, pool });
        }
    }
    Ok(pushes)
}

/// Users who have due jobs that wait for a release: one index probe a user, however many rows wait.
pub async fn users_due(conn: &mut AsyncPgConnection) -> DbResult<Vec<UserId>> {
    let rows: Vec<Id> = diesel::sql_query(
        "WITH RECURSIVE u(id) AS (
             (SELECT user_id FROM jobs WHERE state = 'ready' AND enqueued_at IS NULL ORDER BY user_id LIMIT 1)
             UNION ALL
             SELECT (SELECT j.user_id FROM jobs j WHERE j.state = 'ready' AND j.enqueued_at IS NULL AND j.user_id > u.id
                      ORDER BY j.user_id LIMIT 1)
               FROM u WHERE u.id IS NOT NULL)
         SELECT id FROM u WHERE EXISTS (SELECT 1 FROM jobs j
          WHERE j.user_id = u.id AND j.state = 'ready' AND j.enqueued_at IS NULL AND j.not_before <= now())",
    )
    .load(conn)
    .await?;
    Ok(rows.into_iter().filter_map(|row| row.id).map(UserId).collect())
}

async fn has_due(conn: &mut AsyncPgConnection, user: UserId) -> DbResult<bool> {
    use crate::schema::jobs;
    let due = jobs::table
        .filter(jobs::user_id.eq(user.0).and(jobs::state.eq("ready")))
        .filter(jobs::enqueued_at.is_null().and(jobs::not_before.le(diesel::dsl::now)));
    Ok(diesel::select(diesel::dsl::exists(due)).get_result(conn).await?)
}

async fn live(c: &mut AsyncPgConnection, user: UserId) -> DbResult<Live> {
    const COUNT: &str = concat!(
        "SELECT count(*) FILTER (WHERE fit) AS fit, count(*) FILTER (WHERE NOT fit) AS unfit
           FROM (SELECT j.state = 'leased' OR ",
        fit!(),
        " AS fit FROM jobs j
          WHERE j.user_id = $1 AND (j.state = 'leased' OR (j.state = 'ready' AND j.enqueued_at IS NOT NULL))) live"
    );
    Ok(diesel::sql_query(COUNT).bind::<SqlUuid, _>(user.0).get_result(c).await?)
}

/// In order of priority, then due time: `free` that fit and `spare` that no live worker can run.
async fn choose(
    c: &mut AsyncPgConnection,
    user: UserId,
    free: i64,
    spare: i64,
) -> DbResult<Vec<Candidate>> {
    const CHOOSE: &str = concat!(
        "SELECT j.id, f.fit FROM jobs j, LATERAL (SELECT ",
        fit!(),
        " AS fit OFFSET 0) f
          WHERE j.user_id = $1 AND j.state = 'ready' AND j.enqueued_at IS NULL AND j.not_before <= now()
            AND ((f.fit AND $2 > 0) OR (NOT f.fit AND $3 > 0))
          ORDER BY j.priority DESC, j.not_before, j.id LIMIT $2 + $3"
    );
    if free + spare == 0 {
        return Ok(Vec::new());
    }
    let rows: Vec<Candidate> = diesel::sql_query(CHOOSE)
        .bind::<SqlUuid, _>(user.0)
        .bind::<BigInt, _>(free)
        .bind::<BigInt, _>(spare)
        .load(c)
        .await?;
    let (mut free, mut spare) = (free, spare);
    let fits = |row: &Candidate| {
        let left = if row.fit { &mut free } else { &mut spare };
        *left -= 1;
        *left >= 0
    };
    Ok(rows.into_iter().filter(fits).collect())
}

async fn mark(c: &mut AsyncPgConnection, chosen: &[Candidate]) -> DbResult<Vec<Released>> {
    if chosen.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = chosen.iter().map(|row| row.id).collect();
    let rows = diesel::sql_query(
        "UPDATE jobs SET enqueued_at = now()
          WHERE id = ANY ($1) AND state = 'ready' AND enqueued_at IS NULL AND not_before <= now() RETURNING id, kind, pool",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .load(c)
    .await?;
    Ok(rows)
}
