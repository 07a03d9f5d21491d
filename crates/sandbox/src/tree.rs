//! Process trees, read from `/proc/<pid>/stat`: the one file that no process can hide.

use std::collections::HashMap;
use std::fs;
use std::io;

/// One process of this machine.
pub(crate) struct Process {
    pid: i32,
    parent: i32,
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
        threads: fields.get(17)?.parse().ok()?,
        resident_bytes: fields.get(21)?.parse::<u64>().ok()? * page,
    })
}

/// What stands below helper H and below P, its only child.
pub(crate) fn below(processes: &[Process], helper: i32) -> Tree {
    let mut children: HashMap<i32, Vec<&Process>> = HashMap::new();
    for process in processes {
        children.entry(process.parent).or_default().push(process);
    }
    let of = |pid: i32| children.get(&pid).into_iter().flatten().copied();
    let mut tree = Tree::default();
    let mut next: Vec<&Process> = of(helper).flat_map(|first| of(first.pid)).collect();
    while let Some(process) = next.pop() {
        tree.pids.push(process.pid);
        tree.threads += process.threads;
        tree.resident_bytes += process.resident_bytes;
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
        stat.extend_from_slice(b"0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 5 0 0 0 9 0");
        let process = parse(7, &stat, 4096).unwrap();
        assert_eq!((process.parent, process.threads, process.resident_bytes), (3, 5, 9 * 4096));
    }

    #[test]
    fn a_tree_is_what_stands_below_the_first_process_of_the_run() {
        let process = |pid, parent| Process { pid, parent, threads: 1, resident_bytes: 10 };
        let all = [process(2, 1), process(3, 2), process(4, 3), process(5, 4), process(9, 1)];
        let tree = below(&all, 2);
        assert_eq!((tree.pids, tree.threads, tree.resident_bytes), (vec![4, 5], 2, 20));
    }
}
