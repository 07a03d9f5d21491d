use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "bash",
    name: "Bash",
    aliases: &["sh", "shell"],
    extensions: &["sh"],
    source: "main.sh",
    set: Set::Slim,
    packages: &["bash"],
    probe: &["bash", "--version"],
    compile: None,
    run: |_| argv(["bash", "main.sh"]),
    env: &[],
    extra_paths: &[],
    hello: Hello("echo hello\n"),
    hello_broken: Hello("echo broken >&2; exit 3\n"),
};
