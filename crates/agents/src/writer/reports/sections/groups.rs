//! The numeric columns group by group: one table per column, so that groups stand below each other.

use super::super::document::{Column, Words, say};
use super::super::draft::{Draft, numbers};
use super::super::subject::Subject;
use super::{cell, name, range, scale};
use crate::grounding::{At, Format};

/// Groups that a table shows.
const MOST_GROUPS: usize = 20;
/// Columns that get a table.
const MOST_COLUMNS: usize = 12;

pub(super) fn write(subject: &Subject<'_>, result: &At<'_>, draft: &mut Draft) {
    let groups = result.field("groups").items();
    let Some(by) = groups.first().map(|group| group.field("by")) else { return };
    draft.subheading(say("By ").name(&by));
    let (groups, fewer) = draft.cut(&subject.about("groups"), groups, MOST_GROUPS);
    let columns = numeric(&groups);
    let left_out = columns.len().saturating_sub(MOST_COLUMNS);
    for column in columns.iter().take(MOST_COLUMNS) {
        table(column, &by, &groups, draft);
    }
    if let Some(fewer) = fewer {
        draft.paragraph(fewer);
    }
    if left_out > 0 {
        let count = draft.counted(&subject.about("groups.columns_left_out"), left_out);
        draft.paragraph(
            say("").value(count).say(" further numeric columns stand by group in results.json."),
        );
    }
}

/// Every column that is numeric in some group, once.
fn numeric<'a>(groups: &[At<'a>]) -> Vec<At<'a>> {
    let mut found: Vec<At<'a>> = Vec::new();
    for column in groups.iter().flat_map(|group| group.field("columns").items()) {
        let known = found.iter().any(|name| name.value == column.field("name").value);
        if column.field("kind").text() == "numeric" && !known {
            found.push(column.field("name"));
        }
    }
    found
}

fn table(column: &At<'_>, by: &At<'_>, groups: &[At<'_>], draft: &mut Draft) {
    let mut heads = vec![Column { head: name(by), numeric: false }];
    heads.extend([
        numbers("n"),
        numbers("Missing"),
        numbers("Mean"),
        numbers("Interval of the mean"),
        numbers("Standard deviation"),
        numbers("Minimum"),
        numbers("Lower quartile"),
        numbers("Median"),
        numbers("Upper quartile"),
        numbers("Maximum"),
    ]);
    let level = groups
        .iter()
        .filter_map(|group| of(group, column))
        .map(|found| found.path("ci/level"))
        .find(|level| !level.is_null());
    let caption = name(column);
    let caption = match level {
        Some(level) => caption.say(" (intervals: ").number(&level, Format::Pct).say(")"),
        None => caption,
    };
    let found: Vec<_> =
        groups.iter().filter_map(|group| Some((group, of(group, column)?))).collect();
    let format = scale(found.iter().map(|(_, column)| column.field("std")));
    let rows = found.iter().map(|(group, column)| row(group, column, format)).collect();
    draft.table(caption, heads, rows);
}

fn of<'a>(group: &At<'a>, column: &At<'_>) -> Option<At<'a>> {
    group
        .field("columns")
        .items()
        .into_iter()
        .find(|found| found.field("name").value == column.value)
}

fn row(group: &At<'_>, column: &At<'_>, format: Format) -> Vec<Words> {
    let number = |field: &str| cell(&column.field(field), format);
    let mut row = vec![name(&group.field("value"))];
    row.extend(["count", "missing"].map(|field| cell(&column.field(field), Format::Int)));
    row.push(number("mean"));
    row.push(range(&column.path("ci/low"), &column.path("ci/high"), format));
    row.push(number("std"));
    row.extend(super::columns::OBSERVED.map(|field| cell(&column.field(field), Format::G5)));
    row
}
