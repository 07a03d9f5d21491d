use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use serde_json::{Map, Value};

use super::cells::{short, table};
use super::{COLUMNS, Preview, ROWS};

/// A longer line is not read to its end.
const LINE: u64 = 1024 * 1024;

/// The first rows of a file with one JSON object a line; columns are the names in them.
pub(super) fn preview(file: File) -> io::Result<Preview> {
    let mut from = BufReader::new(file);
    let (mut names, mut objects, mut line) = (Vec::<String>::new(), Vec::new(), Vec::new());
    let mut more = false;
    loop {
        line.clear();
        if (&mut from).take(LINE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if objects.len() == ROWS {
            more = true;
            break;
        }
        let Ok(Value::Object(object)) = serde_json::from_slice(&line) else {
            return Ok(Preview { truncated: true, ..Preview::default() });
        };
        for name in object.keys() {
            if !names.contains(name) && names.len() <= COLUMNS {
                names.push(name.clone());
            }
        }
        objects.push(object);
    }
    let rows: Vec<Vec<Value>> = objects.iter().map(|object| row(object, &names)).collect();
    let total = (!more).then(|| u64::try_from(rows.len()).unwrap_or(u64::MAX));
    let (table, narrowed) = table(names.iter().map(|name| short(name)).collect(), rows, total);
    Ok(Preview { truncated: more || narrowed, table: Some(table), ..Preview::default() })
}

fn row(object: &Map<String, Value>, names: &[String]) -> Vec<Value> {
    names.iter().map(|name| object.get(name).map_or(Value::Null, cell)).collect()
}

/// What is deeper than a cell is shown as its JSON.
fn cell(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(short(text)),
        Value::Array(_) | Value::Object(_) => Value::String(short(&value.to_string())),
        plain => plain.clone(),
    }
}
