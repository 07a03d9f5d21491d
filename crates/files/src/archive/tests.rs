use std::fs::File;
use std::io::{Seek, Write};

use ::tar::{Builder, EntryType, Header};
use ::zip::{ZipWriter, write::SimpleFileOptions};
use flate2::{Compression, write::GzEncoder};

use super::*;

const SMALL: Limits = Limits { unpacked: 100_000, entries: 5, ratio: 100, ratio_from: 20_000 };

type Walker = fn(File, &[u8]) -> Result<(), Trouble>;
const ZIP: Walker = |file, head| zip(file, head, None, &SMALL);
const DOCX: Walker = |file, head| zip(file, head, Some("word/"), &SMALL);
const GZIP: Walker = |file, head| gzip(file, head, &SMALL);
const TAR: Walker = |file, head| tar(file, head, &SMALL);

/// What a walk says, as text.
fn says(walker: Walker, bytes: &[u8]) -> String {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    match walker(file, &bytes[..bytes.len().min(4096)]) {
        Ok(()) => "fine".to_owned(),
        Err(Trouble::Unsafe(rule)) => format!("unsafe: {rule}"),
        Err(Trouble::Broken(reason)) => format!("broken: {reason}"),
        Err(Trouble::Io(error)) => panic!("{error}"),
    }
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn tarred(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut tar = Builder::new(Vec::new());
    for (name, kind, bytes) in entries {
        let mut header = Header::new_ustar();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes()); // as it is, unsafe too
        header.set_entry_type(*kind);
        header.set_size(u64::try_from(bytes.len()).unwrap());
        header.set_mode(0o644);
        header.set_cksum();
        tar.append(&header, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// Bytes that no packer makes smaller.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

#[test]
fn an_honest_archive_is_fine() {
    let inner = zipped(&[("../evil", b"an archive inside stays bytes")]);
    assert_eq!(says(ZIP, &zipped(&[("a/b.txt", b"x"), ("empty", b""), ("c.zip", &inner)])), "fine");
    assert_eq!(says(ZIP, &zipped(&[])), "fine");
    assert_eq!(
        says(TAR, &tarred(&[("a/", EntryType::Directory, b""), ("a/b", EntryType::Regular, b"x")])),
        "fine"
    );
    assert_eq!(says(GZIP, &gzipped(b"just text")), "fine");
    assert_eq!(says(GZIP, &gzipped(&tarred(&[("a", EntryType::Regular, b"x")]))), "fine");
    assert_eq!(says(GZIP, &[gzipped(b"two"), gzipped(b"members")].concat()), "fine");
    let docx = zipped(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>")]);
    assert_eq!(says(DOCX, &docx), "fine");
}

#[test]
fn a_bomb_is_found_by_what_comes_out() {
    let dense = vec![0; 99_000];
    assert_eq!(says(ZIP, &zipped(&[("a", &dense)])), format!("unsafe: {TOO_DENSE}"));
    assert_eq!(says(GZIP, &gzipped(&dense)), format!("unsafe: {TOO_DENSE}"));
    let tar = tarred(&[("a", EntryType::Regular, &dense)]);
    assert_eq!(says(GZIP, &gzipped(&tar)), format!("unsafe: {TOO_DENSE}"));
    let behind = [tarred(&[("a", EntryType::Regular, b"x")]), dense].concat();
    assert_eq!(says(GZIP, &gzipped(&behind)), format!("unsafe: {TOO_DENSE}"));
    let big = noise(60_000);
    assert_eq!(says(ZIP, &zipped(&[("a", &big), ("b", &big)])), format!("unsafe: {TOO_BIG}"));
    assert_eq!(says(GZIP, &gzipped(&[&big[..], &big].concat())), format!("unsafe: {TOO_BIG}"));
}

#[test]
fn a_size_that_the_header_tells_wrongly_is_not_believed() {
    let mut bomb = zipped(&[("a", &vec![0; 99_000])]);
    let central = bomb.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    bomb[central + 24..central + 28].copy_from_slice(&10_u32.to_le_bytes());
    bomb[22..26].copy_from_slice(&10_u32.to_le_bytes());
    assert_eq!(says(ZIP, &bomb), "broken: it is no whole zip");
}

#[test]
fn more_entries_than_allowed_are_refused_before_they_are_listed() {
    let names = ["1", "2", "3", "4", "5", "6"];
    let entries = names.map(|name| (name, &b""[..]));
    assert_eq!(says(ZIP, &zipped(&entries)), format!("unsafe: {TOO_MANY}"));
    let entries = names.map(|name| (name, EntryType::Regular, &b""[..]));
    assert_eq!(says(TAR, &tarred(&entries)), format!("unsafe: {TOO_MANY}"));
    assert_eq!(says(GZIP, &gzipped(&tarred(&entries))), format!("unsafe: {TOO_MANY}"));
}

#[test]
fn a_path_that_leads_out_is_refused() {
    let out = "unsafe: it has an entry with `..` in its path";
    let absolute = "unsafe: it has an entry with an absolute path";
    for (name, rule) in [
        ("../a", out),
        ("a/../../b", out),
        ("a\\..\\b", out),
        ("/etc/passwd", absolute),
        ("\\\\host\\a", absolute),
        ("C:\\a", absolute),
        ("a\nb", "unsafe: it has an entry with a control character in its name"),
    ] {
        assert_eq!(says(ZIP, &zipped(&[(name, b"x")])), rule, "{name:?}");
        assert_eq!(says(TAR, &tarred(&[(name, EntryType::Regular, b"x")])), rule, "{name:?}");
    }
}

#[test]
fn a_long_name_of_a_tar_is_read_before_it_is_judged() {
    let entry = ("harmless", EntryType::Regular, &b"x"[..]);
    let gnu = tarred(&[("././@LongLink", EntryType::GNULongName, b"../../evil\0"), entry]);
    assert_eq!(says(TAR, &gnu), "unsafe: it has an entry with `..` in its path");
    let pax = tarred(&[("x", EntryType::XHeader, b"19 path=../../evil\n"), entry]);
    assert_eq!(says(TAR, &pax), "unsafe: it has an entry with `..` in its path");
    let pax = tarred(&[("x", EntryType::XHeader, b"18 mtime=17000000\n"), entry]);
    assert_eq!(says(TAR, &pax), "fine");
    let sizes = tarred(&[("x", EntryType::XHeader, b"10 size=9\n"), entry]);
    assert_eq!(says(TAR, &sizes), "unsafe: it gives the size of an entry twice");
    let long = tarred(&[("x", EntryType::GNULongName, &noise(9_000)), entry]);
    assert_eq!(says(TAR, &long), "unsafe: it has an entry whose name is too long");
}

#[test]
fn links_and_devices_are_refused() {
    for kind in [EntryType::Symlink, EntryType::Link, EntryType::Char, EntryType::Fifo] {
        assert_eq!(says(TAR, &tarred(&[("a", kind, b"")])), format!("unsafe: {LINK}"), "{kind:?}");
    }
    let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
    zip.add_symlink("a", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let link = zip.finish().unwrap().into_inner();
    assert_eq!(says(ZIP, &link), format!("unsafe: {LINK}"));
}

#[test]
fn a_truncated_archive_is_broken_wherever_it_was_cut() {
    let noise = noise(3_000);
    let zip = zipped(&[("a", &noise), ("b", b"x")]);
    let gzip = gzipped(&noise);
    let tar = tarred(&[("a", EntryType::Regular, &noise)]);
    for part in 1..10 {
        let cut = |bytes: &[u8]| bytes[..bytes.len() * part / 10].to_vec();
        assert!(says(ZIP, &cut(&zip)).starts_with("broken"), "zip, {part} of 10");
        assert!(says(GZIP, &cut(&gzip)).starts_with("broken"), "gzip, {part} of 10");
        assert!(says(GZIP, &cut(&gzipped(&tar))).starts_with("broken"), "tar.gz, {part} of 10");
    }
    assert!(says(TAR, &tar[..2_000]).starts_with("broken"));
}

#[test]
fn a_zip_that_readers_would_read_differently_is_refused() {
    let zip = zipped(&[("a", b"x")]);
    assert!(says(ZIP, &[b"GIF89a", &zip[..]].concat()).starts_with("broken"), "behind a picture");
    assert!(says(ZIP, &[&zip[..], b"trailing"].concat()).starts_with("broken"));
    assert!(says(ZIP, &[&zip[..], &zip].concat()).starts_with("broken"), "two of them");
    let mut flipped = zip.clone();
    flipped[31] ^= 1; // a bit of the content: its checksum tells
    assert!(says(ZIP, &flipped).starts_with("broken"));
    let docx = zipped(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<w/>")]);
    assert_eq!(says(DOCX, &docx), "broken: it is no such office document");
}
