use std::fmt;

use super::Format;

/// A number, or a name from the data, by the place where it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reference {
    /// Key of the step whose answer holds it; empty: the document's own.
    pub(crate) step: String,
    /// JSON Pointer into that answer.
    pub(crate) pointer: String,
    pub(crate) format: Format,
}

/// A part of a text with references.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// As it stands.
    Text(&'a str),
    Reference(Reference),
}

/// `text` in its parts. What only looks like a reference stays text, so that its digits are noticed.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let (mut rest, mut from) = (text, 0);
    while let Some(open) = rest[from..].find("{{n:").map(|at| at + from) {
        let Some(close) = rest[open..].find("}}").map(|at| at + open) else { break };
        let Some(reference) = read(&rest[open + 4..close]) else {
            from = open + 4;
            continue;
        };
        if open > 0 {
            found.push(Piece::Text(&rest[..open]));
        }
        found.push(Piece::Reference(reference));
        (rest, from) = (&rest[close + 2..], 0);
    }
    if !rest.is_empty() {
        found.push(Piece::Text(rest));
    }
    found
}

fn read(inside: &str) -> Option<Reference> {
    let (step, rest) = inside.split_once(':')?;
    let (pointer, format) = rest.rsplit_once('|')?;
    let whole = pointer.is_empty() || pointer.starts_with('/');
    let format = format.parse().ok()?;
    whole.then(|| Reference { step: step.to_owned(), pointer: pointer.to_owned(), format })
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{n:{}:{}|{}}}}}", self.step, self.pointer, self.format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let piece = |piece: &Piece<'_>| match piece {
            Piece::Text(text) => format!("[{text}]"),
            Piece::Reference(reference) => reference.to_string(),
        };
        pieces(text).iter().map(piece).collect()
    }

    #[test]
    fn references_are_told_from_the_text_around_them() {
        insta::assert_snapshot!(
            told("Mean {{n:describe:/result/columns/0/mean|g4}}, p = {{n::/result/p|p}}."),
            @"[Mean ]{{n:describe:/result/columns/0/mean|g4}}[, p = ]{{n::/result/p|p}}[.]"
        );
    }

    #[test]
    fn what_is_no_reference_stays_text() {
        for text in ["{{n:a}}", "{{n:a:b|g4}}", "{{n:a:/b|g9}}", "{{n:a:/b|g4", "{{n:", "}}", ""] {
            let all: String = pieces(text)
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => *text,
                    Piece::Reference(other) => panic!("{text} became {other}"),
                })
                .collect();
            assert_eq!(all, text);
        }
        assert_eq!(told("{{n:{{n:a:/b|int}}"), "[{{n:]{{n:a:/b|int}}");
    }
}
