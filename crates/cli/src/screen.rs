use std::fmt::Write as _;
use std::io::{self, IsTerminal, Stderr, Stdout, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use crate::Environment;
use crate::args::Global;
use crate::error::CliError;

/// Where output goes: results to standard output, everything about the way there to standard error.
#[derive(Debug)]
pub(crate) struct Screen {
    json: bool,
    quiet: bool,
    colour: bool,
    stdout: Stdout,
    stderr: Stderr,
}

/// How a word stands out, where colours are wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tone {
    /// Less important.
    Dim,
    /// Went well.
    Good,
    /// Went wrong.
    Bad,
}

impl Screen {
    /// As the command line and the environment want it.
    pub(crate) fn new(global: &Global, environment: &Environment) -> Self {
        let dumb = environment.get("TERM") == Some("dumb");
        let colour = environment.get("NO_COLOR").is_none() && !dumb && io::stderr().is_terminal();
        Self {
            json: global.json,
            quiet: global.quiet,
            colour,
            stdout: io::stdout(),
            stderr: io::stderr(),
        }
    }

    /// Whether the one result is a JSON document.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// The one JSON document of a command with `--json`.
    pub(crate) fn document(&self, document: &Value) {
        self.line(&format!("{document:#}"));
    }

    /// One line of the result.
    pub(crate) fn line(&self, text: &str) {
        put(&mut self.stdout.lock(), text, true);
    }

    /// Text of the result as it is, such as a program's output. Control characters do not reach a terminal.
    pub(crate) fn output(&self, text: &str) {
        let mut out = self.stdout.lock();
        if out.is_terminal() {
            put(&mut out, &plain(text), false);
        } else {
            put(&mut out, text, false);
        }
    }

    /// The same for a program's error output.
    pub(crate) fn error_output(&self, text: &str) {
        put(&mut self.stderr.lock(), &plain(text), false);
    }

    /// A line about the way there; not with `--quiet`.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            put(&mut self.stderr.lock(), text, true);
        }
    }

    /// A line that must be seen even with `--quiet`.
    pub(crate) fn warning(&self, text: &str) {
        put(&mut self.stderr.lock(), text, true);
    }

    /// How the command failed.
    pub(crate) fn failure(&self, error: &CliError) {
        if self.json
            && let CliError::Refused(problem) = error
        {
            self.document(&json!({ "error": problem.document() }));
        }
        self.warning(&format!("{} {error}", self.paint(Tone::Bad, "error:")));
    }

    /// `text` in its colour, if there are colours.
    pub(crate) fn paint(&self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Dim => 2,
            Tone::Good => 32,
            Tone::Bad => 31,
        };
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A bar for bytes on their way; unseen where there is no terminal.
    pub(crate) fn bar(&self, name: &str, bytes: u64) -> ProgressBar {
        let target = if self.quiet || self.json {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(Some(bytes), target);
        let shape = "{prefix} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
        if let Ok(style) = ProgressStyle::with_template(shape) {
            bar.set_style(style);
        }
        bar.set_prefix(plain(name));
        bar
    }

    /// Rows in columns as wide as their widest cell.
    pub(crate) fn table(&self, head: &[&str], rows: &[Vec<String>]) {
        let mut widths: Vec<usize> = head.iter().map(|cell| cell.chars().count()).collect();
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let line = |cells: &mut dyn Iterator<Item = &str>| {
            let mut text = String::new();
            for (cell, width) in cells.zip(&widths) {
                let _ = write!(text, "{cell:width$}  ");
            }
            text.trim_end().to_owned()
        };
        self.line(&line(&mut head.iter().copied()));
        for row in rows {
            self.line(&line(&mut row.iter().map(String::as_str)));
        }
    }
}

/// Text without the control characters by which a foreign text could steer a terminal.
pub(crate) fn plain(text: &str) -> String {
    let inert = |c: char| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c };
    text.replace("\r\n", "\n").chars().map(inert).collect()
}

/// `1234567` as `1.2 MB`.
pub(crate) fn bytes(count: u64) -> String {
    indicatif::DecimalBytes(count).to_string()
}

/// Whoever reads may have gone (`| head`): that is no failure of ours, and there is nobody to tell.
fn put(to: &mut impl Write, text: &str, line: bool) {
    let end = if line { "\n" } else { "" };
    let _ = write!(to, "{text}{end}").and_then(|()| to.flush());
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn foreign_text_cannot_steer_the_terminal() {
        let hostile = "a\u{1b}]0;owned\u{7}b\r\nc\td\u{9b}31m";
        assert_eq!(plain(hostile), "a\u{fffd}]0;owned\u{fffd}b\nc\td\u{fffd}31m");
    }
}
