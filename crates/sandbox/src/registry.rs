//! The languages. One file each in `languages/`, one line here.

use crate::{Limits, languages};

/// Every language that this build knows, installed or not.
pub const LANGUAGES: &[Language] = &[
    languages::python::LANGUAGE,
    languages::javascript::LANGUAGE,
    languages::typescript::LANGUAGE,
    languages::bash::LANGUAGE,
    languages::ruby::LANGUAGE,
    languages::perl::LANGUAGE,
    languages::php::LANGUAGE,
    languages::lua::LANGUAGE,
    languages::c::LANGUAGE,
    languages::cpp::LANGUAGE,
    languages::sql::LANGUAGE,
    languages::awk::LANGUAGE,
    languages::tcl::LANGUAGE,
    languages::go::LANGUAGE,
    languages::rust::LANGUAGE,
    languages::java::LANGUAGE,
    languages::r::LANGUAGE,
    languages::ocaml::LANGUAGE,
    languages::prolog::LANGUAGE,
    languages::csharp::LANGUAGE,
    languages::fortran::LANGUAGE,
    languages::elixir::LANGUAGE,
    languages::nim::LANGUAGE,
];

/// How programs of a language are compiled and run.
#[derive(Debug)]
pub struct Language {
    /// The word of the contract.
    pub id: &'static str,
    /// For people.
    pub name: &'static str,
    /// Other names that are understood.
    pub aliases: &'static [&'static str],
    /// Of source files, without the dot; the first is used.
    pub extensions: &'static [&'static str],
    /// The name that a source file is given.
    pub source: &'static str,
    /// Who gets it.
    pub set: Set,
    /// Debian's packages.
    pub packages: &'static [&'static str],
    /// Prints the version.
    pub probe: &'static [&'static str],
    /// Argv of the compiler, if there is one. A run of its own, as untrusted as the program.
    pub compile: Option<fn(&Limits) -> Vec<String>>,
    /// Argv of the program.
    pub run: fn(&Limits) -> Vec<String>,
    /// Variables beside those that every run has.
    pub env: &'static [(&'static str, &'static str)],
    /// Read-only paths beside those that every run has.
    pub extra_paths: &'static [&'static str],
    /// Prints `hello`.
    pub hello: Hello,
    /// Fails, and says something on standard error.
    pub hello_broken: Hello,
}

/// Which installations carry a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// Every one.
    Slim,
    /// Those that were built with all.
    Full,
}

/// The text of a source file.
#[derive(Clone, Copy, Debug)]
pub struct Hello(pub &'static str);

/// A language that works on this worker.
#[derive(Debug)]
pub struct Installed {
    /// Which.
    pub language: &'static Language,
    /// What it says of itself.
    pub version: String,
    /// Compiling and running hello world took this long.
    pub hello_ms: u64,
}

/// By id or alias, whatever the case.
pub fn find(name: &str) -> Option<&'static Language> {
    let is = |word: &&str| word.eq_ignore_ascii_case(name);
    LANGUAGES.iter().find(|language| is(&language.id) || language.aliases.iter().any(&is))
}

/// Words as an argv.
pub(crate) fn argv<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_languages_share_a_name_or_a_first_extension() {
        let mut names: Vec<&str> = LANGUAGES
            .iter()
            .flat_map(|language| language.aliases.iter().copied().chain([language.id]))
            .collect();
        let mut extensions: Vec<&str> = LANGUAGES.iter().map(|l| l.extensions[0]).collect();
        for words in [&mut names, &mut extensions] {
            let count = words.len();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), count, "{words:?}");
        }
    }

    #[test]
    fn every_language_is_installed_by_the_scripts_with_its_set() {
        let list = include_str!("../../../scripts/lib/languages.txt");
        for language in LANGUAGES {
            let set = format!("{:?}", language.set).to_lowercase();
            for package in language.packages {
                let wanted = format!("{set} {package} ");
                assert!(list.lines().any(|line| line.starts_with(&wanted)), "{wanted}");
            }
        }
    }

    #[test]
    fn a_language_is_found_by_its_alias_in_any_case() {
        assert_eq!(find("PY").map(|language| language.id), Some("python"));
        assert!(find("cobol").is_none());
    }
}
