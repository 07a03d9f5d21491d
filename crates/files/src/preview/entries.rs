use std::fs::File;
use std::io::{self, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use super::{ArchiveEntry, Preview};
use crate::text::fill;

const MOST: usize = 200;

pub(super) fn zip(file: File) -> Preview {
    let Ok(mut archive) = zip::ZipArchive::new(BufReader::new(file)) else {
        return Preview::default();
    };
    let count = archive.len();
    let entries = (0..count.min(MOST)).filter_map(|index| {
        let entry = archive.by_index_raw(index).ok()?;
        Some(ArchiveEntry { path: entry.name().ok()?.into_owned(), size: entry.size() })
    });
    let entries = entries.collect();
    Preview { truncated: count > MOST, archive: Some(entries), ..Preview::default() }
}

pub(super) fn tar(from: impl Read) -> Preview {
    let mut archive = tar::Archive::new(from);
    let Ok(found) = archive.entries() else { return Preview::default() };
    let (mut entries, mut truncated) = (Vec::new(), false);
    for entry in found {
        let Ok(entry) = entry else { break };
        if entries.len() == MOST {
            truncated = true;
            break;
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        entries.push(ArchiveEntry { path, size: entry.size() });
    }
    Preview { truncated, archive: Some(entries), ..Preview::default() }
}

/// A tar in a gzip stream, or the one file that the stream is.
pub(super) fn gzip(file: File) -> io::Result<Preview> {
    let mut unpacked = MultiGzDecoder::new(BufReader::new(file));
    let path = unpacked.header().and_then(|header| header.filename());
    let path =
        path.map_or_else(|| "data".to_owned(), |name| String::from_utf8_lossy(name).into_owned());
    let mut first = [0; 512];
    let filled = fill(&mut unpacked, &mut first)?;
    let first = &first[..filled];
    if infer::is(first, "tar") {
        return Ok(tar(first.chain(unpacked)));
    }
    let rest = io::copy(&mut unpacked, &mut io::sink())?;
    let size = rest + u64::try_from(filled).unwrap_or_default();
    Ok(Preview { archive: Some(vec![ArchiveEntry { path, size }]), ..Preview::default() })
}
