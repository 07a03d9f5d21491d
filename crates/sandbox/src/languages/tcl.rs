use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "tcl",
    name: "Tcl",
    aliases: &["tclsh"],
    extensions: &["tcl"],
    source: "main.tcl",
    set: Set::Slim,
    packages: &["tcl"],
    probe: &["bash", "-c", "echo 'puts $tcl_patchLevel' | tclsh"],
    compile: None,
    run: |_| argv(["tclsh", "main.tcl"]),
    env: &[],
    extra_paths: &[],
    hello: Hello("puts hello\n"),
    hello_broken: Hello("error broken\n"),
};
