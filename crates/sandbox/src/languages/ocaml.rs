use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "ocaml",
    name: "OCaml",
    aliases: &["ml"],
    extensions: &["ml"],
    source: "main.ml",
    set: Set::Full,
    packages: &["ocaml-nox"],
    probe: &["ocamlopt", "-version"],
    compile: Some(|_| argv(["ocamlopt", "-o", "main", "main.ml"])),
    run: |_| argv(["./main"]),
    env: &[],
    extra_paths: &[],
    hello: Hello("let () = print_endline \"hello\"\n"),
    hello_broken: Hello("let () = broken ()\n"),
};
