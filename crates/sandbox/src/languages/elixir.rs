use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "elixir",
    name: "Elixir",
    aliases: &["exs"],
    extensions: &["exs"],
    source: "main.exs",
    set: Set::Full,
    packages: &["elixir"],
    probe: &["elixir", "--version"],
    compile: None,
    run: |_| argv(["elixir", "main.exs"]),
    env: &[("ELIXIR_ERL_OPTIONS", "+S 1:1 +SDcpu 1:1 +SDio 2")],
    extra_paths: &[],
    hello: Hello("IO.puts(\"hello\")\n"),
    hello_broken: Hello("raise \"broken\"\n"),
};
