use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "sql",
    name: "SQL",
    aliases: &["sqlite"],
    extensions: &["sql"],
    source: "main.sql",
    set: Set::Slim,
    packages: &["sqlite3"],
    probe: &["sqlite3", "--version"],
    compile: None,
    run: |_| argv(["sqlite3", "-bail", ":memory:", ".read main.sql"]),
    env: &[],
    extra_paths: &[],
    hello: Hello("select 'hello';\n"),
    hello_broken: Hello("select * from broken;\n"),
};
