use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "ruby",
    name: "Ruby",
    aliases: &["rb"],
    extensions: &["rb"],
    source: "main.rb",
    set: Set::Slim,
    packages: &["ruby"],
    probe: &["ruby", "-v"],
    compile: None,
    run: |_| argv(["ruby", "main.rb"]),
    env: &[],
    extra_paths: &[],
    hello: Hello("puts 'hello'\n"),
    hello_broken: Hello("raise 'broken'\n"),
};
