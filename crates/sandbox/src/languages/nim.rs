use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "nim",
    name: "Nim",
    aliases: &[],
    extensions: &["nim"],
    source: "main.nim",
    set: Set::Full,
    packages: &["nim"],
    probe: &["nim", "--version"],
    compile: Some(|_| {
        argv(["nim", "c", "--hints:off", "--verbosity:0", "--nimcache:nc", "-o:main", "main.nim"])
    }),
    run: |_| argv(["./main"]),
    env: &[],
    extra_paths: &["/etc/nim"],
    hello: Hello("echo \"hello\"\n"),
    hello_broken: Hello("broken()\n"),
};
