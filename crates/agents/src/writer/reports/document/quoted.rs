//! What comes from data is shown on one line and without signs that steer instead of being seen.

/// Longer names are cut: a table must stay one.
const LONGEST: usize = 240;

/// `text` on one line, without control signs, at most [`LONGEST`] characters.
pub(super) fn line(text: &str) -> String {
    let mut out = String::new();
    let mut count = 0;
    for sign in text.chars() {
        if count == LONGEST {
            out.push('…');
            break;
        }
        if sign.is_whitespace() && sign != '\u{a0}' && sign != '\u{202f}' || sign.is_control() {
            if !out.ends_with(' ') {
                out.push(' ');
                count += 1;
            }
        } else if !steers(sign) {
            out.push(sign);
            count += 1;
        }
    }
    out.trim_matches(' ').to_owned()
}

/// Signs that turn the direction of text, or join and hide others, or mark a language.
const fn steers(sign: char) -> bool {
    matches!(sign, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' | '\u{61c}')
}

/// Whether `text` holds letters that run from right to left.
pub(super) fn runs_left(text: &str) -> bool {
    text.chars().any(|sign| {
        matches!(sign, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_on_one_line_and_steer_nothing() {
        assert_eq!(line(" a\r\n\tb\u{202e}c\u{0}d\u{200b} "), "a bc d");
        assert_eq!(line("👩\u{200d}👧 Größe"), "👩\u{200d}👧 Größe");
        assert_eq!(line(&"x".repeat(500)).chars().count(), LONGEST + 1);
        assert!(runs_left("שלום") && runs_left("a مرحبا") && !runs_left("abc 漢字"));
    }
}
