use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "prolog",
    name: "Prolog",
    aliases: &["swipl"],
    extensions: &["pro"],
    source: "main.pro",
    set: Set::Full,
    packages: &["swi-prolog-nox"],
    probe: &["swipl", "--version"],
    compile: None,
    run: |_| argv(["swipl", "-q", "--on-error=status", "-t", "halt", "main.pro"]),
    env: &[],
    extra_paths: &["/etc/swi-prolog"],
    hello: Hello(":- initialization(writeln(hello)).\n"),
    hello_broken: Hello(":- initialization(broken).\n"),
};
