//! One run, from the order to the outcome: start a helper, feed it, watch it, end it, judge it.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Interest};
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::capture::{self, Chunk, Live, Stream};
use crate::disk::Filling;
use crate::guard::Guarded;
use crate::judge::{self, Facts, Ran};
use crate::parts::Parts;
use crate::patrol::Watching;
use crate::spawn::{Helper, Started};
use crate::verdict::Verdict;
use crate::wire::{self, Order, Stage, Status};
use crate::{Cause, DiskLimits, Outcome, RunError, RunSpec};

/// A helper that has not started its program by then hangs.
const SETUP_MOST: Duration = Duration::from_secs(10);
/// From SIGTERM to SIGKILL.
const STOP_MOST: Duration = Duration::from_secs(2);
/// Once the tree is gone nobody can hold its pipes open; should somebody, this is the end.
const DRAIN_MOST: Duration = Duration::from_secs(2);

/// Starts `order` and waits for its end. A permit is held by the caller.
pub(crate) async fn run(
    parts: &Parts,
    spec: &RunSpec,
    order: &Order,
    cancel: &CancellationToken,
    live: Option<mpsc::Sender<Chunk>>,
) -> Result<Outcome, RunError> {
    let mut input = wire::encode(order, &parts.filters)
        .map_err(|error| RunError::Spec(format!("it cannot be written: {error}")))?;
    input.extend_from_slice(&spec.stdin);
    let started = parts.spawner.helper().await.map_err(|error| setup(&error))?;
    let begun = Begun::new(parts, spec, started).map_err(|error| setup(&error))?;
    let facts = begun.until_end(spec, &input, cancel, live).await.map_err(|e| setup(&e))?;
    judge::outcome(spec, parts.tier, facts).await
}

fn setup(error: &io::Error) -> RunError {
    RunError::Setup { stage: Stage::Spawn, errno: error.raw_os_error().unwrap_or(0) }
}

/// The smaller of what the run and what the workspace may hold.
pub(crate) fn disk_limits(spec: &RunSpec) -> DiskLimits {
    let (run, whole) = (spec.limits.disk, spec.workspace.limits());
    DiskLimits { bytes: run.bytes.min(whole.bytes), inodes: run.inodes.min(whole.inodes) }
}

/// A helper that runs, with its pipes and all that watches it.
struct Begun {
    watched: Watched,
    stdin: Sender,
    stdout: Receiver,
    stderr: Receiver,
    status: Receiver,
    started: Arc<AtomicBool>,
}

struct Watched {
    helper: Helper,
    end: AsyncFd<OwnedFd>,
    guarded: Arc<Guarded>,
    verdict: Arc<Verdict>,
    #[expect(dead_code, reason = "ends with the run, when it is dropped")]
    watching: (Watching<Guarded>, Watching<Filling>),
}

impl Begun {
    fn new(parts: &Parts, spec: &RunSpec, pipes: Started) -> io::Result<Self> {
        let helper = pipes.helper;
        let started = Arc::new(AtomicBool::new(false));
        let verdict = Arc::new(Verdict::default());
        let guarded = Guarded::new(helper.pid(), &spec.limits, &verdict);
        let filling = Filling {
            helper: helper.pid(),
            folders: spec.workspace.handles()?,
            limits: disk_limits(spec),
            verdict: Arc::clone(&verdict),
            started: Arc::clone(&started),
            unseen: Mutex::default(),
        };
        // SAFETY: the descriptor is moved into the `AsyncFd`, which alone closes it.
        let end = unsafe { AsyncFd::register_with_interest(helper.end()?, Interest::READABLE) }?;
        let watching = (parts.guard.watch(&guarded), parts.disk.watch(filling));
        Ok(Self {
            stdin: Sender::from_owned_fd(pipes.stdin.into())?,
            stdout: Receiver::from_owned_fd(pipes.stdout.into())?,
            stderr: Receiver::from_owned_fd(pipes.stderr.into())?,
            status: Receiver::from_owned_fd(pipes.status.into())?,
            started,
            watched: Watched { helper, end, guarded, verdict, watching },
        })
    }

