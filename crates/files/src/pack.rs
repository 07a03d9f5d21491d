use std::io::{self, Write};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio_util::io::{StreamReader, SyncIoBridge};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::store::Bytestream;
use crate::{FilesError, Sha256, Store};

/// How much of an archive is handed on at a time, and how many pieces may wait for a slow client.
const PIECE: usize = 64 * 1024;
const WAITING: usize = 4;

/// A file of an archive to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Its name in the archive, with `/`.
    pub path: String,
    /// Its bytes.
    pub sha256: Sha256,
    /// How many there are.
    pub size: u64,
}

impl Store {
    /// A zip of `files` as it is made: nothing of it is stored, and no more than a few pieces are in memory. An error
    /// on the way ends the stream; a client that goes away ends the work.
    pub fn pack(&self, files: Vec<Packed>) -> Bytestream {
        let (to, pieces) = mpsc::channel(WAITING);
        let (store, runtime) = (self.clone(), tokio::runtime::Handle::current());
        let work = spawn_blocking(move || {
            let sink = Sink { to: to.clone(), piece: Vec::with_capacity(PIECE) };
            if let Err(error) = write(&store, &runtime, files, sink) {
                let _gone = to.blocking_send(Err(error));
            }
        });
        let pieces = tokio_stream(pieces);
        // The thread ends with the channel; its panic, should there be one, cuts the stream as an error does.
        let end = futures_util::stream::once(async move { work.await.map_err(FilesError::from) });
        pieces.chain(end.try_filter_map(|()| async { Ok(None) })).boxed()
    }
}

fn tokio_stream(mut pieces: mpsc::Receiver<Result<Bytes, FilesError>>) -> Bytestream {
    futures_util::stream::poll_fn(move |cx| pieces.poll_recv(cx)).boxed()
}

fn write(
    store: &Store,
    runtime: &tokio::runtime::Handle,
    files: Vec<Packed>,
    sink: Sink,
) -> Result<(), FilesError> {
    let mut archive = ZipWriter::new_stream(sink);
    for file in files {
        let options = SimpleFileOptions::default()
            .compression_method(method(&file.path))
            .large_file(file.size >= u64::from(u32::MAX))
            .unix_permissions(0o644);
        archive.start_file(&file.path, options).map_err(FilesError::other)?;
        let reading = runtime.block_on(store.read(&file.sha256, None))?;
        let from = StreamReader::new(reading.stream.map_err(io::Error::other));
        let mut from = SyncIoBridge::new_with_handle(from, runtime.clone());
        io::copy(&mut from, &mut archive)?;
    }
    let mut sink = archive.finish().map_err(FilesError::other)?.into_inner();
    Ok(sink.flush()?)
}

/// What is packed already is not packed again.
fn method(path: &str) -> CompressionMethod {
    let packed = ["png", "jpg", "jpeg", "gif", "webp", "zip", "gz", "xlsx", "docx", "pdf"];
    let extension = crate::filename::extension(path);
    let stored = packed.contains(&extension.as_str());
    if stored { CompressionMethod::Stored } else { CompressionMethod::Deflated }
}

/// The end of the channel that the archive is written to.
struct Sink {
    to: mpsc::Sender<Result<Bytes, FilesError>>,
    piece: Vec<u8>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE)));
        self.to.blocking_send(Ok(piece)).map_err(|_gone| io::ErrorKind::BrokenPipe.into())
    }
}
