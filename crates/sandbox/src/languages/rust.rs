use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "rust",
    name: "Rust",
    aliases: &["rs"],
    extensions: &["rs"],
    source: "main.rs",
    set: Set::Full,
    packages: &["rustc"],
    probe: &["rustc", "-V"],
    compile: Some(|_| argv(["rustc", "-o", "main", "main.rs"])),
    run: |_| argv(["./main"]),
    env: &[],
    extra_paths: &[],
    hello: Hello("fn main() { println!(\"hello\"); }\n"),
    hello_broken: Hello("fn main() { broken(); }\n"),
};
