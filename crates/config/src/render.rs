use std::fmt::Write;

use crate::process::tables;
use crate::section::{Field, Table};

/// The file `.env.example`: every setting with what it does; those without which nothing starts are not commented out.
pub fn env_example() -> String {
    let mut text = String::from(
        "# Settings of iTechSmart Ninja, made by `ninjactl docs env-example`. Lines that begin with `#NINJA` show defaults.\n\
         # Any value may stand in a file instead: NINJA_SECTION__KEY_FILE=/path. An empty value counts as none.\n",
    );
    for table in tables() {
        text.push_str("\n# ");
        text.push_str(&rule(&table));
        text.push('\n');
        for field in &table.fields {
            wrap(&mut text, &format!("{} [{}]", field.doc, field.kind));
            let shut = if field.source.required { "" } else { "#" };
            let value = shown(field);
            let _ = writeln!(text, "{shut}{}={value}", field.variable);
        }
    }
    text
}

/// The page `docs/configuration.md`: one table per section.
pub fn configuration_page() -> String {
    let mut text = String::from(
        "# Configuration\n\n\
         Made by `ninjactl docs configuration` from the declarations in `crates/config`; a test fails when this page is stale.\n\n\
         Every setting is an environment variable `NINJA_SECTION__KEY`. Any of them may stand in a file instead:\n\
         `NINJA_SECTION__KEY_FILE=/path` (its last newline is cut; setting both is a fault). An empty value counts as none.\n\
         `ninjactl check-config` prints all faults at once and exits with 78; a name that no setting has is a fault there,\n\
         with the nearest one that exists, and a warning at start. `*` marks what must be set.\n",
    );
    for table in tables() {
        let _ = write!(
            text,
            "\n## {}\n\n{}\n\n| variable | what | kind | default |\n|---|---|---|---|\n",
            table.name,
            about(&table),
        );
        for field in &table.fields {
            let star = if field.source.required { " *" } else { "" };
            let value = if field.default.is_empty() {
                let example = field.source.example;
                if example.is_empty() {
                    "–".into()
                } else {
                    format!("– (example: `{example}`)")
                }
            } else {
                format!("`{}`", field.default)
            };
            let _ = writeln!(
                text,
                "| `{}`{star} | {} | {} | {value} |",
                field.variable, field.doc, field.kind
            );
        }
    }
    text
}

fn shown(field: &Field) -> &'static str {
    if field.default.is_empty() { field.source.example } else { field.default }
}

/// The section's sentence, without the pattern of its variables in front.
fn about(table: &Table) -> String {
    let about = table.about.as_str();
    let about = about.split_once("*`: ").map_or(about, |(_, rest)| rest);
    let (first, rest) = about.split_at(about.chars().next().map_or(0, char::len_utf8));
    first.to_uppercase() + rest
}

fn rule(table: &Table) -> String {
    format!("---- {} ---- {}", table.name, about(table))
}

fn wrap(text: &mut String, words: &str) {
    let mut width = 0;
    for word in words.split(' ') {
        if width == 0 || width + word.len() > 110 {
            text.push_str(if width == 0 { "# " } else { "\n# " });
            width = 2;
        } else {
            text.push(' ');
        }
        text.push_str(word);
        width += word.len() + 1;
    }
    text.push('\n');
}
