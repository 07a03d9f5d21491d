use std::fs::File;
use std::io;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::{Preview, head};

const MOST: u64 = 64 * 1024;

/// The beginning of a text.
pub(super) fn preview(mut file: File) -> io::Result<Preview> {
    let (bytes, truncated) = head(&mut file, MOST)?;
    let text = decode(&bytes, encoding(&bytes), truncated);
    Ok(Preview { truncated, text: Some(text), ..Preview::default() })
}

/// What bytes are written in: as their mark says, else UTF-8, else the encoding that old Western texts most often have.
pub(super) fn encoding(head: &[u8]) -> &'static Encoding {
    if let Some((marked, _)) = Encoding::for_bom(head) {
        return marked;
    }
    match str::from_utf8(head) {
        Ok(_) => UTF_8,
        Err(error) if error.error_len().is_none() => UTF_8, // the last letter is cut
        Err(_) => WINDOWS_1252,
    }
}

/// The text without its mark; with `cut`, half a letter at the end is left away.
pub(super) fn decode(bytes: &[u8], encoding: &'static Encoding, cut: bool) -> String {
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let room = decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len());
    let mut text = String::with_capacity(room);
    let _done = decoder.decode_to_string(bytes, &mut text, !cut);
    text
}
