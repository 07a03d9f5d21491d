//! People: accounts, and what they used today.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{Interval, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{Role, SessionId, Usd, UserId};
use uuid::Uuid;

use crate::DbResult;
use crate::audit::{self, Act, Origin};
use crate::schema::{sessions as logins, user_days, users};
use crate::sessions::{self, NewSession};

/// A person, with the hash of the password: never shown as it is.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct UserRow {
    /// Its id.
    #[diesel(deserialize_as = Uuid)]
    pub id: UserId,
    /// Lower case.
    pub email: String,
    /// Lower case, unique.
    pub username: Option<String>,
    /// What people call them.
    pub full_name: Option<String>,
    role: String,
    /// A disabled account cannot log in.
    pub is_active: bool,
    /// Pepper id and bcrypt hash.
    pub password_hash: String,
    /// The model that is asked first.
    pub default_model: Option<String>,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// Its last change.
    pub updated_at: DateTime<Utc>,
    /// The last good login.
    pub last_login_at: Option<DateTime<Utc>>,
}

impl UserRow {
    /// What the person is.
    pub fn role(&self) -> DbResult<Role> {
        Ok(self.role.parse()?)
    }
}

/// A person to be.
pub struct NewUser {
    /// Its id.
    pub id: UserId,
    /// Lower case.
    pub email: String,
    /// Lower case.
    pub username: Option<String>,
    /// What people call them.
    pub full_name: Option<String>,
    /// What the person will be.
    pub role: Role,
    /// From `ninja_api::password`.
    pub password_hash: String,
}

/// What a user took of the day and of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsedToday {
    /// Tasks since 00:00 UTC.
    pub tasks: i32,
    /// Price of all model calls since 00:00 UTC.
    pub cost: Usd,
    /// Bytes of files; equal content counts once.
    pub storage_bytes: i64,
}

/// Makes an account with its first session. `Unique` names `users_email` or `users_username`.
pub async fn register(
    conn: &mut AsyncPgConnection,
    new: &NewUser,
    session: &NewSession,
    from: &Origin,
) -> DbResult<UserRow> {
    transact!(conn, |c| {
        insert(c, new).await?;
        sessions::insert(c, session).await?;
        let user = logged_in(c, new.id).await?;
        let act = Act::done(new.id, "auth.register", from.clone()).to("user", new.id.0);
        audit::append(c, &act).await?;
        Ok(user)
    })
}

/// Opens a session for somebody whose password was right; stores the password's newer hash, if there is one.
pub async fn log_in(
    conn: &mut AsyncPgConnection,
    session: &NewSession,
    newer_hash: Option<&str>,
    from: &Origin,
) -> DbResult<UserRow> {
    transact!(conn, |c| {
        sessions::insert(c, session).await?;
        if let Some(hash) = newer_hash {
            diesel::update(users::table.find(session.user.0))
                .set(users::password_hash.eq(hash))
                .execute(c)
                .await?;
        }
        let user = logged_in(c, session.user).await?;
        let act = Act::done(session.user, "auth.login", from.clone()).to("session", session.id.0);
        audit::append(c, &act).await?;
        Ok(user)
    })
}

/// Makes the administrator with this address, or `None`: there is one already. With `reset` its password is replaced, its
/// sessions end, and it is active and an administrator again.
pub async fn create_admin(
    conn: &mut AsyncPgConnection,
    new: &NewUser,
    reset: bool,
) -> DbResult<Option<UserRow>> {
    transact!(conn, |c| {
        let found = users::table
            .filter(users::email.eq(&new.email))
            .select(users::id)
            .for_update()
            .first::<Uuid>(c)
            .await
            .optional()?;
        let (id, action) = match found {
            Some(_) if !reset => return Ok(None),
            Some(id) => {
                replace_password(c, UserId(id), &new.password_hash).await?;
                (UserId(id), "user.reset_admin")
            }
            None => {
                insert(c, new).await?;
                (new.id, "user.create_admin")
            }
        };
        let user = users::table.find(id.0).select(UserRow::as_select()).first(c).await?;
        audit::append(c, &Act::done(id, action, Origin::default()).to("user", id.0)).await?;
        Ok(Some(user))
    })
}

/// Replaces the password of `user` and ends every other session of theirs; answers which ended.
pub async fn change_password(
    conn: &mut AsyncPgConnection,
    user: UserId,
    keep: SessionId,
    hash: &str,
    from: &Origin,
) -> DbResult<Vec<SessionId>> {
    transact!(conn, |c| {
        diesel::update(users::table.find(user.0))
            .set((users::password_hash.eq(hash), users::updated_at.eq(diesel::dsl::now)))
            .execute(c)
            .await?;
        let ended = sessions::end_others(c, user, keep, "password").await?;
        let act = Act::done(user, "auth.password_changed", from.clone()).to("user", user.0);
        audit::append(c, &act).await?;
        Ok(ended)
    })
}

