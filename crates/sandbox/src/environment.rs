//! The complete environment of a run. Nothing of the worker's own is in it.

use std::collections::BTreeMap;

use crate::{Limits, RunSpec, registry};

const FIXED: [(&str, &str); 14] = [
    ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ("HOME", "/workspace"),
    ("TMPDIR", "/tmp"),
    ("LANG", "C.UTF-8"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
    ("MPLCONFIGDIR", "/tmp/matplotlib"),
    ("npm_config_cache", "/tmp/npm"),
    ("CARGO_HOME", "/tmp/cargo"),
    ("GOCACHE", "/tmp/go-cache"),
    ("GOPATH", "/tmp/go"),
    ("GO111MODULE", "off"),
    ("GOFLAGS", "-mod=mod"),
    ("GOTOOLCHAIN", "local"),
    ("GOMAXPROCS", "1"),
];

/// Fixed names, then those of the language, then those of the caller.
pub(crate) fn of(spec: &RunSpec) -> BTreeMap<String, String> {
    let mut names: BTreeMap<String, String> =
        FIXED.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    names.insert("GOMEMLIMIT".to_owned(), memory_for_go(&spec.limits));
    let language = spec.language.as_deref().and_then(registry::find);
    for (name, value) in language.map(|language| language.env).unwrap_or_default() {
        names.insert((*name).to_owned(), (*value).to_owned());
    }
    names.extend(spec.env.clone());
    names
}

/// Its collector works harder before the guard would end the run.
fn memory_for_go(limits: &Limits) -> String {
    format!("{}B", limits.memory_bytes / 10 * 8)
}
