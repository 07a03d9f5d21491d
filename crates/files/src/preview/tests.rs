use std::io::Write;

use serde_json::json;

use super::*;

fn shown(name: &str, bytes: &[u8]) -> Preview {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    preview(file, name.rsplit('.').next().unwrap()).unwrap()
}

fn table(name: &str, bytes: &[u8]) -> TablePreview {
    shown(name, bytes).table.unwrap()
}

fn kinds(table: &TablePreview) -> Vec<(&str, &str)> {
    table.columns.iter().map(|column| (column.name.as_str(), column.kind)).collect()
}

#[test]
fn a_text_is_shown_to_a_whole_letter() {
    let long = format!("{}é", "a".repeat(64 * 1024 - 1));
    let preview = shown("a.txt", long.as_bytes());
    assert!(preview.truncated);
    assert_eq!(preview.text.map(|text| text.len()), Some(64 * 1024 - 1));
    assert_eq!(shown("a.md", b"# Hi").text.as_deref(), Some("# Hi"));
    assert_eq!(shown("a.txt", b"M\xfcller").text.as_deref(), Some("Müller"));
    let marked: Vec<u8> = "\u{feff}Grüße".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(shown("a.txt", &marked).text.as_deref(), Some("Grüße"));
}

#[test]
fn a_table_shows_its_first_rows_and_counts_the_others() {
    let rows = (0..120).map(|row| format!("2026-01-02;\"a;{row}\";{row},5;true;\r\n"));
    let text = format!("\u{feff}when;name;n;ok;none\r\n{}", rows.collect::<String>());
    let preview = shown("a.csv", text.as_bytes());
    assert!(preview.truncated);
    let table = preview.table.unwrap();
    let found = kinds(&table);
    let is =
        [("when", "date"), ("name", "text"), ("n", "number"), ("ok", "boolean"), ("none", "empty")];
    assert_eq!(found, is);
    assert_eq!((table.rows.len(), table.rows_total), (50, Some(120)));
    assert_eq!(
        table.rows[0],
        [json!("2026-01-02"), json!("a;0"), json!("0,5"), json!("true"), json!(null)]
    );
}

#[test]
fn a_table_may_be_old_ragged_short_or_empty() {
    let old = table("a.csv", b"name,n\nM\xfcller,1\n");
    assert_eq!(old.rows, [[json!("Müller"), json!("1")]]);
    let marked: Vec<u8> =
        "\u{feff}a\tb\n1\t2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(table("a.tsv", &marked).rows, [[json!("1"), json!("2")]]);
    let ragged = table("a.csv", b"a,b\n1\n1,2,3\n");
    assert_eq!(kinds(&ragged), [("a", "number"), ("b", "number"), ("", "number")]);
    assert_eq!(ragged.rows[0], [json!("1"), json!(null), json!(null)]);
    assert_eq!(table("a.csv", b"").columns, []);
    let header = table("a.csv", b"a,b\n");
    assert_eq!((header.columns.len(), header.rows_total), (2, Some(0)));
}

#[test]
fn a_cell_and_a_row_are_shown_only_so_far() {
    let wide = vec!["x"; 700].join(",");
    let long = format!("{wide}\n{}\n", "y".repeat(10_000));
    let preview = shown("a.csv", long.as_bytes());
    assert!(preview.truncated);
    let table = preview.table.unwrap();
    assert_eq!((table.columns.len(), table.rows[0].len()), (500, 500));
    assert_eq!(table.rows[0][0].as_str().map(|text| text.chars().count()), Some(201));
}

#[test]
fn lines_of_json_become_rows() {
    let table = table("a.jsonl", b"{\"a\":1,\"b\":[1,2]}\n\n{\"a\":2.5,\"c\":true}\n");
    assert_eq!(kinds(&table), [("a", "number"), ("b", "text"), ("c", "boolean")]);
    assert_eq!(table.rows[0], [json!(1), json!("[1,2]"), json!(null)]);
    assert_eq!(table.rows_total, Some(2));
    assert_eq!(shown("a.jsonl", b"[1,2]\n").table, None);
}

#[test]
fn a_picture_tells_its_size_and_a_broken_one_nothing() {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend([0, 0, 4, 176, 0, 0, 2, 238, 8, 6, 0, 0, 0]);
    assert_eq!(shown("a.png", &png).image, Some((1200, 750)));
    assert_eq!(shown("a.png", b"\x89PNG").image, None);
    assert_eq!(shown("a.svg", b"<svg/>").text.as_deref(), Some("<svg/>"));
    assert_eq!(shown("a.pdf", b"%PDF-1.7"), Preview::default());
}

#[test]
fn an_archive_names_its_entries() {
    let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    for index in 0..250 {
        zip.start_file(format!("{index}.txt"), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(b"hello").unwrap();
    }
    let preview = shown("a.zip", &zip.finish().unwrap().into_inner());
    assert!(preview.truncated);
    let entries = preview.archive.unwrap();
    assert_eq!(entries.len(), 200);
    assert_eq!(entries[7], ArchiveEntry { path: "7.txt".to_owned(), size: 5 });

    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(3);
    tar.append_data(&mut header, "d/x", &b"abc"[..]).unwrap();
    let tar = tar.into_inner().unwrap();
    let one = ArchiveEntry { path: "d/x".to_owned(), size: 3 };
    assert_eq!(shown("a.tar", &tar).archive, Some(vec![one.clone()]));
    assert_eq!(shown("a.gz", &gzip(&tar)).archive, Some(vec![one]));
    let alone = vec![ArchiveEntry { path: "data".to_owned(), size: 5 }];
    assert_eq!(shown("a.gz", &gzip(b"hello")).archive, Some(alone));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    to.write_all(bytes).unwrap();
    to.finish().unwrap()
}

/// A workbook with one sheet of these rows, as other programs write it.
fn workbook(rows: &str, strings: &str) -> Vec<u8> {
    const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
    const RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    const ROOT: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#;
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let sheet = format!(
        r#"<?xml version="1.0"?><worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>"#
    );
    let strings = format!(r#"<?xml version="1.0"?><sst xmlns="{main}">{strings}</sst>"#);
    let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, text) in [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", ROOT),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/workbook.xml", BOOK),
        ("xl/worksheets/sheet1.xml", &sheet),
        ("xl/sharedStrings.xml", &strings),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_workbook_shows_its_first_sheet() {
    let header = r#"<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c></row>"#;
    let row = |row| {
        format!(
            r#"<row r="{row}"><c r="A{row}"><v>1.5</v></c><c r="B{row}" t="b"><v>1</v></c></row>"#
        )
    };
    let rows = format!("{header}{}", (3..=60).map(row).collect::<String>());
    let book = workbook(&rows, "<si><t>a</t></si><si><t>b</t></si>");
    let preview = shown("a.xlsx", &book);
    assert!(preview.truncated);
    let table = preview.table.unwrap();
    assert_eq!(kinds(&table), [("a", "number"), ("b", "boolean")]);
    assert_eq!((table.rows.len(), table.rows_total), (50, None));
    assert_eq!(table.rows[0], [json!(1.5), json!(true)]);
}

#[test]
fn a_workbook_whose_texts_are_too_much_is_not_looked_into() {
    let strings = format!("<si><t>{}</t></si>", "x".repeat(33 * 1024 * 1024));
    let preview = shown("a.xlsx", &workbook("", &strings));
    assert_eq!(preview, Preview { truncated: true, ..Preview::default() });
}
