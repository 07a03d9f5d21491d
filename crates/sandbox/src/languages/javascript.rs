use crate::Limits;
use crate::registry::{Hello, Language, Set};

pub(crate) const LANGUAGE: Language = Language {
    id: "javascript",
    name: "JavaScript",
    aliases: &["js", "node"],
    extensions: &["js", "mjs"],
    source: "main.js",
    set: Set::Slim,
    packages: &["nodejs"],
    probe: &["node", "-v"],
    compile: None,
    run,
    env: &[],
    extra_paths: &[],
    hello: Hello("console.log('hello');\n"),
    hello_broken: Hello("throw new Error('broken');\n"),
};

/// Half of the memory for the heap: the engine itself takes the rest.
pub(crate) fn run(limits: &Limits) -> Vec<String> {
    let heap_mib = limits.memory_bytes / (2 * 1024 * 1024);
    vec!["node".to_owned(), format!("--max-old-space-size={heap_mib}"), "main.js".to_owned()]
}
