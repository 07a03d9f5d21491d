use std::fmt;

use crate::Refusal;

/// The name that a person gave a file: data that is shown, never a path that is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// The longest name, in bytes.
    pub const MAX_BYTES: usize = 255;

    /// Takes a name that no terminal, browser or file system reads as anything but a name.
    pub fn parse(name: &str) -> Result<Self, Refusal> {
        let rule = match name {
            "" => "is empty",
            _ if name.len() > Self::MAX_BYTES => "is longer than 255 bytes",
            _ if name.chars().any(char::is_control) => "has a control character",
            _ if name.chars().any(turns_text) => "has a character that turns the direction of text",
            _ if name.chars().any(separates) => "has a separator of paths or lines",
            _ if name.trim() != name => "starts or ends with a space",
            "." | ".." => "is a folder",
            _ => return Ok(Self(name.to_owned())),
        };
        Err(Refusal::Filename(rule))
    }

    /// The name, as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the last dot, in lower case; empty without one.
    pub fn extension(&self) -> String {
        extension(&self.0)
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What stands behind the last dot of a name or path, in lower case; empty without one.
pub(crate) fn extension(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name);
    name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()).unwrap_or_default()
}

/// Marks, embeddings, overrides and isolates: with one of them `exe.png` may be a program.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn separates(c: char) -> bool {
    matches!(c, '/' | '\\' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_it_was_given() {
        for name in ["penguins.csv", "año 2026 – Übersicht.XLSX", "données.tar.gz", "名前.txt"]
        {
            assert_eq!(FileName::parse(name).unwrap().as_str(), name);
        }
        let longest = format!("{}.txt", "a".repeat(251));
        assert_eq!(FileName::parse(&longest).unwrap().extension(), "txt");
    }

    #[test]
    fn a_name_that_could_be_read_as_more_is_refused_with_its_rule() {
        let rule = |name: &str| match FileName::parse(name) {
            Err(Refusal::Filename(rule)) => rule,
            other => panic!("{name:?} is {other:?}"),
        };
        assert_eq!(rule(""), "is empty");
        assert_eq!(rule(&format!("{}.txt", "a".repeat(252))), "is longer than 255 bytes");
        assert_eq!(rule("a\0.csv"), "has a control character");
        assert_eq!(rule("a\r\nX-Y: z.csv"), "has a control character");
        assert_eq!(rule("\u{202e}vsc.exe"), "has a character that turns the direction of text");
        for name in ["../../etc/passwd.txt", "C:\\boot.txt", "a\u{2028}b.txt"] {
            assert_eq!(rule(name), "has a separator of paths or lines");
        }
        assert_eq!(rule(".."), "is a folder");
        assert_eq!(rule("a.txt "), "starts or ends with a space");
    }
}
