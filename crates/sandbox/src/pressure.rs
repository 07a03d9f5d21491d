//! Memory of the container that the worker runs in. The kernel would end the whole container when it
//! is used up, and every run in it; so the biggest run goes before that.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const MIB: u64 = 1024 * 1024;

/// The worker's own cgroup, if it has a memory limit. Only version 2 is read.
pub(crate) struct Pressure {
    group: PathBuf,
    most_mib: f64,
}

impl Pressure {
    /// `None` where nothing limits the worker.
    pub(crate) fn of_this_process(share: f64) -> Option<Self> {
        let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
        let mine = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
        Self::of_group(&Path::new("/sys/fs/cgroup").join(mine), share)
    }

    fn of_group(group: &Path, share: f64) -> Option<Self> {
        let most = fs::read_to_string(group.join("memory.max")).ok()?;
        let most: u64 = most.trim().parse().ok()?; // `max`: no limit
        let most_mib = f64::from(u32::try_from(most / MIB).ok()?) * share;
        Some(Self { group: group.to_owned(), most_mib })
    }

    /// More is in use than may be. Pages of files that can be dropped at any time do not count.
    pub(crate) fn is_high(&self) -> io::Result<bool> {
        let current = fs::read_to_string(self.group.join("memory.current"))?;
        let stat = fs::read_to_string(self.group.join("memory.stat"))?;
        let inactive = stat.lines().find_map(|line| line.strip_prefix("inactive_file "));
        let number = |text: &str| text.trim().parse::<u64>().map_err(io::Error::other);
        let used = number(&current)?.saturating_sub(number(inactive.unwrap_or("0"))?);
        Ok(f64::from(u32::try_from(used / MIB).unwrap_or(u32::MAX)) > self.most_mib)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_can_be_dropped_do_not_press() {
        let group = tempfile::tempdir().unwrap();
        let say = |name: &str, text: &str| fs::write(group.path().join(name), text).unwrap();
        say("memory.max", "max\n");
        assert!(Pressure::of_group(group.path(), 0.5).is_none());
        say("memory.max", "1073741824\n");
        say("memory.current", "800000000\n");
        say("memory.stat", "anon 1\ninactive_file 500000000\nactive_file 2\n");
        let pressure = Pressure::of_group(group.path(), 0.5).unwrap();
        assert!(!pressure.is_high().unwrap());
        say("memory.stat", "inactive_file 100000000\n");
        assert!(pressure.is_high().unwrap());
    }
}
