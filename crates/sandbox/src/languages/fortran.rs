use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "fortran",
    name: "Fortran",
    aliases: &["f90"],
    extensions: &["f90"],
    source: "main.f90",
    set: Set::Full,
    packages: &["gfortran"],
    probe: &["gfortran", "--version"],
    compile: Some(|_| argv(["gfortran", "-o", "main", "main.f90"])),
    run: |_| argv(["./main"]),
    env: &[],
    extra_paths: &[],
    hello: Hello("program main\n  print *, \"hello\"\nend program main\n"),
    hello_broken: Hello("program main\n  call broken()\nend program main\n"),
};
