//! The file system that a run sees: a read-only system, its workspace, and nothing else.

use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use ninja_sandbox::Stage;
use ninja_sandbox::wire::{Order, READ_ONLY};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_bind, mount_bind_recursive,
    mount_change, unmount,
};

use crate::failure::{At, Failure};
use crate::signals::last;

/// The device nodes of a run.
pub(crate) const DEVICES: [&str; 5] =
    ["/dev/null", "/dev/zero", "/dev/full", "/dev/urandom", "/dev/random"];

/// Where the new root is put together, out of sight of everybody else: no path of a run's view lies
/// under it on the host, but for the workspace, which is held open before.
const NEW_ROOT: &str = "/tmp";

const CLOSED: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV);

/// Builds the view and makes it the root of this process.
pub(crate) fn build(order: &Order) -> Result<(), Failure> {
    mount_change("/", MountPropagationFlags::REC | MountPropagationFlags::PRIVATE)
        .at(Stage::View)?;
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let workspace = openat(CWD, &order.workspace, flags, Mode::empty()).at(Stage::View)?;
    tmpfs(NEW_ROOT, CLOSED, "size=1m,mode=755")?;
    let paths = READ_ONLY.iter().copied().chain(order.extra_paths.iter().map(String::as_str));
    for path in paths {
        read_only(path)?;
    }
    identity_files().at(Stage::View)?;
    devices()?;
    bind_workspace(&workspace)?;
    let proc = inside("/proc");
    folder(&proc)?;
    mount("proc", &proc, "proc", CLOSED | MountFlags::NOEXEC, None).at(Stage::Proc)?;
    folder(&inside("/tmp"))?;
    let tmp = format!("size={},nr_inodes=20000,mode=1777", order.limits.tmp_bytes);
    tmpfs(inside("/tmp"), CLOSED, &tmp)?;
    drop(workspace);
    pivot()
}

fn inside(path: &str) -> PathBuf {
    PathBuf::from(format!("{NEW_ROOT}{path}"))
}

fn folder(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path).at(Stage::View)
}

fn tmpfs(target: impl AsRef<Path>, flags: MountFlags, options: &str) -> Result<(), Failure> {
    let options = std::ffi::CString::new(options).unwrap_or_default();
    mount("tmpfs", target.as_ref(), "tmpfs", flags, Some(options.as_c_str())).at(Stage::View)
}

/// A symlink is copied as one: `/bin` is `usr/bin` on a merged system.
fn read_only(path: &str) -> Result<(), Failure> {
    let target = inside(path);
    let Ok(kind) = fs::symlink_metadata(path) else { return Ok(()) };
    if target.symlink_metadata().is_ok() {
        return Ok(());
    }
    if let Some(parent) = target.parent() {
        folder(parent)?;
    }
    if kind.is_symlink() {
        let to = fs::read_link(path).at(Stage::View)?;
        return symlink(to, target).at(Stage::View);
    }
    if kind.is_dir() {
        folder(&target)?;
    } else {
        fs::write(&target, "").at(Stage::View)?;
    }
    mount_bind_recursive(path, &target).at(Stage::View)?;
    let flags = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
    set_attributes(&target, flags, libc::AT_RECURSIVE)
}

/// Adds flags to a mount. Unlike a remount it keeps those that a user namespace may not take away,
/// and it reaches the mounts below.
fn set_attributes(target: &Path, flags: u64, reach: libc::c_int) -> Result<(), Failure> {
    let attributes =
        libc::mount_attr { attr_set: flags, attr_clr: 0, propagation: 0, userns_fd: 0 };
    let path = std::ffi::CString::new(target.as_os_str().as_encoded_bytes()).unwrap_or_default();
    // SAFETY: path and attributes live across the call, and the size is that of the structure.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            reach,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    if done == 0 { Ok(()) } else { Err(last(Stage::View)) }
}

/// Programs ask for names of users, groups and hosts; none of the host's are given.
fn identity_files() -> io::Result<()> {
    let (user, group) = (rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
    let etc = inside("/etc");
    fs::create_dir_all(&etc)?;
    let passwd = format!("sandbox:x:{user}:{group}:sandbox:/workspace:/bin/sh\n");
    fs::write(etc.join("passwd"), passwd)?;
    fs::write(etc.join("group"), format!("sandbox:x:{group}:\n"))?;
    fs::write(etc.join("hosts"), "127.0.0.1 localhost sandbox\n::1 localhost\n")?;
    fs::write(etc.join("nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files\n")
}

fn devices() -> Result<(), Failure> {
    folder(&inside("/dev/shm"))?;
    for device in DEVICES {
        let target = inside(device);
        fs::write(&target, "").at(Stage::View)?;
        mount_bind(device, &target).at(Stage::View)?;
        set_attributes(&target, libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NOEXEC, 0)?;
    }
    let links = [("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")];
    for (name, tail) in links {
        let to = format!("/proc/self/fd{tail}");
        symlink(to, inside("/dev").join(name)).at(Stage::View)?;
    }
    let shared = CLOSED | MountFlags::NOEXEC;
    tmpfs(inside("/dev/shm"), shared, "size=16m,nr_inodes=1024,mode=1777")
}

/// From the held descriptor, so that nobody can put another folder under the path meanwhile.
fn bind_workspace(workspace: &OwnedFd) -> Result<(), Failure> {
    let target = inside("/workspace");
    folder(&target)?;
    mount_bind(format!("/proc/self/fd/{}", workspace.as_raw_fd()), &target).at(Stage::View)?;
    set_attributes(&target, libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV, 0)
}

/// The old root is stacked under the new one and taken away: no path leads there any more.
fn pivot() -> Result<(), Failure> {
    rustix::process::chdir(NEW_ROOT).at(Stage::Pivot)?;
    rustix::process::pivot_root(".", ".").at(Stage::Pivot)?;
    unmount(".", UnmountFlags::DETACH).at(Stage::Pivot)?;
    rustix::process::chdir("/").at(Stage::Pivot)?;
    set_attributes(Path::new("/"), libc::MOUNT_ATTR_RDONLY, 0)
}
