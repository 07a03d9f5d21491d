use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::error::Error;
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use futures_util::TryStreamExt;
use ninja_files::{FilesError, Store};
use ninja_sandbox::{Collected, RelPath, Workspace};
use ninja_types::{Failure, FailureCode};
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio_util::io::StreamReader;

use crate::{Content, GivenFile, MadeFile, SkippedFile, ToolError};

const PIECE: usize = 64 * 1024;

/// A workspace, and what lay in it before the program ran: the rest is what the program made.
pub(super) struct Desk<'a> {
    workspace: Arc<Workspace>,
    store: &'a Store,
    before: HashMap<String, String>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(workspace: Workspace, store: &'a Store) -> Self {
        Self { workspace: Arc::new(workspace), store, before: HashMap::new() }
    }

    pub(super) fn workspace(&self) -> Arc<Workspace> {
        Arc::clone(&self.workspace)
    }

    /// Puts a file where the program will find it.
    pub(super) async fn lay(&mut self, file: &GivenFile) -> Result<(), ToolError> {
        let path = RelPath::new(file.path.clone()).map_err(|fault| {
            invalid(format!("The path `{}` cannot be used: {fault}.", file.path))
        })?;
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
    pub(super) async fn note_what_is_there(&mut self) -> Result<(), ToolError> {
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
    pub(super) async fn gather(&self) -> Result<(Vec<MadeFile>, Vec<SkippedFile>), ToolError> {
        let workspace = self.workspace();
        let Collected { files, skipped } = off(move || workspace.collect()).await?;
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

    async fn keep(&self, path: String, mut file: File, size: u64) -> Result<MadeFile, ToolError> {
        let file = off(move || {
            io::Seek::rewind(&mut file)?;
            Ok(file)
        })
        .await?;
        let stored = self.store.put_file(file, &path, size).await.map_err(|e| stored(&e))?;
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
        let reading = self.store.read(&key, None).await.map_err(|e| stored(&e))?;
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

fn hex(bytes: &[u8]) -> String {
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

fn stored(error: &FilesError) -> ToolError {
    if let FilesError::Missing(sha256) = error {
        let message = format!("The stored file {sha256} is gone.");
        return ToolError::Failed(Failure::new(FailureCode::InputMissing, message));
    }
    let cause: &dyn Error = error;
    tracing::warn!(error = cause, "the file store did not do its part");
    let message = "The file store could not be read or written.";
    ToolError::Retry(Failure::new(FailureCode::Internal, message))
}
