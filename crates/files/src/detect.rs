use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use crate::archive::{self, Limits, Trouble};
use crate::filename;
use crate::kinds::{FileType, Form, promised};
use crate::text::{Encoding, declares_other, encoding, fill};
use crate::{FileName, Refusal};

/// How much of a file is read to recognise it.
const HEAD: usize = 64 * 1024;

/// What a Word file of before 2007 starts with, and the name that is somewhere in it.
const OLE: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
const WORD: &[u8] = b"W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0";

/// Says what the file at `path` is, if its bytes are what `name` says. Archives are walked to the end.
pub(crate) fn inspect(path: &Path, name: &FileName) -> io::Result<Result<FileType, Refusal>> {
    let extension = name.extension();
    let Some(promised) = promised(&extension) else {
        return Ok(Err(Refusal::UnsupportedType { extension }));
    };
    let mut file = File::open(path)?;
    let head = head_of(&mut file)?;
    let found = match promised.form {
        Form::Zip(needs) => archive::zip(file, &head, needs, &Limits::UPLOAD),
        Form::Gzip => archive::gzip(file, &head, &Limits::UPLOAD),
        Form::Tar => archive::tar(file, &head, &Limits::UPLOAD),
        form => agrees(form, file, &head),
    };
    Ok(match found {
        Ok(()) => Ok(promised),
        Err(Trouble::Io(error)) => return Err(error),
        Err(Trouble::Unsafe(rule)) => Err(Refusal::UnsafeArchive(rule)),
        Err(Trouble::Broken(reason)) => {
            Err(Refusal::TypeMismatch { extension: promised.extension, reason })
        }
    })
}

/// The content type by name and bytes; for files that a program made, which may be anything.
pub(crate) fn content_type(path: &Path, name: &str) -> io::Result<&'static str> {
    let mut file = File::open(path)?;
    let head = head_of(&mut file)?;
    if let Some(promised) = promised(&filename::extension(name)) {
        let found = match promised.form {
            Form::Zip(_) => magic("zip", &head),
            Form::Gzip => magic("gz", &head),
            Form::Tar => magic("tar", &head),
            form => agrees(form, file.try_clone()?, &head),
        };
        match found {
            Ok(()) => return Ok(promised.content_type),
            Err(Trouble::Io(error)) => return Err(error),
            Err(_) => file.rewind()?,
        }
    }
    let text = encoding(file)?.is_some();
    Ok(if text { "text/plain" } else { "application/octet-stream" })
}

/// Checks the forms that are no archives; `file` stands at its start.
fn agrees(form: Form, file: File, head: &[u8]) -> Result<(), Trouble> {
    match form {
        Form::Magic(name) => magic(name, head),
        Form::Doc => is_word(file, head),
        Form::Plain => is_text(file, head, true),
        Form::Svg if !is_svg(head) => Err(Trouble::Broken("it is no SVG picture")),
        Form::Declared | Form::Svg => is_text(file, head, declares_other(head)),
        Form::Zip(_) | Form::Gzip | Form::Tar => Ok(()),
    }
}

fn magic(name: &str, head: &[u8]) -> Result<(), Trouble> {
    if infer::is(head, name) {
        return Ok(());
    }
    Err(Trouble::Broken("it does not start as such a file does"))
}

/// Whether it is text, and not a file of another type that can be read as text.
fn is_text(file: File, head: &[u8], old_allowed: bool) -> Result<(), Trouble> {
    const DISGUISED: &[&[u8]] = &[b"%PDF-", b"GIF87a", b"GIF89a", b"PK\x03\x04", b"{\\rtf"];
    if DISGUISED.iter().any(|magic| head.starts_with(magic)) {
        return Err(Trouble::Broken("it starts as a file of another type does"));
    }
    match encoding(file)? {
        Some(Encoding::Utf8 | Encoding::Utf16) => Ok(()),
        Some(Encoding::Old) if old_allowed => Ok(()),
        Some(Encoding::Old) => Err(Trouble::Broken("it is not UTF-8 and declares no encoding")),
        None => Err(Trouble::Broken("it is no text")),
    }
}

/// Whether the first element is `<svg`, behind declarations and comments.
fn is_svg(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    let mut rest = head.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<?") {
            "?>"
        } else if rest.starts_with("<!DOCTYPE") {
            ">"
        } else {
            let tag = rest.strip_prefix('<').unwrap_or_default();
            let name = tag.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next();
            return name.is_some_and(|name| name == "svg" || name.ends_with(":svg"));
        };
        match rest.split_once(end) {
            Some((_, behind)) => rest = behind.trim_start(),
            None => return false,
        }
    }
}

fn is_word(mut file: File, head: &[u8]) -> Result<(), Trouble> {
    let mut block = vec![0; HEAD];
    let mut kept = 0; // of the block before, in case it cuts the name
    while head.starts_with(OLE) {
        let count = fill(&mut file, &mut block[kept..])?;
        let filled = kept + count;
        if block[..filled].windows(WORD.len()).any(|bytes| bytes == WORD) {
            return Ok(());
        }
        if count == 0 {
            break;
        }
        let tail = filled.min(WORD.len() - 1);
        block.copy_within(filled - tail..filled, 0);
        kept = tail;
    }
    Err(Trouble::Broken("it is no Word document"))
}

fn head_of(file: &mut File) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    file.by_ref().take(HEAD.try_into().unwrap_or(u64::MAX)).read_to_end(&mut head)?;
    file.rewind()?;
    Ok(head)
}
