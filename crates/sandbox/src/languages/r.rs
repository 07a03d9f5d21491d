use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "r",
    name: "R",
    aliases: &["rscript"],
    extensions: &["R", "r"],
    source: "main.R",
    set: Set::Full,
    packages: &["r-base-core"],
    probe: &["R", "--version"],
    compile: None,
    run: |_| argv(["Rscript", "--vanilla", "main.R"]),
    env: &[],
    extra_paths: &["/etc/R"],
    hello: Hello("cat(\"hello\\n\")\n"),
    hello_broken: Hello("stop(\"broken\")\n"),
};
