//! Archives are walked to their end before anybody unpacks them, and nothing that they say of themselves
//! is believed: what counts is what comes out. An archive inside of an archive stays bytes.

mod gzip;
mod tar;
mod zip;

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::io::{self, Read};

pub(crate) use gzip::gzip;
pub(crate) use tar::tar;
pub(crate) use zip::zip;

/// What an archive may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) unpacked: u64,
    pub(crate) entries: u64,
    /// Unpacked bytes for each packed one.
    pub(crate) ratio: u64,
    /// Up to here the ratio is not asked: a tar of one small file is 10 KiB of mostly nothing.
    pub(crate) ratio_from: u64,
}

impl Limits {
    pub(crate) const UPLOAD: Self =
        Self { unpacked: 1 << 30, entries: 10_000, ratio: 100, ratio_from: 1 << 20 };
}

/// What ends the walk.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It would harm whoever unpacks it.
    Unsafe(&'static str),
    /// It is not what its name says.
    Broken(&'static str),
    /// The disk, not the archive.
    Io(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

const TOO_BIG: &str = "it unpacks to more than 1 GiB";
const TOO_DENSE: &str = "it unpacks to more than 100 times its size";
const TOO_MANY: &str = "it has more than 10,000 entries";
const LINK: &str = "it has an entry that is neither a file nor a folder";

/// What came out so far.
#[derive(Debug)]
struct Count<'a> {
    limits: &'a Limits,
    packed: u64,
    unpacked: Cell<u64>,
    entries: Cell<u64>,
    over: Cell<Option<&'static str>>,
}

impl<'a> Count<'a> {
    fn new(limits: &'a Limits, packed: u64) -> Self {
        let zero = || Cell::new(0);
        Self { limits, packed, unpacked: zero(), entries: zero(), over: Cell::new(None) }
    }

    /// Counts one more entry and checks its name.
    fn entry(&self, name: &[u8]) -> Result<(), Trouble> {
        self.entries.set(self.entries.get() + 1);
        if self.entries.get() > self.limits.entries {
            return Err(Trouble::Unsafe(TOO_MANY));
        }
        safe_name(name)
    }

    /// Counts what is read through it and ends with an error when it is too much.
    fn reader<R: Read>(&self, from: R) -> Counted<'_, R> {
        Counted { count: self, from }
    }

    /// What a failed read means: a limit, the disk, or bytes that no archive has.
    fn trouble(&self, error: io::Error, reason: &'static str) -> Trouble {
        match self.over.get() {
            Some(rule) => Trouble::Unsafe(rule),
            None if error.raw_os_error().is_some() => Trouble::Io(error),
            None => Trouble::Broken(reason),
        }
    }

    fn add(&self, bytes: usize) -> io::Result<()> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let unpacked = self.unpacked.get().saturating_add(bytes);
        self.unpacked.set(unpacked);
        let dense = unpacked > self.packed.saturating_mul(self.limits.ratio);
        let over = if unpacked > self.limits.unpacked {
            TOO_BIG
        } else if unpacked > self.limits.ratio_from && dense {
            TOO_DENSE
        } else {
            return Ok(());
        };
        self.over.set(Some(over));
        Err(io::Error::other(over))
    }
}

struct Counted<'a, R> {
    count: &'a Count<'a>,
    from: R,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(block)?;
        self.count.add(read)?;
        Ok(read)
    }
}

/// A name that stays inside of the folder into which somebody will unpack it, on any system.
fn safe_name(name: &[u8]) -> Result<(), Trouble> {
    let is_separator = |byte: &u8| matches!(byte, b'/' | b'\\');
    let drive = name.len() > 1 && name[1] == b':' && name[0].is_ascii_alphabetic();
    let rule = if name.is_empty() {
        "it has an entry without a name"
    } else if name.first().is_some_and(is_separator) || drive {
        "it has an entry with an absolute path"
    } else if name.split(is_separator).any(|part| part == b"..") {
        "it has an entry with `..` in its path"
    } else if name.iter().any(u8::is_ascii_control) {
        "it has an entry with a control character in its name"
    } else {
        return Ok(());
    };
    Err(Trouble::Unsafe(rule))
}
