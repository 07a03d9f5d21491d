//! The bytes of the charts that are embedded.

use std::collections::BTreeMap;

use serde_json::Value;

use super::subject::subjects;
use crate::StepError;
use crate::context::StepContext;
use crate::grounding::At;

/// Larger pictures are left out: their words stand in their place.
const LARGEST: u64 = 4 * 1024 * 1024;
/// All pictures of a report together.
const ALL: u64 = 24 * 1024 * 1024;

/// SVG files by step and path, as far as steps before this one made them.
pub(super) type Pictures = BTreeMap<(String, String), Vec<u8>>;

/// Reads the pictures that the answers name.
pub(super) async fn gather(
    data: &BTreeMap<String, Value>,
    context: &StepContext<'_>,
) -> Result<Pictures, StepError> {
    let mut pictures = Pictures::new();
    let mut left = ALL;
    for (answer, chart) in subjects(data).iter().flat_map(super::subject::Subject::charts) {
        let Some(path) = path(&chart.field("svg")) else { continue };
        let Some(made) = context.artifact_of(answer.step, path) else { continue };
        let Some(bytes) = context.read(&made.sha256, LARGEST.min(left)).await? else { continue };
        left = left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        pictures.insert((answer.step.to_owned(), path.to_owned()), bytes);
    }
    Ok(pictures)
}

/// The path of a file that an answer names: `"charts/a.svg"` or `{"path": "charts/a.svg", …}`.
pub(super) fn path<'a>(file: &At<'a>) -> Option<&'a str> {
    let text = if file.value.is_object() { file.field("path").text() } else { file.text() };
    let plain = !text.is_empty()
        && !text.starts_with('/')
        && text.split('/').all(|part| !matches!(part, "" | "." | ".."));
    plain.then_some(text)
}
