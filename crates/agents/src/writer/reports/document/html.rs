//! The document as one HTML file that needs nothing else: styles and pictures inside, no script, no address outside.

use std::fmt::Write;

use super::words::Span;
use super::{Block, Document, Figure, Table, Words, markdown, quoted};
use crate::grounding::{Format, Found, Reference};

const STYLE: &str = include_str!("style.css");
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Writes `document`.
pub(in super::super) fn write(document: &Document<'_>) -> String {
    let mut page = Page { document, out: String::new(), chapter: 0, table: 0 };
    page.head();
    page.contents();
    page.out.push_str("<main id=\"content\">\n");
    for block in &document.blocks {
        page.block(block);
    }
    if page.chapter > 0 {
        page.out.push_str("</section>\n");
    }
    page.out.push_str("</main>\n</body>\n</html>\n");
    page.out
}

/// `path` as part of an address: relative, and nothing in it means anything.
pub(in super::super) fn address(path: &str) -> String {
    percent(path, b"-_.~/")
}

struct Page<'a> {
    document: &'a Document<'a>,
    out: String,
    chapter: usize,
    table: usize,
}

impl Page<'_> {
    fn head(&mut self) {
        let title = escaped(&markdown::plain(self.document, &self.document.title));
        let heading = self.words(&self.document.title);
        let _never_fails = write!(
            self.out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
             <style>\n{STYLE}</style>\n</head>\n<body>\n\
             <a class=\"skip\" href=\"#content\">Skip to content</a>\n\
             <header><h1>{heading}</h1></header>\n"
        );
    }

    fn contents(&mut self) {
        self.out.push_str("<nav aria-label=\"Contents\">\n<ol>\n");
        let chapters = self.document.blocks.iter().filter_map(|block| match block {
            Block::Heading { level: 2, words } => Some(words),
            _ => None,
        });
        for (i, words) in chapters.enumerate() {
            let words = self.words(words);
            let _never_fails =
                writeln!(self.out, "<li><a href=\"#chapter-{}\">{words}</a></li>", i + 1);
        }
        self.out.push_str("</ol>\n</nav>\n");
    }

    fn block(&mut self, block: &Block) {
        let _never_fails = match block {
            Block::Heading { level, words } => self.heading(*level, words),
            Block::Paragraph(words) => {
                let words = self.words(words);
                writeln!(self.out, "<p>{words}</p>")
            }
            Block::Aside(words) => {
                let words = self.words(words);
                writeln!(self.out, "<p class=\"aside\">{words}</p>")
            }
            Block::Bullets(items) => {
                self.out.push_str("<ul>\n");
                for item in items {
                    let item = self.words(item);
                    let _never_fails = writeln!(self.out, "<li>{item}</li>");
                }
                writeln!(self.out, "</ul>")
            }
            Block::Facts(facts) => {
                self.out.push_str("<dl>\n");
                for (name, fact) in facts {
                    let (name, fact) = (self.words(name), self.words(fact));
                    let _never_fails =
                        writeln!(self.out, "<div><dt>{name}</dt><dd>{fact}</dd></div>");
                }
                writeln!(self.out, "</dl>")
            }
            Block::Table(table) => self.table(table),
            Block::Figure(figure) => self.figure(figure),
        };
    }

    fn heading(&mut self, level: u8, words: &Words) -> std::fmt::Result {
        let words = self.words(words);
        if level != 2 {
            return writeln!(self.out, "<h{level}>{words}</h{level}>");
        }
        if self.chapter > 0 {
            self.out.push_str("</section>\n");
        }
        self.chapter += 1;
        let id = format!("chapter-{}", self.chapter);
        writeln!(self.out, "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{words}</h2>")
    }

    fn table(&mut self, table: &Table) -> std::fmt::Result {
        self.table += 1;
        let (id, caption) = (format!("table-{}", self.table), self.words(&table.caption));
        let class = |i: usize| {
            let numeric = table.columns.get(i).is_some_and(|column| column.numeric);
            if numeric { " class=\"number\"" } else { "" }
        };
        // A region that scrolls on its own must be reachable by keyboard, and have a name.
        write!(
            self.out,
            "<div class=\"scroll\" role=\"region\" aria-labelledby=\"{id}\" tabindex=\"0\">\n<table>\n\
             <caption id=\"{id}\"><span>{caption}</span></caption>\n<thead><tr>"
        )?;
        for (i, column) in table.columns.iter().enumerate() {
            let head = self.words(&column.head);
            write!(self.out, "<th scope=\"col\"{}>{head}</th>", class(i))?;
        }
        self.out.push_str("</tr></thead>\n<tbody>\n");
        for row in &table.rows {
            self.out.push_str("<tr>");
            for (i, cell) in row.iter().enumerate() {
                let cell = self.words(cell);
                match i {
                    0 => write!(self.out, "<th scope=\"row\">{cell}</th>")?,
                    i => write!(self.out, "<td{}>{cell}</td>", class(i))?,
                }
            }
            self.out.push_str("</tr>\n");
        }
        self.out.push_str("</tbody>\n</table>\n</div>\n");
        if let Some(note) = self.document.gap_note(table) {
            let note = self.words(&note);
            writeln!(self.out, "<p class=\"note\">{note}</p>")?;
        }
        Ok(())
    }

    fn figure(&mut self, figure: &Figure) -> std::fmt::Result {
        let caption = self.words(&figure.caption);
        self.out.push_str("<figure>\n");
        let picture = figure.picture.as_ref().and_then(|path| self.document.pictures.get(path));
        if let Some(bytes) = picture {
            let alt = escaped(&markdown::plain(self.document, &figure.alt));
            let data = percent(&String::from_utf8_lossy(bytes), b"-_.~!*'()/:;,=@?$+ ");
            writeln!(self.out, "<img alt=\"{alt}\" src=\"data:image/svg+xml,{data}\">")?;
        } else {
            let alt = self.words(&figure.alt);
            writeln!(self.out, "<p>{alt}</p>")?;
        }
        write!(self.out, "<figcaption>{caption}")?;
        for (name, path) in &figure.links {
            write!(self.out, " <a href=\"{}\">{name}</a>", address(path))?;
        }
        writeln!(self.out, "</figcaption>\n</figure>")
    }

    fn words(&self, line: &Words) -> String {
        line.0
            .iter()
            .map(|span| match span {
                Span::Text(text) => escaped(text).replace(" = ", "\u{a0}=\u{a0}"),
                Span::Untold => "<span class=\"none\">n/a</span>".to_owned(),
                Span::Value(reference) => self.shown(reference),
            })
            .collect()
    }

    fn shown(&self, reference: &Reference) -> String {
        match self.document.results.find(reference) {
            Found::Shown(text) if text.is_empty() => {
                "<span class=\"none\">(empty)</span>".to_owned()
            }
            Found::Shown(text) => {
                let text = escaped(&quoted::line(&text));
                match reference.format {
                    Format::Name => format!("<bdi class=\"name\">{text}</bdi>"),
                    Format::Text => format!("<bdi>{text}</bdi>"),
                    _ => text,
                }
            }
            Found::Nothing(_) if reference.format == Format::Name => {
                "<span class=\"none\">(missing)</span>".to_owned()
            }
            Found::Nothing(_) | Found::Lost => "<span class=\"none\">n/a</span>".to_owned(),
        }
    }
}

/// Every byte but letters, digits and those of `safe` as `%xx`.
fn percent(text: &str, safe: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || safe.contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _never_fails = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#x27;"),
            sign => out.push(sign),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_relative_path_whatever_the_path_is() {
        assert_eq!(address("charts/bar.png"), "charts/bar.png");
        assert_eq!(address("javascript:alert(1)"), "javascript%3Aalert%281%29");
        assert_eq!(address("a b\"><é"), "a%20b%22%3E%3C%C3%A9");
    }
}
