//! Bytes out: the one way in which files and artifacts are downloaded.

use std::ops::Range;

use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use futures_util::TryStreamExt;
use ninja_files::{Sha256, Store};

use crate::error::{ApiError, ApiResult};

/// Types that a browser may show in place. HTML and SVG run programs, so they are never among them.
const SHOWN: [&str; 6] =
    ["image/png", "image/jpeg", "image/gif", "image/webp", "text/plain", "text/csv"];

/// A file to be sent.
pub(crate) struct Content {
    /// What it is called where it is saved.
    pub name: String,
    /// By name and bytes.
    pub kind: String,
    /// Where its bytes lie, and its `ETag`.
    pub sha256: String,
    /// To be shown, not saved, if its type allows it.
    pub inline: bool,
}

/// Which bytes a request wants.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    Part(Range<u64>),
    Nothing,
}

impl Content {
    /// The answer to a request with these headers: all of it, a range, or that the client has it.
    pub(crate) async fn answer(
        self,
        store: &Store,
        headers: &HeaderMap,
    ) -> ApiResult<HttpResponse> {
        let etag = format!("\"{}\"", self.sha256);
        if one(headers, &IF_NONE_MATCH).is_some_and(|tags| matches(tags, &etag)) {
            return Ok(self.head(HttpResponse::NotModified(), &etag).finish());
        }
        let sha256: Sha256 = self.sha256.parse().map_err(ApiError::internal)?;
        let size = store.size(&sha256).await?;
        let asked = one(headers, &RANGE).filter(|_| {
            one(headers, &IF_RANGE).is_none_or(|tag| tag == etag) // a date never fits: we give none
        });
        let range = match wanted(asked, size) {
            Wanted::Nothing => return Err(ApiError::range_not_satisfiable(size)),
            Wanted::Whole => None,
            Wanted::Part(range) => Some(range),
        };
        let reading = store.read(&sha256, range.clone()).await?;
        let length = reading.range.end - reading.range.start;
        let mut response = match &range {
            None => self.head(HttpResponse::Ok(), &etag),
            Some(range) => {
                let mut response = self.head(HttpResponse::PartialContent(), &etag);
                let told = format!("bytes {}-{}/{size}", range.start, range.end - 1);
                response.insert_header((CONTENT_RANGE, told));
                response
            }
        };
        // A failure from here on cuts the connection: the client sees that bytes are missing.
        let stream = reading.stream.inspect_err(|error| {
            tracing::error!(error = crate::error::chain(error), "a download was cut");
        });
        Ok(response.body(SizedStream::new(length, stream)))
    }

    fn head(
        &self,
        mut response: actix_web::HttpResponseBuilder,
        etag: &str,
    ) -> actix_web::HttpResponseBuilder {
        let shown = self.inline && SHOWN.contains(&&*self.kind);
        let kind = match self.kind.as_str() {
            "text/plain" | "text/csv" if shown => format!("{}; charset=utf-8", self.kind),
            other => other.to_owned(),
        };
        response
            .insert_header((ETAG, etag))
            .insert_header((ACCEPT_RANGES, "bytes"))
            .insert_header((CACHE_CONTROL, "private, no-cache"))
            .insert_header((CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
            .insert_header((CONTENT_DISPOSITION, disposition(&self.name, shown)))
            .insert_header((CONTENT_TYPE, kind));
        response
    }
}

fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

/// Whether `If-None-Match` names the `ETag`; a weak one counts, as caches make them.
fn matches(tags: &str, etag: &str) -> bool {
    tags == "*" || tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag)
}

/// Reads `Range`. Several ranges are answered with the whole, an unknown unit is no range at all.
fn wanted(asked: Option<&str>, size: u64) -> Wanted {
    let Some(ranges) = asked.and_then(|asked| asked.split_once('=')) else {
        return if asked.is_some() { Wanted::Nothing } else { Wanted::Whole };
    };
    let (unit, ranges) = ranges;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Wanted::Whole;
    }
    let parts: Option<Vec<_>> = ranges.split(',').map(|part| range(part.trim(), size)).collect();
    match parts.as_deref() {
        Some([part]) if part.start < part.end => Wanted::Part(part.clone()),
        Some([_, _, ..]) => Wanted::Whole,
        _ => Wanted::Nothing,
    }
}

/// `0-99`, `100-` or `-100` as a range, empty if it lies behind the end; `None`: it is no range.
fn range(text: &str, size: u64) -> Option<Range<u64>> {
    let digits = |text: &str| {
        let good = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        good.then(|| text.parse().unwrap_or(u64::MAX)) // more than fits lies behind any end
    };
    let (first, last) = text.split_once('-')?;
    if first.is_empty() {
        return Some(size.saturating_sub(digits(last)?)..size);
    }
    let first: u64 = digits(first)?;
    let end = if last.is_empty() { size } else { digits(last)?.saturating_add(1) };
    (end > first || last.is_empty()).then(|| first.min(size)..end.min(size))
}

/// The name twice: in ASCII for old clients, and as it is.
fn disposition(name: &str, shown: bool) -> String {
    let plain =
        |c: char| if c.is_ascii_graphic() && !"\"\\%".contains(c) || c == ' ' { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let coded: String = name.bytes().map(coded).collect();
    let word = if shown { "inline" } else { "attachment" };
    format!("{word}; filename=\"{ascii}\"; filename*=UTF-8''{coded}")
}

fn coded(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_what_the_standard_says() {
        let part = |range| Wanted::Part(range);
        for (asked, is) in [
            ("bytes=0-0", part(0..1)),
            ("bytes=0-", part(0..10)),
            ("Bytes = 3-4", part(3..5)),
            ("bytes=9-999", part(9..10)),
            ("bytes=-3", part(7..10)),
            ("bytes=-99999999999999999999999", part(0..10)),
            ("bytes=0-1,4-5", Wanted::Whole),
            ("lines=1-2", Wanted::Whole),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=5-4", Wanted::Nothing),
            ("bytes=", Wanted::Nothing),
            ("bytes=a-b", Wanted::Nothing),
            ("bytes=--5", Wanted::Nothing),
            ("bytes=1-2,x", Wanted::Nothing),
            ("nonsense", Wanted::Nothing),
        ] {
            assert_eq!(wanted(Some(asked), 10), is, "{asked}");
        }
        assert_eq!(wanted(None, 0), Wanted::Whole);
        assert_eq!(wanted(Some("bytes=0-"), 0), Wanted::Nothing);
    }

    #[test]
    fn a_name_cannot_leave_its_header() {
        assert_eq!(
            disposition("größe \"1\".csv", false),
            "attachment; filename=\"gr__e _1_.csv\"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22.csv"
        );
        assert!(!disposition("a\r\nb", true).contains(['\r', '\n']));
    }

    #[test]
    fn an_etag_is_found_in_a_list() {
        assert!(matches("\"a\", W/\"b\"", "\"b\""));
        assert!(matches("*", "\"b\""));
        assert!(!matches("\"bb\"", "\"b\""));
    }
}
