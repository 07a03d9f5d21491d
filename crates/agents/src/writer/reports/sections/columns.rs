//! Tables of columns, by kind.

use super::super::document::{Words, say};
use super::super::draft::{Draft, numbers, words};
use super::super::subject::Subject;
use super::{cell, name, range, scale};
use crate::grounding::{At, Format};

/// Columns of one kind that a table shows.
const MOST: usize = 60;
/// Values of a category that stand in its cell.
const MOST_VALUES: usize = 5;

/// Values that the data has, or that lie between two of them: shown as they are.
pub(super) const OBSERVED: [&str; 5] = ["min", "q25", "median", "q75", "max"];

pub(super) fn write(subject: &Subject<'_>, columns: &[At<'_>], draft: &mut Draft) {
    let of = |kinds: &[&str]| -> Vec<At<'_>> {
        columns
            .iter()
            .filter(|column| kinds.contains(&column.field("kind").text()))
            .cloned()
            .collect()
    };
    numeric(subject, of(&["numeric"]), draft);
    categorical(subject, of(&["categorical", "boolean", "text"]), draft);
    dates(subject, of(&["date"]), draft);
}

fn numeric(subject: &Subject<'_>, columns: Vec<At<'_>>, draft: &mut Draft) {
    let (columns, more) = draft.cut(&subject.about("descriptive.numeric"), columns, MOST);
    let heads = vec![
        words("Column"),
        numbers("n"),
        numbers("Missing"),
        numbers("Mean"),
        numbers("Standard deviation"),
        numbers("Minimum"),
        numbers("Lower quartile"),
        numbers("Median"),
        numbers("Upper quartile"),
        numbers("Maximum"),
    ];
    let row = |column: &At<'_>| {
        let mut row = vec![name(&column.field("name"))];
        row.extend(["count", "missing"].map(|field| cell(&column.field(field), Format::Int)));
        let format = scale([column.field("std")]);
        row.extend(["mean", "std"].map(|field| cell(&column.field(field), format)));
        row.extend(OBSERVED.map(|field| cell(&column.field(field), Format::G5)));
        row
    };
    draft.table(
        say("Numeric columns: location and spread"),
        heads,
        columns.iter().map(row).collect(),
    );
    if let Some(more) = more {
        draft.paragraph(more);
    }
    shape(&columns, draft);
}

fn shape(columns: &[At<'_>], draft: &mut Draft) {
    let Some(level) =
        columns.iter().map(|column| column.path("ci/level")).find(|level| !level.is_null())
    else {
        return;
    };
    let heads = vec![
        words("Column"),
        numbers("Interval of the mean"),
        numbers("Standard error"),
        numbers("Interquartile range"),
        numbers("Median absolute deviation"),
        numbers("Skewness"),
        numbers("Excess kurtosis"),
        numbers("Zeros"),
    ];
    let row = |column: &At<'_>| {
        let interval =
            range(&column.path("ci/low"), &column.path("ci/high"), scale([column.field("std")]));
        let mut row = vec![name(&column.field("name")), interval];
        row.extend(["sem", "iqr", "mad"].map(|field| cell(&column.field(field), Format::G4)));
        row.extend(["skew", "kurtosis"].map(|field| cell(&column.field(field), Format::G3)));
        row.push(cell(&column.field("zeros"), Format::Int));
        row
    };
    let caption = say("Numeric columns: precision and shape (")
        .number(&level, Format::Pct)
        .say(" t-interval of the mean)");
    draft.table(caption, heads, columns.iter().map(row).collect());
}

fn categorical(subject: &Subject<'_>, columns: Vec<At<'_>>, draft: &mut Draft) {
    let (columns, more) = draft.cut(&subject.about("descriptive.categorical"), columns, MOST);
    let heads = vec![
        words("Column"),
        numbers("n"),
        numbers("Missing"),
        numbers("Different"),
        words("Most frequent values"),
        numbers("Entropy (bits)"),
    ];
    let row = |column: &At<'_>| {
        let mut row = vec![name(&column.field("name"))];
        row.extend(
            ["count", "missing", "distinct"].map(|field| cell(&column.field(field), Format::Int)),
        );
        row.push(top(&column.field("top").items()));
        row.push(cell(&column.field("entropy_bits"), Format::G3));
        row
    };
    draft.table(say("Categories"), heads, columns.iter().map(row).collect());
    if let Some(more) = more {
        draft.paragraph(more);
    }
}

/// `Adelie 152 (44.2 %), Gentoo 124 (36.0 %), …`
fn top(values: &[At<'_>]) -> Words {
    let mut words = Words::default();
    for (i, value) in values.iter().take(MOST_VALUES).enumerate() {
        words = words
            .say(if i > 0 { ", " } else { "" })
            .name(&value.field("value"))
            .say(" ")
            .number(&value.field("count"), Format::Int)
            .say(" (")
            .number(&value.field("share"), Format::Pct1)
            .say(")");
    }
    if values.len() > MOST_VALUES { words.say(", …") } else { words }
}

fn dates(subject: &Subject<'_>, columns: Vec<At<'_>>, draft: &mut Draft) {
    let (columns, more) = draft.cut(&subject.about("descriptive.dates"), columns, MOST);
    let heads = vec![
        words("Column"),
        numbers("n"),
        numbers("Missing"),
        words("First"),
        words("Last"),
        numbers("Days between"),
        words("Missing periods"),
    ];
    let row = |column: &At<'_>| {
        let gaps = column.field("gaps");
        vec![
            name(&column.field("name")),
            cell(&column.field("count"), Format::Int),
            cell(&column.field("missing"), Format::Int),
            cell(&column.field("min"), Format::Date),
            cell(&column.field("max"), Format::Date),
            cell(&column.field("span_days"), Format::G5),
            if gaps.is_null() { say("not regular") } else { cell(&gaps, Format::Int) },
        ]
    };
    draft.table(say("Dates"), heads, columns.iter().map(row).collect());
    if let Some(more) = more {
        draft.paragraph(more);
    }
}
