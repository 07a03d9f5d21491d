//! Sentences about results: effect size beside p, "no evidence" where p is not below alpha, never a cause.

pub(super) mod correlation;
pub(super) mod test;
pub(super) mod trend;
mod vocabulary;

pub(super) use vocabulary::{assumption, effect, statistic, test_name};

use super::document::{Words, say};
use crate::grounding::{At, Format};

/// `95 % interval 1.2 to 3.4`; nothing where there is no interval.
pub(super) fn interval(level: &At<'_>, low: &At<'_>, high: &At<'_>) -> Option<Words> {
    if low.is_null() && high.is_null() {
        return None;
    }
    let words = match level.number() {
        Some(_) => say("").number(level, Format::Pct).say(" interval "),
        None => say("interval "),
    };
    Some(match (low.is_null(), high.is_null()) {
        (true, _) => words.say("up to ").number(high, Format::G4),
        (_, true) => words.say("from ").number(low, Format::G4),
        _ => words.number(low, Format::G4).say(" to ").number(high, Format::G4),
    })
}

/// The same of an object `{level, low, high}`.
pub(super) fn interval_of(ci: &At<'_>) -> Option<Words> {
    interval(&ci.field("level"), &ci.field("low"), &ci.field("high"))
}
