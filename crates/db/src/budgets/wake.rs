use diesel::prelude::*;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{Limit, TaskId, TaskStatus, Usd};
use uuid::Uuid;

use super::account::Account;
use super::{Caps, day_of, role_of};
use crate::locked::{self, Locked};
use crate::steps::wait;
use crate::{DbResult, Notice};

/// Tasks with a step for which there seems to be room, those that wait longest first.
const DUE: &str = "
WITH today AS (SELECT (now() AT TIME ZONE 'UTC')::date AS day)
SELECT s.task_id AS id
  FROM steps s CROSS JOIN today
  JOIN tasks t ON t.id = s.task_id
  JOIN users u ON u.id = t.user_id
  LEFT JOIN user_days d ON d.user_id = t.user_id AND d.day = today.day
  LEFT JOIN installation_spending a ON a.period = 'day' AND a.begins = today.day
  LEFT JOIN installation_spending b ON b.period = 'month' AND b.begins = date_trunc('month', today.day)::date
 WHERE s.status = 'waiting' AND t.status IN ('waiting', 'running') AND s.wait_amount <= CASE s.wait_limit
       WHEN 'max_cost_usd' THEN 1000000 * ((t.budget ->> 'max_cost_usd')::numeric
            - coalesce((t.usage ->> 'cost_usd')::numeric, 0)) - t.reserved
       WHEN 'max_tokens' THEN (t.budget ->> 'max_tokens')::bigint - coalesce((t.usage ->> 'input_tokens')::bigint, 0)
            - coalesce((t.usage ->> 'output_tokens')::bigint, 0) - t.reserved_tokens
       WHEN 'user_day_cost_usd' THEN CASE u.role WHEN 'admin' THEN $3 WHEN 'premium' THEN $2 ELSE $1 END
            - coalesce(d.spent + d.reserved, 0)
       WHEN 'installation_day_cost_usd' THEN $4 - coalesce(a.spent + a.reserved, 0)
       WHEN 'installation_month_cost_usd' THEN $5 - coalesce(b.spent + b.reserved, 0) END
 ORDER BY s.waiting_since LIMIT 100";

/// Wakes steps for which there is room again, because a reservation was freed or a day turned.
pub async fn wake(conn: &mut AsyncPgConnection, caps: &Caps) -> DbResult<Vec<Notice>> {
    #[derive(QueryableByName)]
    struct Due {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let without = |cap: Option<Usd>| cap.map_or(i64::MAX / 2, Usd::micros);
    let due: Vec<Due> = diesel::sql_query(DUE)
        .bind::<BigInt, _>(caps.user.micros())
        .bind::<BigInt, _>(caps.premium.micros())
        .bind::<BigInt, _>(caps.admin.micros())
        .bind::<BigInt, _>(without(caps.installation_day))
        .bind::<BigInt, _>(without(caps.installation_month))
        .load(conn)
        .await?;
    let mut woken = Vec::new();
    for Due { id } in due {
        let notice = transact!(conn, |c| {
            let Some(mut task) = locked::lock(c, TaskId(id)).await? else { return Ok(None) };
            if !matches!(task.status, TaskStatus::Waiting | TaskStatus::Running) {
                return Ok(None);
            }
            if wait::wake_for_budget(c, &mut task, Some(caps)).await? == 0 {
                return Ok(None);
            }
            task.save(c).await.map(Some)
        })?;
        woken.extend(notice);
    }
    Ok(woken)
}

/// Whether a limit that is not the task's own leaves `amount`, today.
pub(crate) async fn has_room(
    c: &mut AsyncPgConnection,
    task: &Locked,
    limit: Limit,
    amount: i64,
    caps: &Caps,
) -> DbResult<bool> {
    let accounts = Account::all(task.user, day_of(task.now));
    let limits = caps.of(role_of(c, task.user).await?);
    for (account, (of, max)) in accounts.into_iter().zip(limits) {
        if of == limit {
            let Some(max) = max else { return Ok(true) };
            return Ok(account.read(c).await?.left(max) >= amount);
        }
    }
    Ok(true)
}
