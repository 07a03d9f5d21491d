//! What T does at the start-up proof: tries to get out, and reports what the kernel answered. Every
//! attack has a victim that the worker set up, so one that finds nothing has proven something.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::{TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};

use ninja_sandbox::Tier;
use ninja_sandbox::wire::{Attack, AttackResult};

/// All results, as one JSON array on standard output.
pub(crate) fn report(victims: &Attack, tier: Tier) {
    let results = run(victims, tier);
    if let Ok(text) = serde_json::to_vec(&results) {
        let _worker_gone = io::stdout().write_all(&text);
    }
}

fn run(victims: &Attack, tier: Tier) -> Vec<AttackResult> {
    let mut results = files(victims);
    results.extend(network(victims));
    results.extend(processes(victims));
    results.extend(kernel());
    if tier == Tier::Landlock {
        results.extend(neighbours());
    }
    results.extend(landlock(victims.landlock_abi));
    results
}

fn files(victims: &Attack) -> Vec<AttackResult> {
    let canary = format!("{}/canary", victims.folder);
    let link = "canary-link";
    let planted = std::os::unix::fs::symlink(&canary, link);
    let create = |path: &str| OpenOptions::new().create(true).append(true).open(path);
    vec![
        denied("read_outside", File::open(&canary)),
        denied("read_outside_by_link", planted.and_then(|()| File::open(link))),
        denied("read_shadow", File::open("/etc/shadow")),
        denied("write_root", create("/attack")),
        denied("write_tmp_of_host", create("/var/tmp/attack")),
        denied("write_etc", create("/etc/attack")),
        denied("write_usr", create("/usr/attack")),
        denied("write_outside", create(&format!("{}/attack", victims.folder))),
        denied("hardlink_outside", fs::hard_link(&canary, "canary-hard")),
        denied("read_pid1_environ", fs::read("/proc/1/environ")),
        denied("read_pid1_mem", File::open("/proc/1/mem")),
        denied("read_worker_environ", fs::read(format!("/proc/{}/environ", victims.pid))),
        denied("list_pid1_fd", fs::read_dir("/proc/1/fd")),
    ]
}

fn network(victims: &Attack) -> Vec<AttackResult> {
    let tcp = TcpStream::connect(("127.0.0.1", victims.tcp_port));
    let path = UnixStream::connect(format!("{}/canary.sock", victims.folder));
    let named = SocketAddr::from_abstract_name(&victims.abstract_name)
        .and_then(|address| UnixStream::connect_addr(&address));
    // Sending always succeeds on a loopback; the worker looks whether anything arrived.
    let udp = UdpSocket::bind("127.0.0.1:0")
        .and_then(|socket| socket.send_to(b"canary", ("127.0.0.1", victims.udp_port)));
    let udp = AttackResult {
        name: "udp_sent".to_owned(),
        held: true,
        answer: udp.err().map_or_else(|| "sent".to_owned(), |error| error.to_string()),
    };
    vec![denied("tcp_host", tcp), denied("unix_path", path), denied("unix_abstract", named), udp]
}

fn processes(victims: &Attack) -> Vec<AttackResult> {
    let pid = victims.pid;
    // SAFETY: signal 0 and SIGCONT to a foreign pid, a ptrace that names no memory, and a read from
    // another process into an own buffer of the given length: none touches memory of this process
    // that is not named here.
    unsafe {
        let mut buffer = [0_u8; 8];
        let own = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
        let other = libc::iovec { iov_base: std::ptr::dangling_mut(), iov_len: buffer.len() };
        vec![
            call("kill_worker", libc::kill(pid, 0).into()),
            call("queue_worker", libc::syscall(libc::SYS_tgkill, pid, pid, 0)),
            call("ptrace_worker", libc::ptrace(libc::PTRACE_ATTACH, pid, 0, 0)),
            call("read_worker_memory", {
                libc::process_vm_readv(pid, &raw const own, 1, &raw const other, 1, 0)
                    .try_into()
                    .unwrap_or(0)
            }),
            call("pidfd_worker", libc::syscall(libc::SYS_pidfd_open, pid, 0)),
        ]
    }
}

