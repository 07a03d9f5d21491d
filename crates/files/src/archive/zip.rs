use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{Count, LINK, Limits, TOO_MANY, Trouble};

const BROKEN: &str = "it is no whole zip";

/// Walks a zip. `needs` is the folder without which it is no office document.
pub(crate) fn zip(
    mut file: File,
    head: &[u8],
    needs: Option<&str>,
    limits: &Limits,
) -> Result<(), Trouble> {
    // The first bytes and no others: a zip behind a picture is two files in one.
    if !head.starts_with(b"PK\x03\x04") && !head.starts_with(b"PK\x05\x06") {
        return Err(Trouble::Broken(BROKEN));
    }
    let size = file.metadata()?.len();
    check_directory(&mut file, size, limits)?;
    let count = Count::new(limits, size);
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| failed(&error))?;
    if archive.has_duplicate_names() {
        return Err(Trouble::Unsafe("it has two entries of one name"));
    }
    if archive.has_overlapping_files().map_err(|error| failed(&error))? {
        return Err(Trouble::Unsafe("it has entries that share bytes"));
    }
    let mut found = needs.is_none();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| failed(&error))?;
        count.entry(entry.name_raw())?;
        let kind = entry.unix_mode().unwrap_or_default() & 0o170_000;
        if !matches!(kind, 0 | 0o100_000 | 0o040_000) {
            return Err(Trouble::Unsafe(LINK));
        }
        found |= needs.is_some_and(|folder| entry.name_raw().starts_with(folder.as_bytes()));
        // To the last byte: there the library compares the checksum.
        io::copy(&mut count.reader(&mut entry), &mut io::sink())
            .map_err(|error| count.trouble(error, BROKEN))?;
    }
    let types = needs.is_none() || archive.index_for_name("[Content_Types].xml").is_some();
    if found && types { Ok(()) } else { Err(Trouble::Broken("it is no such office document")) }
}

/// Looks at the end of the file before the library takes memory for each entry that it lists: there is one
/// directory, it ends the file, and it lists no more than is allowed.
fn check_directory(file: &mut File, size: u64, limits: &Limits) -> Result<(), Trouble> {
    const END: usize = 22;
    let from = size.saturating_sub(u64::from(u16::MAX) + 22);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    file.read_to_end(&mut tail)?;
    file.rewind()?;
    let at = tail.windows(4).rposition(|bytes| bytes == b"PK\x05\x06");
    let at = at.filter(|at| at + END <= tail.len()).ok_or(Trouble::Broken(BROKEN))?;
    let end = &tail[at..];
    let short = |offset: usize| u64::from(u16::from_le_bytes([end[offset], end[offset + 1]]));
    let long = |offset: usize| short(offset) | short(offset + 2) << 16;
    let (disk, disk_of_directory, here, entries) = (short(4), short(6), short(8), short(10));
    let (length, start, comment) = (long(12), long(16), short(20));
    if entries > limits.entries {
        return Err(Trouble::Unsafe(TOO_MANY));
    }
    let position = size - u64::try_from(end.len()).unwrap_or(size);
    let one_disk = disk == 0 && disk_of_directory == 0 && here == entries;
    if !one_disk || start + length != position || position + 22 + comment != size {
        return Err(Trouble::Broken(BROKEN));
    }
    Ok(())
}

fn failed(error: &ZipError) -> Trouble {
    match error {
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            Trouble::Unsafe(
                "it has an entry that cannot be looked into (encrypted, or packed in a rare way)",
            )
        }
        _ => Trouble::Broken(BROKEN),
    }
}
