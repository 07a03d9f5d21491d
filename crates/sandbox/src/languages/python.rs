use crate::registry::{Hello, Language, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "python",
    name: "Python",
    aliases: &["py", "python3"],
    extensions: &["py"],
    source: "main.py",
    probe: &["python3", "-V"],
    compile: None,
    run: |_| argv(["python3", "main.py"]),
    env: &[],
    extra_paths: &["/etc/matplotlibrc"],
    hello: Hello("print('hello')\n"),
    hello_broken: Hello("raise SystemExit('broken')\n"),
};
