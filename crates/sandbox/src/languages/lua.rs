use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "lua",
    name: "Lua",
    aliases: &["lua5.4"],
    extensions: &["lua"],
    source: "main.lua",
    set: Set::Slim,
    packages: &["lua5.4"],
    probe: &["lua5.4", "-v"],
    compile: None,
    run: |_| argv(["lua5.4", "main.lua"]),
    env: &[],
    extra_paths: &[],
    hello: Hello("print('hello')\n"),
    hello_broken: Hello("error('broken')\n"),
};
