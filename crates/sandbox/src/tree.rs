//! Process trees, read from `/proc/<pid>/stat`: the one file that no process can hide.

use std::collections::HashMap;
use std::fs;
use std::io;

/// One process of this machine.
#[derive(Clone)]
pub(crate) struct Process {
    pid: i32,
    parent: i32,
    began: u64,
    threads: u64,
    resident_bytes: u64,
}

/// A run's processes, without the two of the sandbox itself.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) pids: Vec<i32>,
    pub(crate) threads: u64,
    pub(crate) resident_bytes: u64,
}

/// All processes that are visible.
pub(crate) fn scan() -> io::Result<Vec<Process>> {
    let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        // A process that ended meanwhile is no fault.
        let Ok(stat) = fs::read(format!("/proc/{pid}/stat")) else { continue };
        found.extend(parse(pid, &stat, page));
    }
    Ok(found)
}

/// The name in parentheses may hold anything, parentheses too, so fields count from the last one.
fn parse(pid: i32, stat: &[u8], page: u64) -> Option<Process> {
    let behind = stat.iter().rposition(|&byte| byte == b')')? + 1;
    let fields: Vec<&str> = str::from_utf8(stat.get(behind..)?).ok()?.split_whitespace().collect();
    Some(Process {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        began: fields.get(19)?.parse().ok()?,
        threads: fields.get(17)?.parse().ok()?,
        resident_bytes: fields.get(21)?.parse::<u64>().ok()? * page,
    })
}

/// Processes and threads of this process's user.
pub(crate) fn threads_of_user() -> io::Result<u64> {
    let mine = rustix::process::getuid().as_raw().to_string();
    let is_mine = |process: &&Process| {
        let status = fs::read_to_string(format!("/proc/{}/status", process.pid));
        let real =
            |line: &str| line.strip_prefix("Uid:")?.split_whitespace().next().map(str::to_owned);
        status.is_ok_and(|status| status.lines().find_map(real).is_some_and(|uid| uid == mine))
    };
    Ok(scan()?.iter().filter(is_mine).map(|process| process.threads).sum())
}

/// Pids of the children of `parent`.
pub fn children_of(parent: u32) -> io::Result<Vec<i32>> {
    let is_child = |process: &Process| u32::try_from(process.parent) == Ok(parent);
    Ok(scan()?.iter().filter(|process| is_child(process)).map(|process| process.pid).collect())
}

/// What stands below helper H, but for its first child, which is the sandbox's own: P or M. H's other
/// children are orphans of a run without a pid namespace.
pub(crate) fn below(processes: &[Process], helper: i32) -> Tree {
    let mut children: HashMap<i32, Vec<&Process>> = HashMap::new();
    for process in processes {
        children.entry(process.parent).or_default().push(process);
    }
    let of = |pid: i32| children.get(&pid).into_iter().flatten().copied();
    let mut tree = Tree::default();
    let own = of(helper).min_by_key(|process| (process.began, process.pid)).map(|own| own.pid);
    let mut next: Vec<&Process> = of(helper).collect();
    while let Some(process) = next.pop() {
        if Some(process.pid) != own {
            tree.pids.push(process.pid);
            tree.threads += process.threads;
            tree.resident_bytes += process.resident_bytes;
        }
        next.extend(of(process.pid));
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_name_with_parentheses_and_spaces_does_not_shift_the_fields() {
        let mut stat = b"7 (a) b) (c) S 3 ".to_vec();
        stat.extend_from_slice(b"0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 5 0 8 0 9 0");
        let process = parse(7, &stat, 4096).unwrap();
        assert_eq!((process.parent, process.began, process.threads), (3, 8, 5));
        assert_eq!(process.resident_bytes, 9 * 4096);
    }

    #[test]
    fn a_tree_is_what_stands_below_the_helper_but_for_its_first_child() {
        let process =
            |pid, parent, began| Process { pid, parent, began, threads: 1, resident_bytes: 10 };
        // 7 has a lower number than the first child but came later: numbers are used again.
        let run = [process(8, 2, 1), process(4, 8, 2), process(5, 4, 3), process(7, 2, 9)];
        let tree = below(&[&run[..], &[process(2, 1, 0), process(9, 1, 0)]].concat(), 2);
        let mut pids = tree.pids;
        pids.sort_unstable();
        assert_eq!((pids, tree.threads, tree.resident_bytes), (vec![4, 5, 7], 3, 30));
    }
}
