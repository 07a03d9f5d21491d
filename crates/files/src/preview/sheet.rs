use std::fs::File;
use std::io::{self, BufReader, Read, Seek};

use calamine::{DataRef, Reader, Xlsx, XlsxError};
use serde_json::Value;
use zip::ZipArchive;

use super::cells::{short, table, text};
use super::{COLUMNS, Preview, ROWS};

/// What the library keeps in memory beside the cells: all texts of the workbook, its styles and its contents.
const MOST: u64 = 32 * 1024 * 1024;

/// The first rows of the first sheet. A workbook whose texts would not fit into memory is not looked into.
pub(super) fn preview(mut file: File) -> io::Result<Preview> {
    let unread = Preview { truncated: true, ..Preview::default() };
    if !fits(&file)? {
        return Ok(unread);
    }
    file.rewind()?;
    Ok(rows(file).unwrap_or_else(|error| {
        tracing::debug!(%error, "a workbook cannot be shown");
        unread
    }))
}

/// Unpacks into nothing all that is not cells or pictures, and counts.
fn fits(file: &File) -> io::Result<bool> {
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(io::Error::other)?;
    let mut room = MOST;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(io::Error::other)?;
        let name = entry.name_raw();
        if name.starts_with(b"xl/worksheets/") || name.starts_with(b"xl/media/") {
            continue;
        }
        let read = io::copy(&mut entry.take(room + 1), &mut io::sink())?;
        let Some(left) = room.checked_sub(read) else { return Ok(false) };
        room = left;
    }
    Ok(true)
}

/// Cell by cell, and no further than what is shown: a sheet may have a million rows.
fn rows(file: File) -> Result<Preview, XlsxError> {
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(file))?;
    let Some(first) = book.sheet_names().first().cloned() else { return Ok(Preview::default()) };
    let mut cells = book.worksheet_cells_reader(&first)?;
    let mut rows: Vec<Vec<Value>> = Vec::new();
    let mut top = None;
    let (mut more, mut wide) = (false, false);
    while let Some(cell) = cells.next_cell()? {
        let (row, column) = cell.get_position();
        let value = shown(cell.get_value());
        if value.is_null() {
            continue;
        }
        let at = usize::try_from(row - *top.get_or_insert(row)).unwrap_or(usize::MAX);
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if at > ROWS {
            more = true;
            break;
        }
        if column >= COLUMNS {
            wide = true;
            continue;
        }
        rows.resize_with(rows.len().max(at + 1), Vec::new);
        if let Some(row) = rows.get_mut(at) {
            row.resize(row.len().max(column + 1), Value::Null);
            row[column] = value;
        }
    }
    let mut rows = rows.into_iter();
    let names = rows.next().unwrap_or_default();
    let names = names.iter().map(|name| name.as_str().map_or_else(|| plain(name), short)).collect();
    let (rows, total) = (rows.collect::<Vec<_>>(), None);
    let total = if more { total } else { u64::try_from(rows.len()).ok() };
    let (table, narrowed) = table(names, rows, total);
    Ok(Preview { truncated: more || wide || narrowed, table: Some(table), ..Preview::default() })
}

fn shown(value: &DataRef<'_>) -> Value {
    match value {
        DataRef::Int(number) => Value::from(*number),
        DataRef::Float(number) => Value::from(*number),
        DataRef::Bool(truth) => Value::Bool(*truth),
        DataRef::Empty => Value::Null,
        DataRef::DateTime(date) => {
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            Value::String(format!(
                "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
            ))
        }
        DataRef::String(words) | DataRef::DateTimeIso(words) | DataRef::DurationIso(words) => {
            text(words)
        }
        DataRef::SharedString(words) => text(words),
        DataRef::Error(error) => Value::String(format!("{error}")),
    }
}

fn plain(name: &Value) -> String {
    if name.is_null() { String::new() } else { name.to_string() }
}
