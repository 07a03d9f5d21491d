//! What was changed before anything was computed: how many rows went and came, and every rule with examples.

use super::super::document::{Words, say};
use super::super::draft::{Draft, numbers, words};
use super::super::subject::{Method, Subject};
use super::{cell, name};
use crate::grounding::{At, Format};

/// Entries of the log that are listed.
const MOST: usize = 60;

pub(in super::super) fn write(subject: &Subject<'_>, draft: &mut Draft) {
    for result in subject.of(Method::Cleaning) {
        draft.heading(say("Cleaning"));
        draft.paragraph(counts(&result));
        let entries = result.field("log").items();
        if entries.is_empty() {
            draft.paragraph(say("No rule had to change anything."));
            continue;
        }
        let (entries, more) = draft.cut(&subject.about("cleaning.log"), entries, MOST);
        let rows = entries.iter().map(row).collect();
        let heads = vec![words("Rule"), words("Column"), numbers("Rows"), words("Examples")];
        draft.table(say("Cleaning log"), heads, rows);
        if let Some(more) = more {
            draft.paragraph(more);
        }
    }
}

/// Rows in, dropped, out: the sum can be checked by hand.
fn counts(result: &At<'_>) -> Words {
    let mut words = say("Of ").number(&result.field("rows_in"), Format::Int).say(" rows ");
    let dropped: Vec<_> = result
        .field("rows_dropped")
        .fields()
        .into_iter()
        .filter(|(_, count)| count.number().is_some_and(|count| count > 0.0))
        .collect();
    for (i, (reason, count)) in dropped.iter().enumerate() {
        let because = match *reason {
            "duplicates" => " dropped as exact repetitions",
            "missing" => " dropped for missing values",
            "outliers" => " dropped as outliers",
            _ => " dropped for another reason",
        };
        words = words.say(if i > 0 { ", " } else { "" }).number(count, Format::Int).say(because);
    }
    words = words.say(if dropped.is_empty() { "none was dropped; " } else { "; " });
    words
        .number(&result.field("rows_out"), Format::Int)
        .say(" were analysed. The uploaded file was not changed; the cleaned table is cleaned.csv.")
}

fn row(entry: &At<'_>) -> Vec<Words> {
    let column = entry.field("column");
    let mut examples = Words::default();
    for (i, sample) in entry.field("samples").items().iter().take(3).enumerate() {
        examples = examples.say(if i > 0 { "; " } else { "" }).then(example(sample));
    }
    vec![
        rule(&entry.field("rule")),
        if column.is_null() { say("all") } else { name(&column) },
        cell(&entry.field("rows"), Format::Int),
        examples,
    ]
}

/// What the rule does, for a person.
fn rule(rule: &At<'_>) -> Words {
    let said = match rule.text() {
        "missing_marker" => "marks of missing values read as missing",
        "trim" => "spaces at the ends cut off",
        "types" | "coerce" => "text that is no number read as missing",
        "duplicates" => "exact repetitions of rows dropped",
        "missing" => "missing values treated as asked",
        "outliers_iqr" => "far outside the quartiles: flagged",
        "outliers_modified_z" => "far from the median: flagged",
        "units" => "converted to another unit",
        _ => return say("").quote(rule),
    };
    say(said)
}

/// `row 12: " a" → "a"`
fn example(sample: &At<'_>) -> Words {
    let shown = |at: &At<'_>| if at.is_null() { say("missing") } else { name(at) };
    let (before, after) = (sample.field("before"), sample.field("after"));
    let words = say("row ").number(&sample.field("row"), Format::Int);
    match (before.is_null(), before.value == after.value) {
        (true, true) => words,
        (_, true) => words.say(": ").then(shown(&before)),
        _ => words.say(": ").then(shown(&before)).say(" → ").then(shown(&after)),
    }
}
