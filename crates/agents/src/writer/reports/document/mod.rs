//! A report before it is Markdown or HTML: blocks of words, in which every number and every name from the data is a
//! reference. The two writers beside this file escape what they are given; nothing in a name can become markup.

pub(super) mod html;
pub(super) mod markdown;
mod quoted;
mod words;

pub(super) use words::{Words, say};

use std::collections::BTreeMap;

use crate::grounding::{Found, Grounding, Piece, Reference, Results, digits_in, pieces};

/// A whole report.
pub(super) struct Document<'a> {
    pub(super) title: Words,
    pub(super) blocks: Vec<Block>,
    /// What the words refer to.
    pub(super) results: Results,
    /// Pictures to embed, by their relative path.
    pub(super) pictures: BTreeMap<String, &'a [u8]>,
}

/// A piece of it.
pub(super) enum Block {
    Heading {
        level: u8,
        words: Words,
    },
    Paragraph(Words),
    /// A paragraph that must not be overlooked.
    Aside(Words),
    Bullets(Vec<Words>),
    /// Names and what belongs to them.
    Facts(Vec<(Words, Words)>),
    Table(Table),
    Figure(Figure),
}

/// A table with a caption. The first cell of a row names it.
#[derive(Default)]
pub(super) struct Table {
    pub(super) caption: Words,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Words>>,
}

/// Head of a column.
pub(super) struct Column {
    pub(super) head: Words,
    /// To the right, digits below digits.
    pub(super) numeric: bool,
}

/// A picture.
pub(super) struct Figure {
    pub(super) caption: Words,
    /// Its words for those who do not see it.
    pub(super) alt: Words,
    /// Relative path of the picture that is embedded; `None`: it is not there.
    pub(super) picture: Option<String>,
    /// More of it, by relative path.
    pub(super) links: Vec<(&'static str, String)>,
}

impl Document<'_> {
    /// Judges every text of the document.
    pub(super) fn grounding(&self) -> Grounding {
        let mut grounding = Grounding::default();
        for words in self.all_words() {
            for piece in &words.0 {
                match piece {
                    words::Span::Untold => {}
                    words::Span::Text(text) => grounding.unsupported.extend(digits_in(text)),
                    words::Span::Value(reference) => match self.results.find(reference) {
                        Found::Lost => grounding.unsupported.push(reference.to_string()),
                        Found::Shown(_) | Found::Nothing(_) => grounding.supported += 1,
                    },
                }
            }
        }
        grounding
    }

    fn all_words(&self) -> Vec<&Words> {
        let mut all = vec![&self.title];
        for block in &self.blocks {
            match block {
                Block::Heading { words, .. } | Block::Paragraph(words) | Block::Aside(words) => {
                    all.push(words);
                }
                Block::Bullets(items) => all.extend(items),
                Block::Facts(facts) => {
                    all.extend(facts.iter().flat_map(|(name, fact)| [name, fact]));
                }
                Block::Table(table) => {
                    all.push(&table.caption);
                    all.extend(table.columns.iter().map(|column| &column.head));
                    all.extend(table.rows.iter().flatten());
                }
                Block::Figure(figure) => all.extend([&figure.caption, &figure.alt]),
            }
        }
        all
    }

    /// Every different reason why a cell of `table` is empty; `None` is the unknown one.
    fn gaps(&self, table: &Table) -> Vec<Option<Reference>> {
        let mut reasons = Vec::new();
        for reference in table.rows.iter().flatten().flat_map(Words::references) {
            match self.results.find(reference) {
                Found::Nothing(reason) if !reasons.contains(&reason) => reasons.push(reason),
                _ => {}
            }
        }
        reasons
    }

    /// Why cells are empty, as one paragraph below the table; the reasons beyond the third stand among the warnings.
    fn gap_note(&self, table: &Table) -> Option<Words> {
        let gaps = self.gaps(table);
        if gaps.is_empty() {
            return None;
        }
        let mut words = say("n/a: ");
        for (i, reason) in gaps.iter().take(3).enumerate() {
            words = words.say(if i > 0 { " " } else { "" });
            words = match reason {
                Some(reason) => words.value(reason.clone()),
                None => words.say("these values do not determine the number."),
            };
        }
        Some(if gaps.len() > 3 {
            words.say(" More reasons stand among the warnings.")
        } else {
            words
        })
    }
}

/// Text that a program wrote, with its references; empty step keys mean `step`.
pub(super) fn given(text: &str, step: &str) -> Words {
    let span = |piece| match piece {
        Piece::Text(text) => words::Span::Text(text.to_owned().into()),
        Piece::Reference(mut reference) => {
            if reference.step.is_empty() {
                step.clone_into(&mut reference.step);
            }
            words::Span::Value(reference)
        }
    };
    Words(pieces(text).into_iter().map(span).collect())
}
