//! The document as GitHub's Markdown. Every text is escaped, ours too, so that none can be mistaken for markup.

use std::fmt::Write;

use super::words::Span;
use super::{Block, Document, Figure, Table, Words, quoted};
use crate::grounding::{Format, Found, Reference};

/// Writes `document`.
pub(in super::super) fn write(document: &Document<'_>) -> String {
    let mut out = format!("# {}\n", words(document, &document.title, false));
    for block in &document.blocks {
        out.push('\n');
        one(document, block, &mut out);
    }
    out
}

/// `line` as text without markup: for outlines and summaries.
pub(in super::super) fn plain(document: &Document<'_>, line: &Words) -> String {
    let span = |span: &Span| match span {
        Span::Text(text) => text.clone().into_owned(),
        Span::Value(reference) => shown(document, reference),
        Span::Untold => "n/a".to_owned(),
    };
    line.0.iter().map(span).collect()
}

fn one(document: &Document<'_>, block: &Block, out: &mut String) {
    let line = |line: &Words| words(document, line, true);
    let _never_fails = match block {
        Block::Heading { level, words } => {
            writeln!(out, "{} {}", "#".repeat(usize::from(*level)), line(words))
        }
        Block::Paragraph(words) => writeln!(out, "{}", line(words)),
        Block::Aside(words) => writeln!(out, "> {}", line(words)),
        Block::Bullets(items) => {
            items.iter().try_for_each(|item| writeln!(out, "- {}", line(item)))
        }
        Block::Facts(facts) => facts
            .iter()
            .try_for_each(|(name, fact)| writeln!(out, "- {}: {}", line(name), line(fact))),
        Block::Table(table) => write_table(document, table, out),
        Block::Figure(figure) => write_figure(document, figure, out),
    };
}

fn write_table(document: &Document<'_>, table: &Table, out: &mut String) -> std::fmt::Result {
    let cell = |cell: &Words| words(document, cell, false);
    // A cell that could begin a list stands inside a row, where none begins.
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    writeln!(out, "*{}*\n", cell(&table.caption))?;
    out.push_str(&row(table.columns.iter().map(|column| cell(&column.head)).collect()));
    let rule = table.columns.iter().map(|column| if column.numeric { "--:" } else { ":--" });
    out.push_str(&row(rule.map(str::to_owned).collect()));
    for cells in &table.rows {
        out.push_str(&row(cells.iter().map(cell).collect()));
    }
    if let Some(note) = document.gap_note(table) {
        writeln!(out, "\n{}", words(document, &note, true))?;
    }
    Ok(())
}

fn write_figure(document: &Document<'_>, figure: &Figure, out: &mut String) -> std::fmt::Result {
    let caption = words(document, &figure.caption, false);
    let alt = words(document, &figure.alt, false);
    match &figure.picture {
        Some(path) => writeln!(out, "![{alt}]({})\n\n*{caption}*", super::html::address(path))?,
        None => writeln!(out, "*{caption}*\n\n{alt}")?,
    }
    let links =
        figure.links.iter().map(|(name, path)| format!("[{name}]({})", super::html::address(path)));
    let links = links.collect::<Vec<_>>().join(" · ");
    if links.is_empty() { Ok(()) } else { writeln!(out, "\n{links}") }
}

/// `strong`: names stand out.
fn words(document: &Document<'_>, line: &Words, strong: bool) -> String {
    let mut out = String::new();
    for span in &line.0 {
        match span {
            Span::Text(text) => out.push_str(&escaped(text, out.is_empty())),
            Span::Untold => out.push_str("n/a"),
            Span::Value(reference) => {
                let text = shown(document, reference);
                let mut safe = escaped(&text, out.is_empty());
                if quoted::runs_left(&text) {
                    safe = format!("\u{2068}{safe}\u{2069}");
                }
                let name = strong && reference.format == Format::Name && !safe.is_empty();
                let mark = if name { "**" } else { "" };
                out.extend([mark, &safe, mark]);
            }
        }
    }
    out
}

fn shown(document: &Document<'_>, reference: &Reference) -> String {
    match document.results.find(reference) {
        Found::Shown(text) if text.is_empty() => "(empty)".to_owned(),
        Found::Shown(text) => quoted::line(&text),
        Found::Nothing(_) if reference.format == Format::Name => "(missing)".to_owned(),
        Found::Nothing(_) | Found::Lost => "n/a".to_owned(),
    }
}

/// A backslash before every sign that could begin something. `first`: the line begins here.
fn escaped(text: &str, first: bool) -> String {
    let signs: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + 8);
    for (i, &sign) in signs.iter().enumerate() {
        let near = |at: Option<usize>| at.and_then(|at| signs.get(at)).copied().unwrap_or(' ');
        let (before, after) = (near(i.checked_sub(1)), near(i.checked_add(1)));
        let begins = first && signs[..i].iter().all(|c| c.is_ascii_digit() || *c == ' ');
        let active = match sign {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '!' | '#' | '$' | '{'
            | '}' | '@' | '^' => true,
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            ':' => {
                after == '/' || near(i.checked_sub(1)).is_alphabetic() && after.is_alphanumeric()
            }
            '.' if begins && i > 0 => after == ' ',
            '.' => after.is_alphanumeric() && before.eq_ignore_ascii_case(&'w'),
            ')' => begins && i > 0 && after == ' ',
            '+' | '-' | '=' => begins && i == 0,
            _ => false,
        };
        if active {
            out.push('\\');
        }
        out.push(sign);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_markup_is_escaped_and_what_cannot_stays_readable() {
        for (text, wanted) in [
            ("bill_length_mm", "bill_length_mm"),
            ("_a_ *b* ~c~", r"\_a\_ \*b\* \~c\~"),
            ("a|b", r"a\|b"),
            ("](javascript:x)", r"\](javascript\:x)"),
            ("<script>alert(1)</script>", r"\<script\>alert(1)\</script\>"),
            ("https://a.b www.a.b", r"https\://a.b www\.a.b"),
            ("a@b.c &amp; `x`", r"a\@b.c \&amp; \`x\`"),
            ("- no list", r"\- no list"),
            ("1. no list", r"1\. no list"),
            ("2.5 mm", "2.5 mm"),
            ("# no heading", r"\# no heading"),
            ("p = 0.5 (a - b).", "p = 0.5 (a - b)."),
        ] {
            assert_eq!(escaped(text, true), wanted);
        }
        assert_eq!(escaped("2.5", false), "2.5");
    }
}
