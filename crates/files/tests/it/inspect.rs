use std::io::{Cursor, Write};

use bytes::Bytes;
use ninja_files::FileName;
use proptest::prelude::*;

use crate::store;

/// What the store says about a file of this name with these bytes.
async fn says(name: &str, bytes: &[u8]) -> String {
    let (_folder, store) = store().await;
    let mut staging = store.stage(u64::MAX).await.unwrap();
    staging.write(Bytes::copy_from_slice(bytes)).await.unwrap();
    let staged = staging.finish().await.unwrap();
    match staged.inspect(&FileName::parse(name).unwrap()).await.unwrap() {
        Ok(found) => format!("{} {}", found.kind, found.content_type),
        Err(refusal) => refusal.to_string(),
    }
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0";
const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
const WEBP: &[u8] = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0";
const SVG: &[u8] = b"<?xml version=\"1.0\"?><!-- a --><svg xmlns=\"http://www.w3.org/2000/svg\"/>";

fn zip(names: &[&str]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(b"<x/>").unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[tokio::test]
async fn each_type_is_taken_when_name_and_bytes_agree() {
    let word = "document application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    let docx = zip(&["[Content_Types].xml", "word/document.xml"]);
    let xlsx = zip(&["[Content_Types].xml", "xl/workbook.xml"]);
    let doc = [
        &b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..],
        &vec![0; 70_000],
        b"W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0",
    ]
    .concat();
    for (name, bytes, says_then) in [
        ("penguins.csv", &b"species,bill\nAdelie,39.1\n"[..], "table text/csv"),
        ("empty.csv", b"", "table text/csv"),
        ("excel.csv", b"Name;Gr\xf6\xdfe\r\n", "table text/csv"),
        ("utf16.txt", b"\xff\xfeh\0i\0", "text text/plain"),
        ("ANALYSE.PY", b"print(1)\n", "code text/x-python"),
        ("old.xml", b"<?xml version='1.0' encoding='latin1'?><a>\xe9</a>", "text application/xml"),
        ("a.png", PNG, "image image/png"),
        ("a.gif", GIF, "image image/gif"),
        ("a.jpeg", JPEG, "image image/jpeg"),
        ("a.webp", WEBP, "image image/webp"),
        ("a.svg", SVG, "image image/svg+xml"),
        ("a.pdf", PDF, "document application/pdf"),
        ("a.doc", &doc, "document application/msword"),
        ("a.docx", &docx, word),
        ("a.zip", &docx, "archive application/zip"),
        (
            "a.xlsx",
            &xlsx,
            "table application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ] {
        assert_eq!(says(name, bytes).await, says_then, "{name}");
    }
}

#[tokio::test]
async fn a_file_whose_bytes_are_something_else_is_refused() {
    let docx = zip(&["[Content_Types].xml", "word/document.xml"]);
    let pdf_zip = [PDF, &docx].concat();
    for (name, bytes) in [
        ("renamed.csv", PNG),
        ("renamed.png", b"species,bill\n"),
        ("renamed.jpg", PNG),
        ("program.txt", b"\x7fELF\x02\x01\x01\0"),
        ("old.py", b"caf\xe9 = 1"),
        ("polyglot.js", GIF),
        ("polyglot.js", b"GIF89a/*a*/=1;alert(1)"),
        ("polyglot.html", b"%PDF-1.7 <script>"),
        ("polyglot.zip", &pdf_zip),
        ("page.svg", b"<!DOCTYPE html><html><svg></svg></html>"),
        ("table.xlsx", &docx),
        ("plain.docx", &zip(&["a.txt"])),
        ("sheet.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1W\0o\0r\0k\0b\0o\0o\0k\0"),
        ("empty.png", b""),
        ("empty.zip", b""),
        ("text.gz", b"hello"),
        ("text.tar", b"hello"),
    ] {
        let refusal = says(name, bytes).await;
        assert!(refusal.starts_with("The content does not agree"), "{name}: {refusal}");
    }
}

#[tokio::test]
async fn an_extension_that_is_not_in_the_list_is_refused_with_the_list() {
    for name in ["a.exe", "a", "csv", "a.csv.sh", ".htaccess"] {
        let refusal = says(name, b"x").await;
        assert!(refusal.contains("these are: txt md pdf"), "{name}: {refusal}");
    }
}

#[tokio::test]
async fn what_a_program_made_gets_a_content_type_that_its_bytes_bear_out() {
    let (_folder, store) = store().await;
    for (name, bytes, content_type) in [
        ("out/table.csv", &b"a,b\n"[..], "text/csv"),
        ("chart.png", PNG, "image/png"),
        ("chart.png", b"<script>", "text/plain"),
        ("notes.csv", PNG, "application/octet-stream"),
        ("run.log", b"done\n", "text/plain"),
        ("model.bin", b"\0\x01", "application/octet-stream"),
        ("packed.zip", &zip(&["../a"]), "application/zip"),
    ] {
        let stored = store.put_bytes(Bytes::copy_from_slice(bytes), name).await.unwrap();
        assert_eq!(stored.content_type, content_type, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// No bytes make the inspection fail in another way than by a refusal, whatever they say to be.
    #[test]
    fn hostile_bytes_are_judged_and_never_trip(
        extension in prop::sample::select(vec!["zip", "gz", "tar", "docx", "doc", "svg", "csv", "xml", "pdf"]),
        start in prop::sample::select(vec![&b"PK\x03\x04"[..], b"PK\x05\x06", b"\x1f\x8b\x08", b"<svg", b"", b"\xff\xfe"]),
        rest in prop::collection::vec(any::<u8>(), 0..2_000),
    ) {
        let bytes = [start, &rest].concat();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let said = runtime.block_on(says(&format!("a.{extension}"), &bytes));
        prop_assert!(!said.is_empty());
    }
}
