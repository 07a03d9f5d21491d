//! The complete environment of a run. Nothing of the worker's own is in it.

use std::collections::BTreeMap;

use crate::{Limits, RunSpec, Tier, registry, timings};

const FIXED: [(&str, &str); 7] = [
    ("PATH", timings::PATH),
    ("LANG", "C.UTF-8"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
    ("GO111MODULE", "off"),
    ("GOFLAGS", "-mod=mod"),
    ("GOTOOLCHAIN", "local"),
    ("GOMAXPROCS", "1"),
];

/// Below the folder for temporary files.
const TEMPORARY: [(&str, &str); 6] = [
    ("XDG_CACHE_HOME", "cache"),
    ("MPLCONFIGDIR", "matplotlib"),
    ("npm_config_cache", "npm"),
    ("CARGO_HOME", "cargo"),
    ("GOCACHE", "go-cache"),
    ("GOPATH", "go"),
];

/// Fixed names, then those of the language, then those of the caller.
pub(crate) fn of(spec: &RunSpec, tier: Tier) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let mut say = |name: &str, value: String| names.insert(name.to_owned(), value);
    let (home, tmp) = match tier {
        Tier::Ns => ("/workspace".to_owned(), "/tmp".to_owned()),
        // No view of its own: the folders have the host's names.
        Tier::Landlock => {
            let text = |path: &std::path::Path| path.to_string_lossy().into_owned();
            (text(spec.workspace.path()), text(spec.workspace.tmp()))
        }
    };
    for (name, value) in FIXED {
        say(name, value.to_owned());
    }
    for (name, folder) in TEMPORARY {
        say(name, format!("{tmp}/{folder}"));
    }
    say("HOME", home);
    say("TMPDIR", tmp);
    say("GOMEMLIMIT", memory_for_go(&spec.limits));
    let language = spec.language.as_deref().and_then(registry::find);
    for (name, value) in language.map(|language| language.env).unwrap_or_default() {
        say(name, (*value).to_owned());
    }
    names.extend(spec.env.clone());
    names
}

/// Its collector works harder before the guard would end the run.
fn memory_for_go(limits: &Limits) -> String {
    format!("{}B", limits.memory_bytes / 10 * 8)
}
