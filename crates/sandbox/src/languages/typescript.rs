use crate::languages::javascript;
use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "typescript",
    name: "TypeScript",
    aliases: &["ts"],
    extensions: &["ts"],
    source: "main.ts",
    set: Set::Slim,
    packages: &["esbuild"],
    probe: &["esbuild", "--version"],
    compile: Some(|_| argv(["esbuild", "main.ts", "--outfile=main.js", "--log-level=error"])),
    run: javascript::run,
    env: &[],
    extra_paths: &[],
    hello: Hello("const word: string = 'hello';\nconsole.log(word);\n"),
    hello_broken: Hello("const word: = ;\n"),
};