    async fn until_end(
        self,
        spec: &RunSpec,
        input: &[u8],
        cancel: &CancellationToken,
        live: Option<mpsc::Sender<Chunk>>,
    ) -> io::Result<Facts> {
        let Self { watched, stdin, stdout, stderr, status, started: seen } = self;
        let limits = &spec.limits;
        let wall = Duration::from_millis(limits.wall_ms);
        let (started, start) = oneshot::channel();
        let gone = CancellationToken::new();
        let (out, err) = (Live::new(Stream::Stdout, live.clone()), Live::new(Stream::Stderr, live));
        let (ran, lines, stdout, stderr, _fed) = tokio::join!(
            async {
                let ran = supervise(&watched, wall, start, cancel).await;
                gone.cancel();
                ran
            },
            until_drained(&gone, statuses(status, started, &seen)),
            until_drained(&gone, capture::read(stdout, limits, out, &watched.verdict)),
            until_drained(&gone, capture::read(stderr, limits, err, &watched.verdict)),
            gone.run_until_cancelled(feed(stdin, input)),
        );
        let (peak_bytes, peak_processes) = watched.guarded.peaks();
        Ok(Facts {
            lines: lines.unwrap_or_default(),
            stdout: stdout.unwrap_or_default(),
            stderr: stderr.unwrap_or_default(),
            ran: ran?,
            cause: watched.verdict.cause(),
            peak_bytes,
            peak_processes,
        })
    }
}

/// What a pipe still holds when the tree is gone, and no longer.
async fn until_drained<T>(gone: &CancellationToken, reading: impl Future<Output = T>) -> Option<T> {
    let too_long = async {
        gone.cancelled().await;
        sleep_until(Instant::now() + DRAIN_MOST).await;
    };
    tokio::select! {
        read = reading => Some(read),
        () = too_long => None,
    }
}

/// The frame and the program's input. A program that does not read it is no fault.
async fn feed(mut stdin: Sender, input: &[u8]) {
    let _unread = stdin.write_all(input).await;
}

/// All lines of the helper; tells when the program starts.
async fn statuses(
    status: Receiver,
    started: oneshot::Sender<Instant>,
    seen: &AtomicBool,
) -> Vec<Status> {
    let mut lines = BufReader::new(status).lines();
    let mut started = Some(started);
    let mut found = Vec::new();
    while let Ok(Some(line)) = lines.next_line().await {
        match serde_json::from_str(&line) {
            Ok(status) => {
                if matches!(status, Status::Started { .. })
                    && let Some(started) = started.take()
                {
                    seen.store(true, Relaxed);
                    let _over = started.send(Instant::now());
                }
                found.push(status);
            }
            Err(error) => tracing::warn!(%error, "the sandbox helper said what nobody understands"),
        }
    }
    found
}

/// Waits for the end of the helper; ends it when somebody says so or a time is up. Answers when the
/// helper began and, if it was heard in time, when the program did.
async fn supervise(
    run: &Watched,
    wall: Duration,
    mut start: oneshot::Receiver<Instant>,
    cancel: &CancellationToken,
) -> io::Result<Ran> {
    let begun = Instant::now();
    let (mut started, mut listening, mut stopping) = (None, true, false);
    let mut deadline = begun + SETUP_MOST;
    loop {
        tokio::select! {
            ended = run.end.readable() => {
                ended?.retain_ready();
                return Ok(Ran {
                    helper: begun.elapsed(),
                    program: started.map(|at: Instant| at.elapsed()),
                });
            }
            answer = &mut start, if listening => {
                listening = false;
                if let Ok(at) = answer {
                    started = Some(at);
                    if !stopping {
                        deadline = at + wall;
                    }
                }
                continue;
            }
            () = run.verdict.given(), if !stopping => {}
            () = cancel.cancelled(), if !stopping => run.verdict.give(Cause::Cancelled),
            () = sleep_until(deadline) => match (stopping, started) {
                (true, _) => {
                    run.helper.kill();
                    deadline = Instant::now() + STOP_MOST;
                    continue;
                }
                (false, Some(_)) => run.verdict.give(Cause::WallTime),
                // It hangs before the program: `judge` finds no start and no cause.
                (false, None) => {}
            },
        }
        stopping = true;
        run.helper.stop();
        deadline = Instant::now() + STOP_MOST;
    }
}
