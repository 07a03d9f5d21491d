use std::io::{self, Read};
use std::str;

/// What the bytes of a text are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    /// With a byte order mark.
    Utf16,
    /// One of the many encodings with a byte for a letter: not UTF-8, and no control characters.
    Old,
}

/// How far into a text its declaration of an encoding is looked for.
const DECLARATION: usize = 1024;

/// Reads a whole text and says how it is written; `None`: it is no text.
///
/// NUL is in no text: it is what tells a picture or a program from a letter in Latin-1.
pub(crate) fn encoding(mut from: impl Read) -> io::Result<Option<Encoding>> {
    let mut block = vec![0; 64 * 1024];
    let mut filled = fill(&mut from, &mut block)?;
    let big = block.starts_with(&[0xfe, 0xff]);
    if filled >= 2 && (big || block.starts_with(&[0xff, 0xfe])) {
        let well_formed = utf16(&mut from, &mut block, filled, big)?;
        return Ok(well_formed.then_some(Encoding::Utf16));
    }
    let (mut utf8, mut old, mut kept) = (true, true, 0);
    loop {
        let bytes = &block[..filled];
        if bytes[kept..].contains(&0) {
            return Ok(None);
        }
        old &= !bytes[kept..].iter().any(|byte| is_control(*byte));
        let end = filled < block.len();
        kept = if utf8 { utf8_tail(bytes, end, &mut utf8) } else { 0 };
        if end || !(utf8 || old) {
            break;
        }
        block.copy_within(filled - kept..filled, 0);
        filled = kept + fill(&mut from, &mut block[kept..])?;
    }
    Ok(if utf8 { Some(Encoding::Utf8) } else { old.then_some(Encoding::Old) })
}

/// How many bytes of a cut letter end the block; clears `good` if it is no UTF-8.
fn utf8_tail(bytes: &[u8], end: bool, good: &mut bool) -> usize {
    match str::from_utf8(bytes) {
        Ok(_) => 0,
        Err(error) if error.error_len().is_none() && !end => bytes.len() - error.valid_up_to(),
        Err(_) => {
            *good = false;
            0
        }
    }
}

fn utf16(from: &mut impl Read, block: &mut [u8], filled: usize, big: bool) -> io::Result<bool> {
    let read = if big { u16::from_be_bytes } else { u16::from_le_bytes };
    let mut filled = filled;
    let mut cut: Option<u16> = None; // the first half of a letter that the next block ends
    loop {
        let end = filled < block.len();
        let (pairs, odd) = block[..filled].as_chunks::<2>();
        let half = pairs.last().map(|pair| read(*pair)).filter(|unit| is_half(*unit) && !end);
        let whole = &pairs[..pairs.len() - usize::from(half.is_some())];
        let units = cut.into_iter().chain(whole.iter().map(|pair| read(*pair)));
        let mut letters = char::decode_utf16(units);
        if !odd.is_empty() || !letters.all(|letter| letter.is_ok_and(|letter| letter != '\0')) {
            return Ok(false);
        }
        if end {
            return Ok(true);
        }
        cut = half;
        filled = fill(from, block)?;
    }
}

/// The first of two units that make one letter.
fn is_half(unit: u16) -> bool {
    (0xd800..0xdc00).contains(&unit)
}

/// Whether the text says itself, as its format allows, that it is written in something but UTF-8:
/// `<?xml encoding="…"`, `<meta charset=…`, `@charset "…"`, `# coding: …`.
pub(crate) fn declares_other(head: &[u8]) -> bool {
    let head = &head[..head.len().min(DECLARATION)];
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    ["encoding", "charset", "coding"].iter().any(|word| {
        head.split(word).skip(1).any(|rest| {
            let rest = rest.trim_start_matches([' ', '=', ':', '"', '\'']);
            OLD_ENCODINGS.iter().any(|name| rest.starts_with(name))
        })
    })
}

const OLD_ENCODINGS: &[&str] = &[
    "iso-8859-",
    "iso8859",
    "iso_8859",
    "latin",
    "windows-125",
    "cp125",
    "us-ascii",
    "koi8-",
    "macroman",
    "shift_jis",
    "shift-jis",
    "euc-",
    "gb2312",
    "gbk",
    "gb18030",
    "big5",
];

/// Reads until the block is full or nothing is left.
pub(crate) fn fill(from: &mut impl Read, block: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < block.len() {
        match from.read(&mut block[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// What no text has, but for tab, line ends, form feed and escape.
fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=8 | 11 | 14..=26 | 28..=31 | 127)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written_in(bytes: &[u8]) -> Option<Encoding> {
        encoding(bytes).unwrap()
    }

    fn utf16le(text: &str) -> Vec<u8> {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn letters_that_are_cut_by_a_block_are_whole_letters() {
        for before in 65_530..65_540 {
            let text = format!("{}🐧é", "a".repeat(before));
            assert_eq!(written_in(text.as_bytes()), Some(Encoding::Utf8), "{before}");
            let text = format!("{}🐧é", "a".repeat(before / 2));
            assert_eq!(written_in(&utf16le(&text)), Some(Encoding::Utf16), "{before}");
        }
    }

    #[test]
    fn what_is_no_text_is_told_from_what_is_old() {
        assert_eq!(written_in(b""), Some(Encoding::Utf8));
        assert_eq!(written_in(b"M\xfcller;1,5\r\n"), Some(Encoding::Old));
        let long = [b"a".repeat(70_000), b"M\xfcller".to_vec(), b"b".repeat(70_000)].concat();
        assert_eq!(written_in(&long), Some(Encoding::Old));
        assert_eq!(written_in(b"a\0b"), None);
        assert_eq!(written_in(&[&long[..], b"\x01"].concat()), None);
        assert_eq!(written_in(b"\x89PNG\r\n\x1a\n"), None);
        assert_eq!(written_in(b"\xff\xfea"), None, "half a letter of UTF-16");
        assert_eq!(written_in(b"\xff\xfe\x00\xdca\x00"), None, "a lone second half");
    }

    #[test]
    fn an_encoding_is_declared_where_the_format_has_a_place_for_it() {
        for text in [
            "<?xml version='1.0' encoding='ISO-8859-1'?>",
            "<meta charset=windows-1252>",
            "@charset \"latin1\";",
            "#!/usr/bin/python\n# -*- coding: latin-1 -*-",
        ] {
            assert!(declares_other(text.as_bytes()), "{text}");
        }
        assert!(!declares_other(b"<?xml version='1.0' encoding='UTF-8'?>"));
        assert!(!declares_other(b"name;age"));
    }
}