/// Without namespaces the processes of the sandbox itself stand in sight of the run and have its user:
/// only the domains, and that they are closed, keep it away. The filters keep it from what has neither.
fn neighbours() -> Vec<AttackResult> {
    // SAFETY: plain numbers, and two pointers that live across their calls.
    unsafe {
        let monitor = libc::getppid();
        let mut two = [0; 2];
        let mut mask: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(0, &mut mask);
        let size = size_of::<libc::cpu_set_t>();
        vec![
            denied("read_monitor_environ", fs::read(format!("/proc/{monitor}/environ"))),
            denied(
                "write_monitor_mem",
                OpenOptions::new().write(true).open(format!("/proc/{monitor}/mem")),
            ),
            call("kill_monitor", libc::kill(monitor, 0).into()),
            call("any_socket", libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0).into()),
            call(
                "datagram_pair",
                libc::socketpair(libc::AF_UNIX, libc::SOCK_DGRAM, 0, two.as_mut_ptr()).into(),
            ),
            call(
                "renice_monitor",
                libc::setpriority(libc::PRIO_PROCESS, monitor.unsigned_abs(), 19).into(),
            ),
            call(
                "affinity_of_monitor",
                libc::sched_setaffinity(monitor, size, &raw const mask).into(),
            ),
            call(
                "limits_of_monitor",
                libc::prlimit(monitor, libc::RLIMIT_CORE, std::ptr::null(), std::ptr::null_mut())
                    .into(),
            ),
            call("shared_memory", libc::shmget(libc::IPC_PRIVATE, 4096, 0o600).into()),
        ]
    }
}

/// Calls that must answer EPERM, clone3 that must answer ENOSYS, and a thread that must start.
fn kernel() -> Vec<AttackResult> {
    let null = std::ptr::null::<libc::c_void>();
    // SAFETY: every pointer is null or absent; the calls are refused before they would use one.
    let mut results = unsafe {
        vec![
            call("unshare", libc::syscall(libc::SYS_unshare, libc::CLONE_NEWUSER)),
            call("mount", libc::syscall(libc::SYS_mount, null, null, null, 0, null)),
            call("setns", libc::syscall(libc::SYS_setns, 0, 0)),
            call("bpf", libc::syscall(libc::SYS_bpf, 0, null, 0)),
            call("keyctl", libc::syscall(libc::SYS_keyctl, 0, 0, 0, 0, 0)),
            call("io_uring", libc::syscall(libc::SYS_io_uring_setup, 1, null)),
            call("memfd", libc::syscall(libc::SYS_memfd_create, null, 0)),
            call("raw_socket", libc::socket(libc::AF_INET, libc::SOCK_RAW, 1).into()),
            call("setuid_root", libc::setuid(0).into()),
            expect_errno("clone3", libc::syscall(libc::SYS_clone3, null, 0), libc::ENOSYS),
        ]
    };
    let thread = std::thread::Builder::new().spawn(|| {});
    let started = thread.and_then(|t| t.join().map_err(|_panic| io::Error::other("panicked")));
    results.push(AttackResult {
        name: "thread_starts".to_owned(),
        held: started.is_ok(),
        answer: started.err().map_or_else(|| "started".to_owned(), |error| error.to_string()),
    });
    results
}

/// A harmless call that the namespaces and the filter allow, and that Landlock refuses from ABI 5 on:
/// so it is seen at work, and not only asked for.
fn landlock(abi: u8) -> Option<AttackResult> {
    (abi >= 5).then(|| {
        let answer = File::open("/dev/null").map(|null| {
            let mut size = 0;
            // SAFETY: the descriptor is open, and the kernel could write one int to `size`.
            unsafe { libc::ioctl(null.as_raw_fd(), libc::FIONREAD, &raw mut size) }.into()
        });
        expect_errno("landlock_ioctl", answer.unwrap_or(0), libc::EACCES)
    })
}

fn denied<T>(name: &str, result: io::Result<T>) -> AttackResult {
    let answer = result.err();
    AttackResult {
        name: name.to_owned(),
        held: answer.is_some(),
        answer: answer.map_or_else(|| "succeeded".to_owned(), |error| error.to_string()),
    }
}

fn call(name: &str, result: libc::c_long) -> AttackResult {
    denied(name, if result == -1 { Err(io::Error::last_os_error()) } else { Ok(()) })
}

fn expect_errno(name: &str, result: libc::c_long, errno: i32) -> AttackResult {
    let answer = io::Error::last_os_error();
    let held = result == -1 && answer.raw_os_error() == Some(errno);
    AttackResult { name: name.to_owned(), held, answer: answer.to_string() }
}
