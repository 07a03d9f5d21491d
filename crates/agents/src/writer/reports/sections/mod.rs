//! One section of the report per file. A section without anything to say is not there.

pub(super) mod charts;
pub(super) mod cleaning;
pub(super) mod columns;
pub(super) mod comparison;
pub(super) mod correlations;
pub(super) mod descriptive;
pub(super) mod groups;
pub(super) mod methods;
pub(super) mod not_done;
pub(super) mod overview;
pub(super) mod summary;
pub(super) mod tests;
pub(super) mod trend;
pub(super) mod warnings;

pub(super) use charts::link;

use super::document::{Words, say};
use crate::grounding::{At, Format};

/// A cell with a number.
fn cell(at: &At<'_>, format: Format) -> Words {
    say("").number(at, format)
}

/// A cell with a name.
fn name(at: &At<'_>) -> Words {
    say("").name(at)
}

/// A cell with `low to high`.
fn range(low: &At<'_>, high: &At<'_>, format: Format) -> Words {
    if low.is_null() && high.is_null() {
        return cell(low, format);
    }
    cell(low, format).say(" to ").number(high, format)
}

/// How values that spread like this are written: so that the smallest deviation has three digits. Significant digits
/// would make all years one.
fn scale<'a>(deviations: impl IntoIterator<Item = At<'a>>) -> Format {
    let known =
        deviations.into_iter().filter_map(|at| at.number()).filter(|deviation| *deviation > 0.0);
    match known.fold(f64::INFINITY, f64::min) {
        100.0..1e12 => Format::F0,
        10.0..100.0 => Format::F1,
        1.0..10.0 => Format::F2,
        0.1..1.0 => Format::F3,
        _ => Format::G5,
    }
}
