use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "python",
    name: "Python",
    aliases: &["py", "python3"],
    extensions: &["py"],
    source: "main.py",
    set: Set::Slim,
    packages: &["python3"],
    probe: &["python3", "-V"],
    compile: None,
    run: |_| argv(["python3", "main.py"]),
    env: &[],
    extra_paths: &["/etc/fonts", "/etc/matplotlibrc", "/etc/mime.types", "/var/cache/fontconfig"],
    hello: Hello("print('hello')\n"),
    hello_broken: Hello("raise SystemExit('broken')\n"),
};
