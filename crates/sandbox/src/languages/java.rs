use crate::Limits;
use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "java",
    name: "Java",
    aliases: &["jdk"],
    extensions: &["java"],
    source: "Main.java",
    set: Set::Full,
    packages: &["openjdk-17-jdk-headless"],
    probe: &["javac", "-version"],
    compile: Some(|_| argv(["javac", "-J-Xmx512m", "-d", ".", "Main.java"])),
    run,
    env: &[],
    extra_paths: &["/etc/java-17-openjdk"],
    hello: Hello(
        "class Main { public static void main(String[] a) { System.out.println(\"hello\"); } }\n",
    ),
    hello_broken: Hello("class Main { public static void main(String[] a) { broken(); } }\n"),
};

/// Half of the memory for the heap: the engine itself takes the rest. One thread collects, one compiles
/// no further than needed, and no file of statistics is written to `/tmp`.
fn run(limits: &Limits) -> Vec<String> {
    let heap = format!("-Xmx{}m", limits.memory_bytes / (2 * 1024 * 1024));
    argv([
        "java",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xshare:auto",
        "-XX:-UsePerfData",
        "-XX:ActiveProcessorCount=2",
        &heap,
        "-cp",
        ".",
        "Main",
    ])
}
