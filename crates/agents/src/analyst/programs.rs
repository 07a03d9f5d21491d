//! The programs, as they are embedded in this binary.

use ninja_tools::{RunProgram, Source};

include!(concat!(env!("OUT_DIR"), "/programs.rs"));

/// The program of this name with the modules that all share; the other programs are not among them.
pub(super) fn program(name: &'static str) -> RunProgram {
    let own = format!("{name}.py");
    let its = |source: &&Source| source.path == own || source.path.contains('/');
    RunProgram { name, sources: SOURCES.iter().filter(its).copied().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_has_its_file_and_what_all_share() {
        let own: Vec<_> = SOURCES.iter().filter(|source| !source.path.contains('/')).collect();
        assert!(!own.is_empty(), "no program is embedded");
        for source in own {
            let name = source.path.trim_end_matches(".py");
            let sources = program(name).sources;
            let alone: Vec<_> = sources.iter().filter(|it| !it.path.contains('/')).collect();
            assert_eq!(alone, [source]);
            assert!(sources.iter().any(|it| it.path == "ninja_analyst/table.py"), "{name}");
        }
    }
}
