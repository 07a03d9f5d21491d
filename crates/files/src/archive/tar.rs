use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Read};

use tar::{Archive, Entry, EntryType};

use super::{Count, LINK, Limits, Trouble};

const BROKEN: &str = "it is no whole tar";

/// The longest name that is read: those of file systems end at 4 KiB.
const NAME: u64 = 8 * 1024;

/// Walks a tar.
pub(crate) fn tar(file: File, head: &[u8], limits: &Limits) -> Result<(), Trouble> {
    if !infer::is(head, "tar") {
        return Err(Trouble::Broken(BROKEN));
    }
    let count = Count::new(limits, file.metadata()?.len());
    walk(count.reader(BufReader::new(file)), &count)
}

/// Walks what the caller counts. The records of long names are read here and not by the library, which
/// would take as much memory as they say.
pub(super) fn walk(from: impl Read, count: &Count<'_>) -> Result<(), Trouble> {
    let mut archive = Archive::new(from);
    let failed = |error| count.trouble(error, BROKEN);
    let mut long_name = None;
    for entry in archive.entries().map_err(failed)?.raw(true) {
        let mut entry = entry.map_err(failed)?;
        match entry.header().entry_type() {
            EntryType::GNULongName => long_name = Some(record(&mut entry, count)?),
            EntryType::XHeader | EntryType::XGlobalHeader => {
                let record = record(&mut entry, count)?;
                long_name = path_of(&record)?.or(long_name);
            }
            EntryType::Regular | EntryType::Continuous | EntryType::Directory => {
                let name = long_name.take().map_or_else(|| entry.path_bytes(), Cow::Owned);
                let name = name.strip_suffix(b"\0").unwrap_or(&name);
                count.entry(name)?;
            }
            _ => return Err(Trouble::Unsafe(LINK)),
        }
    }
    Ok(())
}

fn record<R: Read>(entry: &mut Entry<'_, R>, count: &Count<'_>) -> Result<Vec<u8>, Trouble> {
    if entry.size() > NAME {
        return Err(Trouble::Unsafe("it has an entry whose name is too long"));
    }
    let mut record = Vec::new();
    entry.read_to_end(&mut record).map_err(|error| count.trouble(error, BROKEN))?;
    Ok(record)
}

/// The path that an extended header gives to the next entry: lines of `<length> <key>=<value>`.
fn path_of(mut record: &[u8]) -> Result<Option<Vec<u8>>, Trouble> {
    let mut path = None;
    while !record.is_empty() {
        let (line, rest) = line_of(record).ok_or(Trouble::Broken(BROKEN))?;
        let cut = line.iter().position(|byte| *byte == b'=').ok_or(Trouble::Broken(BROKEN))?;
        match (&line[..cut], &line[cut + 1..]) {
            (b"path", value) => path = Some(value.to_vec()),
            // It would move the next header for those who heed it, and for others not.
            (b"size", _) => return Err(Trouble::Unsafe("it gives the size of an entry twice")),
            _ => {}
        }
        record = rest;
    }
    Ok(path)
}

fn line_of(record: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = record.iter().position(|byte| *byte == b' ')?;
    let length: usize = str::from_utf8(&record[..space]).ok()?.parse().ok()?;
    let line = record.get(space + 1..length)?.strip_suffix(b"\n")?;
    Some((line, &record[length..]))
}
