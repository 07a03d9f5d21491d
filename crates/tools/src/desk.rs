use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use futures_util::TryStreamExt;
use ninja_files::Store;
use ninja_sandbox::{Collected, RelPath, Workspace};
use ninja_types::{Failure, FailureCode};
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio_util::io::StreamReader;

use crate::stored::failed;
use crate::{Content, GivenFile, MadeFile, SkippedFile, ToolError};

const PIECE: usize = 64 * 1024;

/// A workspace, and what lay in it before the program ran: the rest is what the program made.
pub(crate) struct Desk<'a> {
    workspace: Arc<Workspace>,
    files: &'a Store,
    before: HashMap<String, String>,
}

impl<'a> Desk<'a> {
    pub(crate) fn new(workspace: Workspace, files: &'a Store) -> Self {
        Self { workspace: Arc::new(workspace), files, before: HashMap::new() }
    }

    pub(crate) fn workspace(&self) -> Arc<Workspace> {
        Arc::clone(&self.workspace)
    }

    /// Puts a file where the program will find it.
    pub(crate) async fn lay(&mut self, file: &GivenFile) -> Result<(), ToolError> {
        let path = path(&file.path)?;
        let sha256 = match &file.content {
            Content::Text { text } => {
                let (workspace, text) = (self.workspace(), text.clone());
                let hash = hex(&Sha256::digest(text.as_bytes()));
                off(move || workspace.put(&path, text.as_bytes(), 0o644)).await?;
                hash
            }
            Content::Stored { sha256 } => {
                self.fetch(path, sha256).await?;
                sha256.clone()
            }
        };
        self.before.insert(file.path.clone(), sha256);
        Ok(())
    }

    /// Remembers what a compiler made, so that it is not taken for the program's.
    pub(crate) async fn note_what_is_there(&mut self) -> Result<(), ToolError> {
        let workspace = self.workspace();
        let known = std::mem::take(&mut self.before);
        self.before = off(move || {
            let mut before = known;
            for found in workspace.collect()?.files {
                if let Entry::Vacant(new) = before.entry(found.path) {
                    new.insert(sha256_of(found.file)?);
                }
            }
            Ok(before)
        })
        .await?;
        Ok(())
    }

    /// Stores what was made or changed.
    pub(crate) async fn gather(&self) -> Result<(Vec<MadeFile>, Vec<SkippedFile>), ToolError> {
        let workspace = self.workspace();
        self.store(off(move || workspace.collect()).await?).await
    }

    /// The same for one folder, whatever lies beside it.
    pub(crate) async fn gather_below(
        &self,
        folder: &'static str,
    ) -> Result<(Vec<MadeFile>, Vec<SkippedFile>), ToolError> {
        let (workspace, folder) = (self.workspace(), path(folder)?);
        self.store(off(move || workspace.collect_below(&folder)).await?).await
    }

    async fn store(
        &self,
        found: Collected,
    ) -> Result<(Vec<MadeFile>, Vec<SkippedFile>), ToolError> {
        let Collected { files, skipped } = found;
        let skipped = skipped
            .into_iter()
            .map(|left| SkippedFile { path: left.path_lossy, reason: word(left.reason) });
        let mut made = Vec::new();
        for found in files {
            if let Some(before) = self.before.get(&found.path) {
                let copy = found.file.try_clone().map_err(|error| away(&error))?;
                if off(move || sha256_of(copy)).await? == *before {
                    continue;
                }
            }
            made.push(self.keep(found.path, found.file, found.bytes).await?);
        }
        Ok((made, skipped.collect()))
    }

    /// The beginning of one file that the program left, if it did.
    pub(crate) async fn text(
        &self,
        file: &'static str,
        most: u64,
    ) -> Result<Option<String>, ToolError> {
        let (workspace, file) = (self.workspace(), path(file)?);
        off(move || {
            let Ok(file) = workspace.open(&file) else { return Ok(None) };
            let mut text = Vec::new();
            Read::read_to_end(&mut Read::take(file, most), &mut text)?;
            Ok(Some(String::from_utf8_lossy(&text).into_owned()))
        })
        .await
    }

