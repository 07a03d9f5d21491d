use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "cpp",
    name: "C++",
    aliases: &["c++", "cxx"],
    extensions: &["cpp", "cc"],
    source: "main.cpp",
    set: Set::Slim,
    packages: &["g++"],
    probe: &["g++", "--version"],
    compile: Some(|_| argv(["g++", "-O1", "-o", "main", "main.cpp"])),
    run: |_| argv(["./main"]),
    env: &[],
    extra_paths: &[],
    hello: Hello("#include <iostream>\nint main() { std::cout << \"hello\\n\"; }\n"),
    hello_broken: Hello("int main() { return broken; }\n"),
};
