use serde_json::Value;

use super::{COLUMNS, ColumnPreview, TablePreview};

/// The longest text of a cell that is shown, in characters.
const LETTERS: usize = 200;

/// A text as a cell: empty is nothing, long is cut.
pub(super) fn text(text: &str) -> Value {
    match text {
        "" => Value::Null,
        text => Value::String(short(text)),
    }
}

/// A header, or a text of a cell.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A table of these columns and rows; answers also whether columns were left away.
pub(super) fn table(
    names: Vec<String>,
    mut rows: Vec<Vec<Value>>,
    rows_total: Option<u64>,
) -> (TablePreview, bool) {
    let widest = rows.iter().map(Vec::len).max().unwrap_or_default().max(names.len());
    let width = widest.min(COLUMNS);
    for row in &mut rows {
        row.resize(width, Value::Null);
    }
    let mut names = names.into_iter();
    let columns = (0..width).map(|column| ColumnPreview {
        name: names.next().unwrap_or_default(),
        kind: kind(rows.iter().filter_map(|row| row.get(column))),
    });
    let columns = columns.collect();
    (TablePreview { columns, rows, rows_total }, widest > width)
}

fn kind<'a>(cells: impl Iterator<Item = &'a Value>) -> &'static str {
    let mut found = None;
    for cell in cells.filter(|cell| !cell.is_null()) {
        let this = of_cell(cell);
        if found.is_some_and(|before| before != this) {
            return "text";
        }
        found = Some(this);
    }
    found.unwrap_or("empty")
}

fn of_cell(cell: &Value) -> &'static str {
    match cell {
        Value::Number(_) => "number",
        Value::Bool(_) => "boolean",
        Value::String(text) => of_text(text.trim()),
        _ => "text",
    }
}

fn of_text(text: &str) -> &'static str {
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        "boolean"
    } else if is_number(text) {
        "number"
    } else if is_date(text) {
        "date"
    } else {
        "text"
    }
}

/// With a dot or with a decimal comma; `inf` and `nan` are words.
fn is_number(text: &str) -> bool {
    let plain = text
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b',' | b'e' | b'E'));
    plain && text.replacen(',', ".", 1).parse::<f64>().is_ok()
}

/// `2026-11-22`, with or without a time behind it.
fn is_date(text: &str) -> bool {
    let day = text.get(..10).unwrap_or_default().as_bytes();
    let shape = day.len() == 10
        && day.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    shape && text[10..].chars().next().is_none_or(|next| matches!(next, 'T' | ' '))
}
