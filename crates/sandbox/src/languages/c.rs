use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "c",
    name: "C",
    aliases: &["gcc"],
    extensions: &["c"],
    source: "main.c",
    set: Set::Slim,
    packages: &["gcc", "libc6-dev"],
    probe: &["gcc", "--version"],
    compile: Some(|_| argv(["gcc", "-O1", "-o", "main", "main.c", "-lm"])),
    run: |_| argv(["./main"]),
    env: &[],
    extra_paths: &[],
    hello: Hello("#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }\n"),
    hello_broken: Hello("int main(void) { return broken; }\n"),
};
