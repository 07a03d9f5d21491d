use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "perl",
    name: "Perl",
    aliases: &["pl"],
    extensions: &["pl"],
    source: "main.pl",
    set: Set::Slim,
    packages: &["perl"],
    probe: &["perl", "-v"],
    compile: None,
    run: |_| argv(["perl", "main.pl"]),
    env: &[],
    extra_paths: &["/etc/perl"],
    hello: Hello("print \"hello\\n\";\n"),
    hello_broken: Hello("die \"broken\\n\";\n"),
};
