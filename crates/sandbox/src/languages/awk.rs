use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "awk",
    name: "AWK",
    aliases: &["mawk"],
    extensions: &["awk"],
    source: "main.awk",
    set: Set::Slim,
    packages: &["mawk"],
    probe: &["mawk", "-W", "version"],
    compile: None,
    run: |_| argv(["mawk", "-f", "main.awk"]),
    env: &[],
    extra_paths: &[],
    hello: Hello("BEGIN { print \"hello\" }\n"),
    hello_broken: Hello("BEGIN { broken( }\n"),
};