/// What a person may change of themselves: `None` keeps, `Some(None)` removes.
#[derive(Clone, Debug, Default, AsChangeset)]
#[diesel(table_name = users)]
pub struct Profile {
    /// What people call them.
    pub full_name: Option<Option<String>>,
    /// Lower case, unique.
    pub username: Option<Option<String>>,
    /// The model that is asked first.
    pub default_model: Option<Option<String>>,
}

/// Changes what people say of themselves. `Unique` names `users_username`.
pub async fn change_profile(
    conn: &mut AsyncPgConnection,
    user: UserId,
    profile: &Profile,
) -> DbResult<UserRow> {
    let changed = diesel::update(users::table.find(user.0))
        .set((profile, users::updated_at.eq(diesel::dsl::now)))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await?;
    Ok(changed)
}

/// Whether any administrator can log in.
pub async fn has_admin(conn: &mut AsyncPgConnection) -> DbResult<bool> {
    let admins = users::table.filter(users::role.eq(Role::Admin.as_str()).and(users::is_active));
    Ok(diesel::select(exists(admins)).get_result(conn).await?)
}

/// The person with this id.
pub async fn find(conn: &mut AsyncPgConnection, id: UserId) -> DbResult<Option<UserRow>> {
    Ok(users::table.find(id.0).select(UserRow::as_select()).first(conn).await.optional()?)
}

/// The person who logs in as `name`: an e-mail address if it has an `@`, else a username. Upper and lower case are equal.
pub async fn find_login(conn: &mut AsyncPgConnection, name: &str) -> DbResult<Option<UserRow>> {
    let name = name.to_lowercase();
    let query = users::table.select(UserRow::as_select()).into_boxed();
    let query = if name.contains('@') {
        query.filter(users::email.eq(name))
    } else {
        query.filter(users::username.eq(name))
    };
    Ok(query.first(conn).await.optional()?)
}

/// What `user` took of the day and of the store.
pub async fn used_today(conn: &mut AsyncPgConnection, user: UserId) -> DbResult<UsedToday> {
    let today = diesel::dsl::sql::<diesel::sql_types::Date>("(now() AT TIME ZONE 'UTC')::date");
    let row: Option<(i32, i64)> = user_days::table
        .filter(user_days::user_id.eq(user.0).and(user_days::day.eq(today)))
        .select((user_days::tasks, user_days::spent))
        .first(conn)
        .await
        .optional()?;
    let storage_bytes = stored_bytes(conn, user).await?;
    let (tasks, spent) = row.unwrap_or_default();
    Ok(UsedToday { tasks, cost: Usd::from_micros(spent), storage_bytes })
}

/// Whether somebody logged in to this account from `address` in the last 30 days.
pub async fn knows_address(
    conn: &mut AsyncPgConnection,
    user: UserId,
    address: &str,
) -> DbResult<bool> {
    let month =
        diesel::dsl::now.into_sql::<Timestamptz>() - TimeDelta::days(30).into_sql::<Interval>();
    let logins = logins::table
        .filter(logins::user_id.eq(user.0).and(logins::ip.eq(address)))
        .filter(logins::last_used_at.gt(month));
    Ok(diesel::select(exists(logins)).get_result(conn).await?)
}

/// Bytes of the files and artifacts of `user`; equal content counts once.
pub(crate) async fn stored_bytes(conn: &mut AsyncPgConnection, user: UserId) -> DbResult<i64> {
    #[derive(QueryableByName)]
    struct Sum {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        bytes: i64,
    }
    let sum: Sum = diesel::sql_query(
        "SELECT coalesce(sum(size), 0)::bigint AS bytes FROM (
             SELECT sha256, size FROM files WHERE user_id = $1
             UNION SELECT sha256, size FROM artifacts WHERE user_id = $1
         ) AS content",
    )
    .bind::<diesel::sql_types::Uuid, _>(user.0)
    .get_result(conn)
    .await?;
    Ok(sum.bytes)
}

async fn insert(conn: &mut AsyncPgConnection, new: &NewUser) -> DbResult<()> {
    diesel::insert_into(users::table)
        .values((
            users::id.eq(new.id.0),
            users::email.eq(&new.email),
            users::username.eq(&new.username),
            users::full_name.eq(&new.full_name),
            users::role.eq(new.role.as_str()),
            users::password_hash.eq(&new.password_hash),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

async fn logged_in(conn: &mut AsyncPgConnection, id: UserId) -> DbResult<UserRow> {
    Ok(diesel::update(users::table.find(id.0))
        .set(users::last_login_at.eq(diesel::dsl::now))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await?)
}

async fn replace_password(conn: &mut AsyncPgConnection, id: UserId, hash: &str) -> DbResult<()> {
    diesel::update(users::table.find(id.0))
        .set((
            users::password_hash.eq(hash),
            users::role.eq(Role::Admin.as_str()),
            users::is_active.eq(true),
            users::updated_at.eq(diesel::dsl::now),
        ))
        .execute(conn)
        .await?;
    sessions::end_all(conn, id, "password").await?;
    Ok(())
}