    async fn keep(&self, path: String, mut file: File, size: u64) -> Result<MadeFile, ToolError> {
        let file = off(move || {
            io::Seek::rewind(&mut file)?;
            Ok(file)
        })
        .await?;
        let stored = self.files.put_file(file, &path, size).await.map_err(|e| failed(&e))?;
        Ok(MadeFile {
            path,
            size: stored.size,
            content_type: stored.content_type.to_owned(),
            sha256: stored.sha256.to_string(),
        })
    }

    async fn fetch(&self, path: RelPath, sha256: &str) -> Result<(), ToolError> {
        let key = sha256
            .parse()
            .map_err(|_not_hex| invalid(format!("`{sha256}` is no hash of a stored file.")))?;
        let reading = self.files.read(&key, None).await.map_err(|e| failed(&e))?;
        let mut stream = StreamReader::new(reading.stream.map_err(io::Error::other));
        let (pieces, taken) = mpsc::channel(4);
        let workspace = self.workspace();
        let put = off(move || workspace.put_from(&path, &mut Pieces::new(taken), 0o644));
        let send = async {
            loop {
                let mut piece = Vec::with_capacity(PIECE);
                let read = stream.read_buf(&mut piece).await.map(|_count| piece);
                let over = !matches!(&read, Ok(piece) if !piece.is_empty());
                if pieces.send(read).await.is_err() || over {
                    break;
                }
            }
            drop(pieces);
        };
        tokio::join!(put, send).0.map(drop)
    }
}

/// The blocking end of a channel of bytes. The empty piece, or an error, is the last one.
struct Pieces {
    from: mpsc::Receiver<io::Result<Vec<u8>>>,
    piece: io::Cursor<Vec<u8>>,
}

impl Pieces {
    fn new(from: mpsc::Receiver<io::Result<Vec<u8>>>) -> Self {
        Self { from, piece: io::Cursor::default() }
    }
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = Read::read(&mut self.piece, into)?;
        if read > 0 || into.is_empty() {
            return Ok(read);
        }
        let next =
            self.from.blocking_recv().unwrap_or_else(|| Err(io::ErrorKind::BrokenPipe.into()));
        self.piece = io::Cursor::new(next?);
        Read::read(&mut self.piece, into)
    }
}

fn path(text: &str) -> Result<RelPath, ToolError> {
    RelPath::new(text)
        .map_err(|fault| invalid(format!("The path `{text}` cannot be used: {fault}.")))
}

/// Does file work where blocking is allowed.
async fn off<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, ToolError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(io::Error::other).flatten();
    done.map_err(|error| match error.kind() {
        io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::AlreadyExists
        | io::ErrorKind::DirectoryNotEmpty => invalid(
            "Two of the files cannot lie side by side: one is a folder of the other.".to_owned(),
        ),
        _ => away(&error),
    })
}

fn sha256_of(mut file: File) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; PIECE];
    loop {
        let count = Read::read(&mut file, &mut buffer)?;
        match buffer.get(..count) {
            Some(bytes) if !bytes.is_empty() => hasher.update(bytes),
            _ => return Ok(hex(&hasher.finalize())),
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _always_fits = write!(text, "{byte:02x}");
        text
    })
}

/// The word of the contract for why something stays behind.
fn word(reason: ninja_sandbox::Skip) -> String {
    match serde_json::to_value(reason) {
        Ok(serde_json::Value::String(word)) => word,
        other => format!("{other:?}"),
    }
}

fn invalid(message: String) -> ToolError {
    ToolError::Failed(Failure::new(FailureCode::InputInvalid, message))
}

fn away(error: &io::Error) -> ToolError {
    tracing::warn!(%error, "a workspace cannot be read or written");
    let message = "The worker could not read or write the program's files.";
    ToolError::Retry(Failure::new(FailureCode::SandboxUnavailable, message))
}
