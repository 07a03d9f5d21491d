//! Uploads: whose, called what, and under which hash their bytes lie.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{FileId, TaskId, TaskStatus, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::audit::{self, Act};
use crate::idempotency::{self, Once, Outcome};
use crate::schema::{artifacts, files, task_artifacts, task_files, tasks, users as people};
use crate::{DbResult, Owner, users};

/// An upload.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = files)]
pub struct FileRow {
    /// Its id.
    #[diesel(deserialize_as = Uuid)]
    pub id: FileId,
    /// Whose it is.
    #[diesel(deserialize_as = Uuid)]
    pub user_id: UserId,
    /// As its owner called it.
    pub filename: String,
    /// In lower case, without the dot.
    pub extension: String,
    /// Bytes.
    pub size: i64,
    /// By name and bytes.
    pub content_type: String,
    /// What it is for.
    pub kind: String,
    /// Where its bytes lie.
    pub sha256: String,
    /// When it came.
    pub created_at: DateTime<Utc>,
}

/// An upload to be. Its bytes are kept already: a row is a promise that they are there.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// Its id.
    pub id: FileId,
    /// As its owner called it.
    pub filename: String,
    /// In lower case, without the dot.
    pub extension: String,
    /// Bytes.
    pub size: i64,
    /// By name and bytes.
    pub content_type: String,
    /// What it is for.
    pub kind: String,
    /// Where its bytes lie.
    pub sha256: String,
}

/// One file of a request, before and after it is stored.
#[derive(Clone, Debug)]
pub enum Uploaded<F> {
    /// A good one.
    Taken(F),
    /// Not stored: the problem is carried along, so that the stored answer of the request tells it again.
    Refused(Value),
    /// A good one for which the owner has no room left.
    NoRoom,
}

/// The files of one request.
#[derive(Clone, Debug)]
pub struct NewFiles {
    /// Whose they will be.
    pub owner: UserId,
    /// What the request named, in its order.
    pub files: Vec<(String, Uploaded<NewFile>)>,
    /// Bytes that the owner may store, files and artifacts together.
    pub storage_bytes: i64,
}

/// What became of the files of a request, by name and in its order.
pub type Made = Vec<(String, Uploaded<FileRow>)>;

/// Which of a user's files are listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only with this in the name, whatever the case.
    pub q: Option<String>,
}

/// How a deletion ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// The row is gone.
    Done,
    /// A task that has not ended names it.
    InUse,
}

/// Stores the files for which there is room. If that is none, nothing is stored and no key is used up.
pub async fn create(
    conn: &mut AsyncPgConnection,
    new: &NewFiles,
    once: Option<&Once<Made>>,
) -> DbResult<Outcome<Made>> {
    transact!(conn, |c| {
        if let Some(answer) = idempotency::begin(c, once).await? {
            return Ok(Outcome::Replayed(answer));
        }
        // Parallel uploads of one user are added up one after the other.
        let owner = people::table.find(new.owner.0).select(people::id);
        owner.for_no_key_update().get_result::<Uuid>(c).await?;
        let mut made = Made::new();
        for (name, file) in &new.files {
            made.push((name.clone(), store(c, new, file).await?));
        }
        if made.iter().any(|(_, file)| matches!(file, Uploaded::Taken(_))) {
            idempotency::finish(c, once, &made).await?;
        } else {
            idempotency::forget(c, once).await?;
        }
        Ok(Outcome::Done(made))
    })
}

/// Whether `owner` has room for the content now; content that they have already takes none.
pub async fn has_room(
    conn: &mut AsyncPgConnection,
    owner: UserId,
    content: (&str, i64),
    storage_bytes: i64,
) -> DbResult<bool> {
    let (sha256, size) = content;
    let mine = files::table.filter(files::user_id.eq(owner.0).and(files::sha256.eq(sha256)));
    let made =
        artifacts::table.filter(artifacts::user_id.eq(owner.0).and(artifacts::sha256.eq(sha256)));
    let known = exists(mine).or(exists(made));
    if diesel::select(known).get_result(conn).await? {
        return Ok(true);
    }
    Ok(users::stored_bytes(conn, owner).await?.saturating_add(size) <= storage_bytes)
}

/// The file with this id.
pub async fn find(
    conn: &mut AsyncPgConnection,
    owner: Owner,
    id: FileId,
) -> DbResult<Option<FileRow>> {
    let row = files::table.find(id.0).select(FileRow::as_select()).first(conn).await.optional()?;
    Ok(row.filter(|file: &FileRow| owner.may_reach(file.user_id)))
}

/// The tasks that were given the file, newest first.
pub async fn tasks_of(conn: &mut AsyncPgConnection, id: FileId) -> DbResult<Vec<TaskId>> {
    let ids: Vec<Uuid> = task_files::table
        .filter(task_files::file_id.eq(id.0))
        .order(task_files::task_id.desc())
        .select(task_files::task_id)
        .load(conn)
        .await?;
    Ok(ids.into_iter().map(TaskId).collect())
}

