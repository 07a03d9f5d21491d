use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value;

/// Longer than this nobody is believed: one wrong header would take a provider away for a day.
const CAP: Duration = Duration::from_mins(10);

/// How long the provider asks to be left alone: in milliseconds, in seconds, until a date, or in Google's error details.
pub(super) fn asked(headers: &HeaderMap, error: &Value, now: DateTime<Utc>) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let wait = text("retry-after-ms")
        .and_then(|ms| seconds(ms).map(|wait| wait / 1000))
        .or_else(|| text(RETRY_AFTER.as_str()).and_then(seconds))
        .or_else(|| {
            // The date is the provider's: so is the clock that it is compared with, where the provider shows it.
            let until = date(text(RETRY_AFTER.as_str())?)?;
            let now = text(DATE.as_str()).and_then(date).unwrap_or(now);
            Some((until - now).to_std().unwrap_or(Duration::ZERO))
        })
        .or_else(|| details(error))?;
    Some(wait.min(CAP))
}

fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}

fn date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text).ok().map(|at| at.to_utc())
}

/// `{"@type": "…RetryInfo", "retryDelay": "37.5s"}`
fn details(error: &Value) -> Option<Duration> {
    let details = error.get("details")?.as_array()?;
    let delay = details.iter().find_map(|detail| detail.get("retryDelay")?.as_str())?;
    seconds(delay.strip_suffix('s')?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(headers: &[(&'static str, &'static str)], error: &str) -> Option<u128> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let error = serde_json::from_str(error).unwrap();
        asked(&headers, &error, now).map(|wait| wait.as_millis())
    }

    #[test]
    fn retry_after_is_read_in_every_form_and_capped() {
        assert_eq!(after(&[("retry-after", "7")], "null"), Some(7_000));
        assert_eq!(after(&[("retry-after", "0.5")], "null"), Some(500));
        assert_eq!(after(&[("retry-after-ms", "1250")], "null"), Some(1_250));
        assert_eq!(after(&[("retry-after-ms", "40"), ("retry-after", "7")], "null"), Some(40));
        assert_eq!(after(&[("retry-after", "86400")], "null"), Some(600_000));
        assert_eq!(
            after(&[("retry-after", "Sun, 22 Nov 2026 10:00:30 GMT")], "null"),
            Some(30_000)
        );
        assert_eq!(after(&[("retry-after", "Sun, 22 Nov 2026 09:00:00 GMT")], "null"), Some(0));
        let skewed = [
            ("retry-after", "Sun, 22 Nov 2026 12:00:09 GMT"),
            ("date", "Sun, 22 Nov 2026 12:00:00 GMT"),
        ];
        assert_eq!(after(&skewed, "null"), Some(9_000));
        assert_eq!(after(&[], r#"{"details":[{"retryDelay":"37s"}]}"#), Some(37_000));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["soon", "-1", "NaN", "inf", "1e400", ""] {
            assert_eq!(after(&[("retry-after", text)], "null"), None, "{text}");
        }
        assert_eq!(after(&[], r#"{"details":[{"retryDelay":"soon"}]}"#), None);
    }
}
