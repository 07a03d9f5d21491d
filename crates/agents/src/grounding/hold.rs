use schemars::JsonSchema;
use serde::Serialize;

/// Phrases that hold digits and state no number. A list, so that nobody adds one in passing.
const PHRASES: &str = include_str!("phrases.txt");

/// Whether everything that a document states stands in a result. Nothing may be unsupported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Grounding {
    /// References that were found, or found to be null.
    pub(crate) supported: usize,
    /// Digits that are no reference, and references that lead nowhere, as they stand in the text.
    pub(crate) unsupported: Vec<String>,
}

/// The first digits of `text` that belong to none of the fixed phrases, with the words around them.
pub(crate) fn digits_in(text: &str) -> Option<String> {
    let mut bare = text.to_owned();
    for phrase in PHRASES.lines().filter(|line| !line.is_empty()) {
        bare = bare.replace(phrase, "");
    }
    let at = bare.find(|c: char| c.is_numeric() && !is_exponent_of_a_symbol(c))?;
    let before: String = bare[..at].chars().rev().take(20).collect();
    let after = bare[at..].chars().take(20);
    Some(before.chars().rev().chain(after).collect())
}

/// `η²` is the name of a measure.
const fn is_exponent_of_a_symbol(c: char) -> bool {
    c == '²'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_outside_the_fixed_phrases_is_noticed() {
        assert_eq!(digits_in("SHA-256 of the file; effect η² and the 1st row"), None);
        assert_eq!(digits_in("about 12 % more").as_deref(), Some("about 12 % more"));
        assert_eq!(digits_in("٣ rows").as_deref(), Some("٣ rows"));
        assert_eq!(digits_in("half: ½").as_deref(), Some("half: ½"));
    }
}