/// At most `limit` files of `owner`, newest first, from behind `after` on.
pub async fn list(
    conn: &mut AsyncPgConnection,
    owner: UserId,
    filter: &Filter,
    after: Option<FileId>,
    limit: i64,
) -> DbResult<Vec<FileRow>> {
    let mut query = files::table
        .filter(files::user_id.eq(owner.0))
        .order(files::id.desc())
        .limit(limit)
        .select(FileRow::as_select())
        .into_boxed();
    if let Some(kind) = &filter.kind {
        query = query.filter(files::kind.eq(kind));
    }
    if let Some(part) = &filter.q {
        query = query.filter(strpos(lower(files::filename), part.to_lowercase()).gt(0));
    }
    if let Some(after) = after {
        query = query.filter(files::id.lt(after.0));
    }
    Ok(query.load(conn).await?)
}

/// Deletes a file, unless a task that has not ended names it; `None`: `owner` has no such file. Its bytes are collected
/// when no row names them any more.
pub async fn delete(
    conn: &mut AsyncPgConnection,
    owner: Owner,
    id: FileId,
    act: &Act,
) -> DbResult<Option<Deleted>> {
    transact!(conn, |c| {
        // Against the share lock of whoever gives the file to a new task.
        let user: Option<Uuid> = files::table
            .find(id.0)
            .select(files::user_id)
            .for_update()
            .first(c)
            .await
            .optional()?;
        if !user.is_some_and(|user| owner.may_reach(UserId(user))) {
            return Ok(None);
        }
        if in_use(c, id).await? {
            return Ok(Some(Deleted::InUse));
        }
        diesel::delete(files::table.find(id.0)).execute(c).await?;
        audit::append(c, act).await?;
        Ok(Some(Deleted::Done))
    })
}

/// Of these files, those of `owner` that are of this kind.
pub async fn of_kind(
    conn: &mut AsyncPgConnection,
    owner: UserId,
    ids: &[FileId],
    kind: &str,
) -> DbResult<Vec<FileId>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let found: Vec<Uuid> = files::table
        .filter(files::user_id.eq(owner.0).and(files::kind.eq(kind)).and(files::id.eq_any(ids)))
        .select(files::id)
        .load(conn)
        .await?;
    Ok(found.into_iter().map(FileId).collect())
}

/// Of these hashes, those that a file, an artifact or an input of a task names.
pub async fn named(conn: &mut AsyncPgConnection, hashes: &[String]) -> DbResult<Vec<String>> {
    let uploads = files::table.filter(files::sha256.eq_any(hashes)).select(files::sha256);
    let made = artifacts::table.filter(artifacts::sha256.eq_any(hashes)).select(artifacts::sha256);
    let given = task_artifacts::table
        .filter(task_artifacts::sha256.eq_any(hashes))
        .select(task_artifacts::sha256);
    Ok(uploads.union(made).union(given).load(conn).await?)
}

diesel::define_sql_function! {
    /// Where `part` stands in `text`, from 1 on; 0: nowhere. Nothing in `part` is a pattern.
    fn strpos(text: Text, part: Text) -> Integer;
}
diesel::define_sql_function! { fn lower(text: Text) -> Text; }

async fn store(
    c: &mut AsyncPgConnection,
    new: &NewFiles,
    file: &Uploaded<NewFile>,
) -> DbResult<Uploaded<FileRow>> {
    let file = match file {
        Uploaded::Taken(file) => file,
        Uploaded::Refused(problem) => return Ok(Uploaded::Refused(problem.clone())),
        Uploaded::NoRoom => return Ok(Uploaded::NoRoom),
    };
    if !has_room(c, new.owner, (&file.sha256, file.size), new.storage_bytes).await? {
        return Ok(Uploaded::NoRoom);
    }
    let row = diesel::insert_into(files::table)
        .values((
            files::id.eq(file.id.0),
            files::user_id.eq(new.owner.0),
            files::filename.eq(&file.filename),
            files::extension.eq(&file.extension),
            files::size.eq(file.size),
            files::content_type.eq(&file.content_type),
            files::kind.eq(&file.kind),
            files::sha256.eq(&file.sha256),
        ))
        .returning(FileRow::as_returning())
        .get_result(c)
        .await?;
    Ok(Uploaded::Taken(row))
}

async fn in_use(c: &mut AsyncPgConnection, id: FileId) -> DbResult<bool> {
    let ended = TaskStatus::ALL.iter().filter(|status| status.is_terminal());
    let open = task_files::table
        .inner_join(tasks::table.on(tasks::id.eq(task_files::task_id)))
        .filter(task_files::file_id.eq(id.0))
        .filter(tasks::status.ne_all(ended.map(|status| status.as_str())));
    Ok(diesel::select(exists(open)).get_result(c).await?)
}
