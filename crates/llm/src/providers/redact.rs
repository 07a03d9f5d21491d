//! What a vendor says of a fault may quote the key and the request. Neither is repeated.

use std::collections::HashSet;

const LONGEST: usize = 300;
/// Bytes of the request in a row that a message may hold: less than this is a coincidence of words.
const QUOTE: usize = 24;
const MASK: &str = "***";

/// `message` in at most 300 characters, without `key`, without anything that looks like one, and without what it quotes
/// of `said`.
pub(super) fn redacted(message: &str, key: Option<&str>, said: &[&str]) -> String {
    // Cut before the search, so that a message of megabytes costs nothing; a key that the cut splits is caught below,
    // because its beginning looks like one.
    let message: String = message.chars().take(4 * LONGEST).collect();
    let mut message = unquoted(&message, said);
    if let Some(key) = key.filter(|key| !key.is_empty()) {
        message = message.replace(key, MASK);
    }
    let words: Vec<&str> = message.split_whitespace().map(|word| shown(word, key)).collect();
    words.join(" ").chars().take(LONGEST).collect()
}

/// The word, if it may be shown.
fn shown<'a>(word: &'a str, key: Option<&str>) -> &'a str {
    let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let named = ["sk-", "sk_", "AIza", "ghp_", "eyJ"].iter().any(|start| bare.starts_with(start));
    let random = bare.len() >= 32
        && bare.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'*'))
        && bare.bytes().any(|b| b.is_ascii_digit());
    // Vendors show the ends of a key: `sk-ab***yz`.
    let part = key.is_some_and(|key| {
        let begins = bare.get(..4).is_some_and(|start| key.starts_with(start));
        bare.len() >= 8 && (key.contains(bare) || (begins && bare.contains(MASK)))
    });
    if named || random || part { MASK } else { word }
}

/// `message` with what it shares with the request masked.
fn unquoted(message: &str, said: &[&str]) -> String {
    let bytes = message.as_bytes();
    if bytes.len() < QUOTE {
        return message.to_owned();
    }
    let pieces: HashSet<&[u8]> = bytes.windows(QUOTE).collect();
    let quoted: HashSet<&[u8]> = said
        .iter()
        .flat_map(|text| text.as_bytes().windows(QUOTE))
        .filter(|piece| pieces.contains(piece))
        .collect();
    if quoted.is_empty() {
        return message.to_owned();
    }
    let mut keep = vec![true; bytes.len()];
    for (at, piece) in bytes.windows(QUOTE).enumerate() {
        if quoted.contains(piece) {
            keep[at..at + QUOTE].fill(false);
        }
    }
    let mut shown = String::new();
    for (at, letter) in message.char_indices() {
        if keep[at] {
            shown.push(letter);
        } else if !shown.ends_with(MASK) {
            shown.push_str(MASK);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_repeated_whole_or_in_part() {
        let key = "canary-7f3a9c51d2";
        let say = |message: &str| redacted(message, Some(key), &[]);
        assert_eq!(say("wrong key canary-7f3a9c51d2."), "wrong key ***.");
        assert_eq!(say("wrong key canary-7f3a"), "wrong key ***");
        assert_eq!(say("wrong key cana***51d2!"), "wrong key ***");
        assert_eq!(
            say("Incorrect API key provided: sk-proj-abc123."),
            "Incorrect API key provided: ***"
        );
        assert_eq!(say("token 0123456789abcdef0123456789abcdef"), "token ***");
        assert_eq!(
            say("the model gpt-5-mini does not exist"),
            "the model gpt-5-mini does not exist"
        );
    }

    #[test]
    fn what_was_asked_is_not_quoted() {
        let said = ["Translate this: the launch is on the ninth of May at Dover."];
        let message = "invalid input 'the launch is on the ninth of May at Dover' at 3";
        assert_eq!(redacted(message, None, &said), "invalid input '***' at 3");
        assert_eq!(redacted("the launch is refused", None, &said), "the launch is refused");
    }

    #[test]
    fn a_message_has_at_most_300_characters() {
        let long = "é ".repeat(100_000);
        assert_eq!(redacted(&long, None, &[]).chars().count(), 300);
    }
}
