//! The thread that starts helpers. One thread for the life of the process, because a helper asks the
//! kernel to be killed when its parent **thread** ends, and the runtime's threads come and go.

use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use tokio::sync::oneshot;

use crate::wire::STATUS_FD;

enum Job {
    Start(oneshot::Sender<io::Result<Started>>),
    Reap(Child),
}

/// Speaks to the thread `sandbox-spawn`.
#[derive(Clone)]
pub(crate) struct Spawner(mpsc::Sender<Job>);

/// A fresh helper and its pipes.
pub(crate) struct Started {
    pub(crate) helper: Helper,
    pub(crate) stdin: PipeWriter,
    pub(crate) stdout: PipeReader,
    pub(crate) stderr: PipeReader,
    pub(crate) status: PipeReader,
}

impl Spawner {
    pub(crate) fn start(program: PathBuf) -> io::Result<Self> {
        reserve_status_number()?;
        let (jobs, queue) = mpsc::channel();
        let me = jobs.clone();
        let serve = move || {
            for job in queue {
                match job {
                    Job::Start(answer) => {
                        // A caller that is gone drops the helper, which kills it.
                        let _gone = answer.send(start(&program, &me));
                    }
                    Job::Reap(mut child) => {
                        if let Err(error) = child.wait() {
                            tracing::warn!(%error, "a sandbox helper could not be reaped");
                        }
                    }
                }
            }
        };
        thread::Builder::new().name("sandbox-spawn".to_owned()).spawn(serve)?;
        Ok(Self(jobs))
    }

    pub(crate) async fn helper(&self) -> io::Result<Started> {
        let (answer, started) = oneshot::channel();
        let ended = || io::Error::other("the thread sandbox-spawn has ended");
        self.0.send(Job::Start(answer)).map_err(|_gone| ended())?;
        started.await.map_err(|_gone| ended())?
    }
}

/// A helper that is killed when nobody waits for it any more.
pub(crate) struct Helper {
    child: Option<Child>,
    pidfd: OwnedFd,
    pid: i32,
    reaper: mpsc::Sender<Job>,
}

impl Helper {
    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    /// Becomes readable when the helper has ended.
    pub(crate) fn end(&self) -> io::Result<OwnedFd> {
        self.pidfd.try_clone()
    }

    /// SIGTERM: the helper kills the tree, reports and ends.
    pub(crate) fn stop(&self) {
        self.signal(Signal::TERM);
    }

    /// SIGKILL: the kernel kills the tree, as its first process asked for that.
    pub(crate) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        match pidfd_send_signal(&self.pidfd, signal) {
            Ok(()) | Err(Errno::SRCH) => {}
            // A root worker without the capability to kill; the helper's own timer still holds.
            Err(error) => tracing::error!(%error, "a sandbox helper could not be signalled"),
        }
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.kill();
        if let Some(child) = self.child.take() {
            let _process_ends = self.reaper.send(Job::Reap(child));
        }
    }
}

/// Occupies descriptor 3 of this process for good: a helper's status pipe is put on that number, and
/// nothing that starting a process needs in between may be there already.
fn reserve_status_number() -> io::Result<()> {
    let null = std::fs::File::open("/dev/null")?;
    let held = rustix::io::fcntl_dupfd_cloexec(&null, STATUS_FD)?;
    if held.as_raw_fd() == STATUS_FD {
        std::mem::forget(held);
    }
    Ok(())
}

fn start(program: &PathBuf, reaper: &mpsc::Sender<Job>) -> io::Result<Started> {
    let (their_stdin, stdin) = io::pipe()?;
    let (stdout, their_stdout) = io::pipe()?;
    let (stderr, their_stderr) = io::pipe()?;
    let (status, their_status) = io::pipe()?;
    let number = their_status.as_raw_fd();
    let mut command = Command::new(program);
    command.arg0("ninja-sandbox").env_clear().current_dir("/");
    command.stdin(Stdio::from(their_stdin)).stdout(their_stdout).stderr(their_stderr);
    let place_status = move || {
        // SAFETY: between fork and exec only calls without locks and memory are made: this one. The
        // number is open, as `their_status` lives until after `spawn`.
        match unsafe { libc::dup2(number, STATUS_FD) } {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    };
    // SAFETY: see above: the closure does nothing else.
    unsafe { command.pre_exec(place_status) };
    let mut child = command.spawn()?;
    drop(their_status);
    let pidfd =
        i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or(Errno::SRCH).and_then(|pid| {
            Ok((pid.as_raw_nonzero().get(), pidfd_open(pid, PidfdFlags::empty())?))
        });
    match pidfd {
        Ok((pid, pidfd)) => {
            let helper = Helper { child: Some(child), pidfd, pid, reaper: reaper.clone() };
            Ok(Started { helper, stdin, stdout, stderr, status })
        }
        Err(errno) => {
            child.kill()?;
            child.wait()?;
            Err(errno.into())
        }
    }
}
