use crate::registry::{Hello, Language, Set, argv};

pub(crate) const LANGUAGE: Language = Language {
    id: "php",
    name: "PHP",
    aliases: &["php8"],
    extensions: &["php"],
    source: "main.php",
    set: Set::Slim,
    packages: &["php-cli"],
    probe: &["php", "-v"],
    compile: None,
    run: |_| argv(["php", "-d", "display_errors=stderr", "main.php"]),
    env: &[],
    extra_paths: &["/etc/php"],
    hello: Hello("<?php echo \"hello\\n\";\n"),
    hello_broken: Hello("<?php broken();\n"),
};
