use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use serde_json::Value;

use super::cells::{short, table, text};
use super::words::{decode, encoding};
use super::{COLUMNS, Preview, ROWS, head};

const HEAD: u64 = 64 * 1024;
const DELIMITERS: [u8; 4] = *b",;\t|";

/// The first rows of text with delimiters, which are found by looking. All rows are counted.
pub(super) fn preview(mut file: File) -> io::Result<Preview> {
    let (head, more) = head(&mut file, HEAD)?;
    let encoding = encoding(&head);
    if encoding != UTF_8 && encoding != WINDOWS_1252 {
        // Two bytes for a letter: what the head says is enough.
        let text = decode(&head, encoding, more);
        return rows(text.as_bytes(), delimiter(text.as_bytes()), UTF_8, more);
    }
    let mark = u64::from(head.starts_with(b"\xef\xbb\xbf")) * 3;
    file.seek(SeekFrom::Start(mark))?;
    rows(BufReader::new(file), delimiter(&head), encoding, false)
}

fn rows(
    from: impl Read,
    delimiter: u8,
    encoding: &'static Encoding,
    cut: bool,
) -> io::Result<Preview> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(from);
    let (mut record, mut names, mut shown, mut count) =
        (ByteRecord::new(), None, Vec::new(), 0_u64);
    while reader.read_byte_record(&mut record).map_err(io::Error::other)? {
        let cells = record.iter().take(COLUMNS + 1).map(|cell| decode(cell, encoding, false));
        if names.is_none() {
            names = Some(cells.map(|cell| short(&cell)).collect::<Vec<_>>());
            continue;
        }
        count += 1;
        if shown.len() < ROWS {
            shown.push(cells.map(|cell| text(&cell)).collect::<Vec<Value>>());
        }
    }
    let all = u64::try_from(shown.len()).unwrap_or(u64::MAX) == count && !cut;
    let (table, narrowed) = table(names.unwrap_or_default(), shown, (!cut).then_some(count));
    Ok(Preview { truncated: !all || narrowed, table: Some(table), ..Preview::default() })
}

/// The delimiter that cuts the first lines into the most fields, the same number in each; else a comma.
fn delimiter(head: &[u8]) -> u8 {
    let lines: Vec<&[u8]> =
        head.split(|byte| *byte == b'\n').take(20).filter(|line| !line.is_empty()).collect();
    let whole = &lines[..lines.len().saturating_sub(usize::from(lines.len() > 2))]; // the last may be cut
    let score = |delimiter: u8| {
        let counts = whole.iter().map(|line| fields(line, delimiter));
        let least = counts.clone().min().unwrap_or_default();
        let same = counts.clone().all(|count| count == least);
        (least > 0, same, least)
    };
    let best = DELIMITERS.into_iter().rev().max_by_key(|delimiter| score(*delimiter));
    best.filter(|delimiter| score(*delimiter).0).unwrap_or(b',')
}

/// How often `delimiter` stands outside of quotes.
fn fields(line: &[u8], delimiter: u8) -> usize {
    let mut quoted = false;
    line.iter()
        .filter(|byte| {
            quoted ^= **byte == b'"';
            !quoted && **byte == delimiter
        })
        .count()
}
