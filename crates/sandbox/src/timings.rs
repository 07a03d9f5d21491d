//! What an earlier start found out about the languages. It holds while the programs are the same files,
//! in the same tier, for the same release; so a worker that starts again compiles nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::registry::Language;
use crate::wire::VERSION;
use crate::{Limits, Tier};

/// Where a run looks for programs.
pub(crate) const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A language that worked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Timing {
    /// Everything on which the rest depends.
    key: String,
    pub(crate) version: String,
    pub(crate) hello_ms: u64,
}

/// By id of the language and tier.
#[derive(Debug, Default)]
pub(crate) struct Timings {
    file: PathBuf,
    known: BTreeMap<String, Timing>,
    learnt: BTreeMap<String, Timing>,
}

impl Timings {
    /// Those of `file`; none where they cannot be read.
    pub(crate) fn load(file: PathBuf) -> Self {
        let known = read(&file);
        Self { file, known, learnt: BTreeMap::new() }
    }

    pub(crate) fn of(&self, tier: Tier, language: &Language, key: &str) -> Option<&Timing> {
        self.known.get(&name(tier, language)).filter(|timing| timing.key == key)
    }

    pub(crate) fn learn(
        &mut self,
        tier: Tier,
        language: &Language,
        (key, version, hello_ms): (String, String, u64),
    ) {
        self.learnt.insert(name(tier, language), Timing { key, version, hello_ms });
    }

    /// Adds what is new to what others have found out meanwhile. Through another name, so that nobody
    /// reads half a file.
    pub(crate) fn save(&self) -> io::Result<()> {
        if self.learnt.is_empty() {
            return Ok(());
        }
        let mut known = read(&self.file);
        known.extend(self.learnt.clone());
        let draft = self.file.with_extension(format!("{}.draft", std::process::id()));
        let mut options = File::options();
        options.write(true).create(true).truncate(true).mode(0o644);
        options.open(&draft)?.write_all(&serde_json::to_vec(&known)?)?;
        fs::rename(draft, &self.file)
    }
}

fn read(file: &Path) -> BTreeMap<String, Timing> {
    let known = fs::read(file).ok().and_then(|text| serde_json::from_slice(&text).ok());
    known.unwrap_or_default()
}

fn name(tier: Tier, language: &Language) -> String {
    format!("{tier}/{}", language.id)
}

/// Everything on which a timing depends, or `None` if one of the programs is not installed.
pub(crate) fn key(language: &Language, limits: &Limits) -> Option<String> {
    let compile = language.compile.map(|compile| compile(limits));
    let argvs = [compile.unwrap_or_default(), (language.run)(limits)];
    let mut key = format!("{VERSION} {:?} {argvs:?} {:?}", language.probe, language.hello);
    let probe = language.probe.first().copied();
    let words = argvs.iter().filter_map(|argv| argv.first()).map(String::as_str).chain(probe);
    for word in words.filter(|word| !word.starts_with("./")) {
        let program = PATH.split(':').map(|folder| Path::new(folder).join(word));
        let (path, facts) = program.into_iter().find_map(|path| {
            let path = path.canonicalize().ok()?;
            let facts = path.metadata().ok().filter(fs::Metadata::is_file)?;
            Some((path, facts))
        })?;
        let (seconds, nanos, size) = (facts.mtime(), facts.mtime_nsec(), facts.len());
        write!(key, " {} {seconds}.{nanos} {size}", path.display()).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;

    #[test]
    fn what_was_learnt_is_known_again_for_the_same_key_and_tier_only() {
        let root = tempfile::tempdir().unwrap();
        let bash = registry::find("bash").unwrap();
        let file = root.path().join("languages.json");
        let mut timings = Timings::load(file.clone());
        let mut other = Timings::load(file.clone());
        timings.learn(Tier::Ns, bash, ("key".to_owned(), "5.2".to_owned(), 20));
        other.learn(Tier::Landlock, bash, ("key".to_owned(), "5.2".to_owned(), 30));
        timings.save().unwrap();
        other.save().unwrap();
        let again = Timings::load(file);
        assert_eq!(again.of(Tier::Ns, bash, "key").map(|timing| timing.hello_ms), Some(20));
        assert_eq!(again.of(Tier::Landlock, bash, "key").map(|timing| timing.hello_ms), Some(30));
        assert_eq!(again.of(Tier::Ns, bash, "newer"), None);
    }
}
