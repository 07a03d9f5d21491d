//! What of a file can be shown without taking it home: the beginning of a text, the first rows of a table, the size of
//! a picture, the names in an archive.
//!
//! A preview reads as little as it can and keeps little of what it reads, whatever the file says of itself.

mod cells;
mod delimited;
mod entries;
mod lines;
mod sheet;
mod words;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, BufReader, Seek};

use serde_json::Value;
use tokio::task::spawn_blocking;

use crate::kinds::{FileKind, promised};
use crate::{FilesError, Sha256, Store};

/// The most rows, and the most columns of each.
const ROWS: usize = 50;
const COLUMNS: usize = 500;

/// What can be shown of a file. What its kind has not is `None`, and so is what cannot be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preview {
    /// There is more of it in the file.
    pub truncated: bool,
    /// The first 64 KiB of a text, in UTF-8.
    pub text: Option<String>,
    /// The first rows.
    pub table: Option<TablePreview>,
    /// Pixels: width, height.
    pub image: Option<(u64, u64)>,
    /// The first entries.
    pub archive: Option<Vec<ArchiveEntry>>,
}

/// The first rows of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TablePreview {
    /// In their order.
    pub columns: Vec<ColumnPreview>,
    /// At most 50, each as long as there are columns.
    pub rows: Vec<Vec<Value>>,
    /// All rows but the header; `None` where counting would mean reading it all twice.
    pub rows_total: Option<u64>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnPreview {
    /// As its header says.
    pub name: String,
    /// What the shown values look like: `number`, `boolean`, `date`, `text`, or `empty`.
    pub kind: &'static str,
}

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveEntry {
    /// As the archive names it.
    pub path: String,
    /// Unpacked bytes, as the archive says.
    pub size: u64,
}

impl Store {
    /// What can be shown of a stored file whose name ends in `extension`.
    pub async fn preview(&self, sha256: &Sha256, extension: &str) -> Result<Preview, FilesError> {
        let file = self.file(sha256).await?;
        let extension = extension.to_owned();
        Ok(spawn_blocking(move || preview(file, &extension)).await??)
    }
}

fn preview(file: File, extension: &str) -> io::Result<Preview> {
    let Some(promised) = promised(extension) else { return Ok(Preview::default()) };
    let preview = match (promised.kind, promised.extension) {
        (FileKind::Image, "svg") | (FileKind::Text | FileKind::Code, _) => words::preview(file)?,
        (FileKind::Image, _) => {
            let found = imagesize::reader_size(BufReader::new(file)).ok();
            let pixels = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
            let image = found.map(|size| (pixels(size.width), pixels(size.height)));
            Preview { image, ..Preview::default() }
        }
        (FileKind::Table, "xlsx") => sheet::preview(file)?,
        (FileKind::Table, "jsonl") => lines::preview(file)?,
        (FileKind::Table, _) => delimited::preview(file)?,
        (FileKind::Archive, "zip") => entries::zip(file),
        (FileKind::Archive, "tar") => entries::tar(BufReader::new(file)),
        (FileKind::Archive, _) => entries::gzip(file)?,
        (FileKind::Document, _) => Preview::default(),
    };
    Ok(preview)
}

/// The first `most` bytes, and whether there are more. The file stands at its start again.
fn head(file: &mut File, most: u64) -> io::Result<(Vec<u8>, bool)> {
    let mut head = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(&*file, most + 1), &mut head)?;
    file.rewind()?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let more = head.len() > most;
    head.truncate(most);
    Ok((head, more))
}
