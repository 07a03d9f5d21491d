use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::BuildError;
use ninja_config::{WorkerRole, WorkerSettings};
use ninja_db::{DbError, workers};
use ninja_files::FilesError;
use ninja_queue::{Channel, Heard, ProviderNews, QueueError, Serving, Signal, Subscriber};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::assemble::{assemble, card, collect_metrics, options, upkeep};
use crate::attempt::Attempts;
use crate::collector::collect;
use crate::discover::discover;
use crate::drain::Ends;
use crate::fallback::Rows;
use crate::health::Health;
use crate::heartbeat::Heartbeat;
use crate::http;
use crate::sweeper::Sweeper;
use crate::worker::Worker;

/// How long the process waits for its last rings.
const LAST: Duration = Duration::from_secs(2);

/// Why a worker cannot run. What passes by itself, such as an engine that is away, is none of these.
#[derive(Debug, Error)]
pub enum WorkerError {
    /// The operating system refused something: a port, a thread.
    #[error("{what}")]
    System {
        /// What it was asked for.
        what: &'static str,
        /// What it said.
        #[source]
        source: std::io::Error,
    },
    /// The settings of PostgreSQL cannot be used.
    #[error("the database cannot be used")]
    Database(#[from] DbError),
    /// The master keys are not those of this installation.
    #[error("the stored secrets cannot be opened")]
    MasterKeys(#[source] DbError),
    /// The prices of models cannot be read.
    #[error("NINJA_LLM__PRICES_FILE cannot be used")]
    Prices(#[from] ninja_llm::PriceError),
    /// The client for providers of models cannot be made.
    #[error("no client for providers of models")]
    Egress(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The settings of Redis cannot be used.
    #[error("the queue cannot be used")]
    Queue(#[from] QueueError),
    /// The file store cannot be opened.
    #[error("the file store cannot be opened")]
    Files(#[from] FilesError),
    /// The metrics cannot be collected.
    #[error("the metrics cannot be collected")]
    Metrics(#[from] BuildError),
}

fn system(what: &'static str) -> impl FnOnce(std::io::Error) -> WorkerError {
    move |source| WorkerError::System { what, source }
}

/// Runs a worker until it is told to end and has handed back what it held.
pub fn run(settings: WorkerSettings) -> Result<(), WorkerError> {
    for fault in &settings.unknown {
        tracing::warn!(setting = %fault, "a setting that is none");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(system("the threads cannot be started"))?;
    runtime.block_on(serve(settings))
}

async fn serve(settings: WorkerSettings) -> Result<(), WorkerError> {
    let ends = Ends::listen().map_err(system("signals cannot be heard"))?;
    let metrics = collect_metrics()?;
    let listener = TcpListener::bind(settings.worker.bind)
        .await
        .map_err(system("NINJA_WORKER__BIND cannot be listened on"))?;
    let tracker = TaskTracker::new();
    let worker = Arc::new(assemble(settings, tracker.clone()).await?);
    let end = CancellationToken::new();
    let heartbeat = Heartbeat::new(
        Arc::clone(&worker),
        options(&worker.settings, "ninja-worker heartbeat"),
        card(&worker),
    );
    let thread = heartbeat.start(end.clone()).map_err(system("no thread for the heartbeat"))?;
    let health = Health::new(Arc::clone(&worker), metrics.clone());
    tracker.spawn(http::serve(listener, end.clone(), move |path| health.clone().answer(path)));
    tracker.spawn(end.clone().run_until_cancelled_owned(upkeep(metrics)));
    let roles = &worker.settings.worker.roles;
    if roles.has(WorkerRole::Sweeper) {
        let sweeper = options(&worker.settings, "ninja-worker sweeper");
        tracker.spawn(Sweeper::new(Arc::clone(&worker), sweeper).run(end.clone()));
        tracker.spawn(collect(Arc::clone(&worker), end.clone()));
    }
    tracker.spawn(end.clone().run_until_cancelled_owned(discover(Arc::clone(&worker))));
    let served = CancellationToken::new();
    let draining = tracker.spawn({
        let (worker, served) = (Arc::clone(&worker), served.clone());
        async move { worker.drain(ends, served).await }
    });
    work(&worker).await;
    served.cancel();
    drop(draining.await);
    close(&worker).await;
    end.cancel();
    drop(tokio::task::spawn_blocking(move || thread.join()).await);
    tracker.close();
    drop(tokio::time::timeout(LAST, tracker.wait()).await);
    tracing::info!("ended");
    Ok(())
}

/// Serves the pools until the drain and the end of all that runs.
async fn work(worker: &Arc<Worker>) {
    let settings = &worker.settings.worker;
    if !settings.roles.has(WorkerRole::Steps) {
        worker.draining.cancelled().await;
        return;
    }
    let signals = worker.queue.subscribe([Channel::Signals, Channel::Providers]);
    let serving = Serving {
        pools: settings.pools.list().to_vec(),
        permits: Arc::new(Semaphore::new(settings.concurrency)),
        consumer: worker.life.ids(),
        reading: worker.gate.watch(),
        pulse: worker.pulses.fetch.clone(),
        poll_every: settings.poll_seconds.duration(),
        claim_idle: settings.claim_idle_seconds.duration(),
        stop: worker.draining.clone(),
    };
    let attempts = Arc::new(Attempts(Arc::clone(worker)));
    let rows = Arc::new(Rows(Arc::clone(worker)));
    tokio::select! {
        () = worker.queue.serve(serving, attempts, rows) => {}
        () = look_at_signals(worker, &signals) => {}
    }
}

/// A signal, or the chance that one was missed, makes the heartbeat look at the rows: they are the order.
async fn look_at_signals(worker: &Worker, signals: &Subscriber) {
    let mut heard = signals.hear();
    loop {
        let heard = heard.recv().await;
        let changed = Heard::Providers(ProviderNews::Changed);
        if matches!(&heard, Ok(told) if *told == changed || *told == Heard::Resync)
            || matches!(heard, Err(RecvError::Lagged(_)))
        {
            worker.providers.forget();
        }
        match heard {
            Ok(Heard::Signal(Signal::Cancel(_) | Signal::Pause(_)) | Heard::Resync)
            | Err(RecvError::Lagged(_)) => {
                worker.look.notify_one();
            }
            Ok(_) => {}
            // The subscription lives as long as the process: wait for the other branch.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// The row is closed only when nothing is leased under it: else its lease runs out, and the sweeper takes over.
async fn close(worker: &Worker) {
    let closed = async { workers::close(&mut *worker.conn().await?, worker.life.id()).await };
    if let Err(error) = closed.await {
        tracing::warn!(%error, "the worker's row stays open: its lease will run out");
    }
}
