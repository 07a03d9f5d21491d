use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::backoff::pause;
use crate::running::Why;
use crate::worker::Worker;

/// SIGTERM and SIGINT, as one stream.
pub(crate) struct Ends {
    term: Signal,
    int: Signal,
}

impl Ends {
    pub(crate) fn listen() -> std::io::Result<Self> {
        Ok(Self { term: signal(SignalKind::terminate())?, int: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.int.recv() => {}
        }
    }
}

impl Worker {
    /// Waits for the end to be asked for: then nothing new is taken, and what runs has its time. When that is over, or at
    /// the second signal, it is stopped and handed back. Ends with `served`.
    pub(crate) async fn drain(&self, mut ends: Ends, served: CancellationToken) {
        tokio::select! {
            () = ends.next() => {}
            () = self.draining.cancelled() => {} // the row asks for it
        }
        self.draining.cancel();
        tracing::info!(running = self.running.len(), "draining");
        let time = self.settings.worker.drain_seconds.duration();
        tokio::select! {
            () = served.cancelled() => return,
            () = pause(time) => {}
            () = ends.next() => {}
        }
        tracing::info!(running = self.running.len(), "handing back what still runs");
        self.running.stop_all(Why::Drained);
    }
}
