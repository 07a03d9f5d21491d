use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "csharp",
    name: "C#",
    aliases: &["cs", "c#"],
    extensions: &["cs"],
    source: "main.cs",
    set: Set::Full,
    packages: &["mono-mcs", "mono-runtime"],
    probe: &["mono", "--version"],
    compile: Some(|_| argv(["mcs", "-out:main.exe", "main.cs"])),
    run: |_| argv(["mono", "main.exe"]),
    env: &[],
    extra_paths: &["/etc/mono"],
    hello: Hello("class Program { static void Main() { System.Console.WriteLine(\"hello\"); } }\n"),
    hello_broken: Hello("class Program { static void Main() { Broken(); } }\n"),
};
