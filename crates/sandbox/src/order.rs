//! Checks a spec and turns it into the order for the helper.

use crate::wire::{Order, Rlimits};
use crate::{Limits, RunSpec, Tier, environment, registry};

const STDIN_MOST: usize = 1024 * 1024;
const WORDS_MOST: usize = 128 * 1024;
/// Below this the runtimes of Java, Go and node do not start, whatever they would really use; the
/// memory guard holds the run to less.
const DATA_LEAST: u64 = 512 * 1024 * 1024;
/// The two processes of the sandbox itself count for `RLIMIT_NPROC`, as they have the same user.
const OWN_PROCESSES: u64 = 2;

/// The order, or what is wrong with the spec.
pub(crate) fn of(spec: &RunSpec, tier: Tier, most: &Limits) -> Result<Order, String> {
    if let Some(fault) = spec.limits.fault(most) {
        return Err(fault);
    }
    if spec.stdin.len() > STDIN_MOST {
        return Err(format!("standard input has at most {STDIN_MOST} bytes"));
    }
    let argv = spec.argv.iter().map(|argument| argument.to_str().map(str::to_owned));
    let argv = argv.collect::<Option<Vec<_>>>().ok_or("an argument is not UTF-8")?;
    let language = spec.language.as_deref().map(|id| registry::find(id).ok_or(id));
    let language = language.transpose().map_err(|id| format!("`{id}` is no language"))?;
    let env = environment::of(spec, tier);
    if argv.first().is_none_or(String::is_empty) {
        return Err("there is no program in argv".to_owned());
    }
    if env.keys().any(|name| name.is_empty() || name.contains('=')) {
        return Err("a variable has no name, or one with an equals sign".to_owned());
    }
    let words: Vec<&String> = argv.iter().chain(env.keys()).chain(env.values()).collect();
    if words.iter().any(|word| word.contains('\0')) {
        return Err("an argument or a variable holds a zero byte".to_owned());
    }
    if words.iter().map(|word| word.len() + 1).sum::<usize>() > WORDS_MOST {
        return Err(format!("arguments and variables have at most {WORDS_MOST} bytes in all"));
    }
    let extra_paths = language.map(|language| language.extra_paths).unwrap_or_default();
    Ok(Order {
        tier,
        parent: i32::try_from(std::process::id()).unwrap_or(0),
        uid: spec.workspace.uid(),
        workspace: spec.workspace.path().to_string_lossy().into_owned(),
        tmp: spec.workspace.tmp().to_string_lossy().into_owned(),
        dir: spec.dir.as_str().to_owned(),
        argv,
        env,
        extra_paths: extra_paths.iter().map(|path| (*path).to_owned()).collect(),
        limits: rlimits(&spec.limits),
        attack: None,
    })
}

fn rlimits(limits: &Limits) -> Rlimits {
    Rlimits {
        wall_ms: limits.wall_ms,
        cpu_s: limits.cpu_s,
        data_bytes: limits.memory_bytes.max(DATA_LEAST),
        processes: limits.processes + OWN_PROCESSES,
        file_bytes: limits.file_bytes,
        tmp_bytes: limits.tmp_bytes,
    }
}
