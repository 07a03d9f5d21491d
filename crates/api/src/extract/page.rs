use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use super::query::{check, pairs};
use crate::answer::List;
use crate::error::{ApiError, ApiResult, Code};

const CURSOR_BYTES: usize = 512;

/// `limit` and `cursor`, which every list takes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// How many at most.
    #[serde(default = "fifty")]
    #[param(minimum = 1, maximum = 100, default = 50, required = false)]
    limit: i64,
    /// `next_cursor` of the page before, with the same filters.
    #[param(max_length = 512)]
    cursor: Option<String>,
}

/// A list without filters.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct NoFilter {}

/// One page of a list: its filters, its size and where it begins.
#[derive(Debug)]
pub(crate) struct Page<F> {
    /// What the list is narrowed to.
    pub(crate) filter: F,
    limit: i64,
    cursor: Option<String>,
    bound_to: [u8; 8],
}

#[derive(Serialize, Deserialize)]
struct Cursor<K> {
    f: [u8; 8],
    k: K,
}

impl<F: DeserializeOwned + IntoParams + 'static> FromRequest for Page<F> {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(req: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(read(req.path(), req.query_string()))
    }
}

impl<F> Page<F> {
    /// How many rows to ask the database for: one more than is shown, which tells whether there are more.
    pub(crate) fn fetch(&self) -> i64 {
        self.limit + 1
    }

    /// The key of the last row that was shown, `None` at the beginning.
    pub(crate) fn after<K: DeserializeOwned>(&self) -> ApiResult<Option<K>> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
        let read = bytes.and_then(|bytes| serde_json::from_slice::<Cursor<K>>(&bytes).ok());
        match read {
            Some(cursor) if cursor.f == self.bound_to => Ok(Some(cursor.k)),
            _ => Err(ApiError::new(
                Code::InvalidCursor,
                "The cursor is not one of this list with these filters: begin without one.",
            )),
        }
    }

    /// The answer: up to `limit` of `rows` as views. `key` is what the list is ordered by.
    pub(crate) fn list<R, V, K: Serialize>(
        &self,
        mut rows: Vec<R>,
        key: impl Fn(&R) -> K,
        view: impl Fn(R) -> V,
    ) -> List<V> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let last =
            rows.last().filter(|_| has_more).map(|row| Cursor { f: self.bound_to, k: key(row) });
        let next_cursor = last
            .and_then(|cursor| serde_json::to_vec(&cursor).ok())
            .map(|json| URL_SAFE_NO_PAD.encode(json));
        List { data: rows.into_iter().map(view).collect(), next_cursor, has_more }
    }
}

fn fifty() -> i64 {
    50
}

fn read<F: DeserializeOwned + IntoParams + 'static>(path: &str, query: &str) -> ApiResult<Page<F>> {
    let mut filters = pairs(query)?;
    let mut paging = std::collections::BTreeMap::new();
    for name in ["limit", "cursor"] {
        paging.extend(filters.remove_entry(name));
    }
    if paging.get("cursor").is_some_and(|cursor| cursor.len() > CURSOR_BYTES) {
        return Err(ApiError::new(Code::InvalidCursor, "A cursor has at most 512 characters."));
    }
    let mut hash = Sha256::new_with_prefix(path);
    for (name, value) in &filters {
        hash.update(format!("\0{name}\0{value}"));
    }
    let mut bound_to = [0; 8];
    bound_to.copy_from_slice(&hash.finalize()[..8]);
    let (filter, PageParams { limit, cursor }) = both(check(&filters), check(&paging))?;
    Ok(Page { filter, limit, cursor, bound_to })
}

/// Both, or the first fault: a page that is wrong in its filters is told about these.
fn both<A, B>(a: ApiResult<A>, b: ApiResult<B>) -> ApiResult<(A, B)> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(mut a), Err(b)) => {
            a.absorb(b);
            Err(a)
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, IntoParams)]
    struct Filter {
        #[param(max_length = 5)]
        q: Option<String>,
    }

    fn page(query: &str) -> ApiResult<Page<Filter>> {
        read("/tasks", query)
    }

    #[test]
    fn a_cursor_is_good_for_the_filters_that_it_was_made_with_only() {
        let first = page("q=a&limit=2").unwrap();
        let list = first.list(vec![9, 8, 7], |row| *row, |row| row);
        assert!(list.has_more && list.data == [9, 8]);
        let cursor = list.next_cursor.unwrap();
        let next = page(&format!("limit=50&cursor={cursor}&q=a")).unwrap();
        assert_eq!(next.after::<i32>().unwrap(), Some(8));
        assert_eq!(next.filter.q.as_deref(), Some("a"));
        for other in
            [format!("cursor={cursor}"), format!("q=b&cursor={cursor}"), "q=a&cursor=x".into()]
        {
            let refused = page(&other).unwrap().after::<i32>().unwrap_err();
            assert_eq!(refused.code(), Code::InvalidCursor, "{other}");
        }
    }

    #[test]
    fn all_that_is_wrong_with_a_query_is_told_at_once() {
        let error = page("q=123456&limit=0&skip=3").unwrap_err();
        let lines: Vec<_> = error
            .problem("")
            .errors
            .iter()
            .map(|e| format!("{} {:?} {}", e.field, e.code, e.message))
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        query:q TooLong must have at most 5 characters
        query:skip UnknownField is no parameter that is known here
        query:limit TooSmall must be >= 1
        ");
        assert_eq!(page("limit=x").unwrap_err().code(), Code::ValidationFailed);
        assert_eq!(page("q=a&q=b").unwrap_err().code(), Code::MalformedRequest);
    }
}
