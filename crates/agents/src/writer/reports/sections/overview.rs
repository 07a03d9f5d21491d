//! The table as it is: rows, columns, kinds, missing values, and which file exactly.

use super::super::document::{Block, Words, say};
use super::super::draft::{Draft, numbers, words};
use super::super::subject::{Method, Subject};
use super::{cell, name};
use crate::grounding::{At, Format, Reference};

/// Columns that are listed.
const MOST: usize = 60;

pub(in super::super) fn write(subject: &Subject<'_>, draft: &mut Draft) {
    let columns = subject.columns();
    if columns.is_empty() && subject.file().is_none() {
        return;
    }
    draft.heading(say("Data overview"));
    let facts = facts(subject, draft);
    draft.blocks.push(Block::Facts(facts));
    let (columns, more) = draft.cut(&subject.about("overview.columns"), columns, MOST);
    let rows = columns.iter().map(row).collect();
    let heads = vec![
        words("Column"),
        words("Kind"),
        numbers("Values"),
        numbers("Missing"),
        numbers("Missing share"),
        numbers("Different"),
        words("Remarks"),
    ];
    draft.table(say("Columns and their kinds"), heads, rows);
    if let Some(more) = more {
        draft.paragraph(more);
    }
}

/// Number of rows, as the exploration counted them, or the first program that did.
pub(super) fn rows<'a>(subject: &Subject<'a>) -> Option<At<'a>> {
    let explored = subject.of(Method::Exploratory).into_iter().map(|result| result.field("rows"));
    let read = subject.whole().map(|(_, at)| at.path("inputs/rows"));
    explored.chain(read.collect::<Vec<_>>()).find(|rows| rows.number().is_some())
}

/// Number of columns: told, or counted here.
pub(super) fn width(subject: &Subject<'_>, draft: &mut Draft) -> Reference {
    draft.counted(&subject.about("columns"), subject.columns().len())
}

/// Missing values of all columns together; `None` where a column does not say.
pub(super) fn missing(subject: &Subject<'_>, draft: &mut Draft) -> Option<(u64, Reference)> {
    let columns = subject.columns();
    let counts: Option<Vec<u64>> =
        columns.iter().map(|column| column.field("missing").value.as_u64()).collect();
    let sum = counts
        .filter(|counts| !counts.is_empty())?
        .into_iter()
        .try_fold(0_u64, u64::checked_add)?;
    Some((sum, draft.derived(&subject.about("missing_values"), sum.into(), Format::Int)))
}

fn facts(subject: &Subject<'_>, draft: &mut Draft) -> Vec<(Words, Words)> {
    let mut facts = Vec::new();
    if let Some(file) = subject.file() {
        facts.push((say("File"), name(&file.field("name"))));
    }
    if let Some(rows) = rows(subject) {
        facts.push((say("Rows"), cell(&rows, Format::Int)));
    }
    facts.push((say("Columns"), say("").value(width(subject, draft))));
    if let Some((_, missing)) = missing(subject, draft) {
        facts.push((say("Missing values"), say("").value(missing)));
    }
    let explored =
        subject.of(Method::Exploratory).into_iter().map(|result| result.field("duplicates"));
    if let Some(duplicates) = explored.into_iter().find(|duplicates| !duplicates.is_null()) {
        facts.push((say("Repeated rows"), cell(&duplicates, Format::Int)));
    }
    if let Some(reading) = reading(subject) {
        let mut format = say("").quote(&reading.field("format"));
        for (field, before) in [("encoding", ", "), ("sheet", ", sheet ")] {
            if !reading.field(field).text().is_empty() {
                format = format.say(before).quote(&reading.field(field));
            }
        }
        format = format.say(match reading.field("delimiter").text() {
            "," => ", separated by commas",
            ";" => ", separated by semicolons",
            "\t" => ", separated by tabs",
            "|" => ", separated by pipes",
            _ => "",
        });
        facts.push((say("Read as"), format));
    }
    if let Some(file) = subject.file().filter(|file| !file.field("sha256").is_null()) {
        facts.push((say("SHA-256 of the file"), say("").quote(&file.field("sha256"))));
    }
    facts
}

fn reading<'a>(subject: &Subject<'a>) -> Option<At<'a>> {
    let found = subject.whole().map(|(_, at)| at.path("parameters/reading")).collect::<Vec<_>>();
    found.into_iter().find(|reading| !reading.field("format").is_null())
}

fn row(column: &At<'_>) -> Vec<Words> {
    let field = |name| column.field(name);
    let remark = match (field("constant").yes(), field("id_like").yes()) {
        (true, _) => "one value only",
        (_, true) => "looks like an identifier",
        _ => "",
    };
    let share = match field("missing_share") {
        share if share.number().is_some() => cell(&share, Format::Pct1),
        _ => Words::default(),
    };
    vec![
        name(&field("name")),
        say("").quote(&field("kind")),
        optional(&field("count"), Format::Int),
        cell(&field("missing"), Format::Int),
        share,
        optional(&field("distinct"), Format::Int),
        say(remark),
    ]
}

/// Not every program tells every number: what it does not tell stays empty.
fn optional(at: &At<'_>, format: Format) -> Words {
    if at.is_null() { Words::default() } else { cell(at, format) }
}
