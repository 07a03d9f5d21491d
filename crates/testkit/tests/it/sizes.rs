//! A file that grows is asked for its second idea: none over 500 lines, no function over 80.

use std::{
    fs,
    path::{Path, PathBuf},
};

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 80;

#[test]
fn no_file_is_over_500_lines_and_no_function_over_80() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    collect(&root.join("crates"), &mut files);
    assert!(files.len() > 20, "the sources were not found");
    let mut wrong = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(&root).unwrap().display();
        let lines = text.lines().count();
        if lines > FILE_LINES && !file.ends_with("schema.rs") {
            wrong.push(format!("{name}: {lines} lines"));
        }
        for (function, lines) in functions(&text) {
            if lines > FUNCTION_LINES {
                wrong.push(format!("{name}: {lines} lines in `{function}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Functions and their lengths. rustfmt puts the closing brace of an item under its first letter, so
/// indentation tells where a function ends.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let head = code.split('(').next().unwrap_or_default();
        let is_function = head.split_whitespace().any(|word| word == "fn")
            && !code.starts_with("//")
            && line.contains('(');
        if !is_function || head.contains('"') || head.contains('=') {
            continue;
        }
        let indent = line.len() - code.len();
        let closing = format!("{}}}", " ".repeat(indent));
        let end = lines[start..]
            .iter()
            .position(|line| *line == closing || line.ends_with(';') && indent_of(line) == indent);
        if let Some(length) = end {
            let name = head.rsplit(' ').next().unwrap_or_default();
            found.push((name.to_owned(), length + 1));
        }
    }
    found
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[test]
fn functions_are_measured_from_head_to_closing_brace() {
    let text = "impl A {\n    fn one() -> u8 {\n        1\n    }\n    fn two();\n}\nfn three(\n    a: u8,\n) {\n}\n";
    let named: Vec<_> =
        functions(text).into_iter().map(|(name, n)| format!("{name} {n}")).collect();
    assert_eq!(named, ["one 3", "two 1", "three 4"]);
}
