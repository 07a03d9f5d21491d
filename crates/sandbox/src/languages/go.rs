use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "go",
    name: "Go",
    aliases: &["golang"],
    extensions: &["go"],
    source: "main.go",
    set: Set::Full,
    packages: &["golang-go"],
    probe: &["go", "version"],
    compile: Some(|_| argv(["go", "build", "-o", "main", "main.go"])),
    run: |_| argv(["./main"]),
    env: &[],
    extra_paths: &[],
    hello: Hello("package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hello\") }\n"),
    hello_broken: Hello("package main\n\nfunc main() { broken() }\n"),
};
