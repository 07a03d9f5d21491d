use serde_json::{Map, Value, json};

use super::document::{Block, Column, Table, Words, say};
use crate::grounding::{Format, Reference};
use crate::schema::escape;

/// A report that is being written.
pub(super) struct Draft {
    pub(super) blocks: Vec<Block>,
    /// What the report says of itself, under the empty step key: its title, and numbers that it counted.
    pub(super) own: Map<String, Value>,
    /// Of the headings of sections.
    pub(super) level: u8,
}

impl Draft {
    pub(super) fn new(own: Map<String, Value>) -> Self {
        Self { blocks: Vec::new(), own, level: 2 }
    }

    pub(super) fn heading(&mut self, words: Words) {
        self.blocks.push(Block::Heading { level: self.level, words });
    }

    pub(super) fn subheading(&mut self, words: Words) {
        self.blocks.push(Block::Heading { level: self.level + 1, words });
    }

    pub(super) fn paragraph(&mut self, words: Words) {
        self.blocks.push(Block::Paragraph(words));
    }

    pub(super) fn bullets(&mut self, items: Vec<Words>) {
        if !items.is_empty() {
            self.blocks.push(Block::Bullets(items));
        }
    }

    /// Adds a table, if it has rows.
    pub(super) fn table(&mut self, caption: Words, columns: Vec<Column>, rows: Vec<Vec<Words>>) {
        if !rows.is_empty() {
            self.blocks.push(Block::Table(Table { caption, columns, rows }));
        }
    }

    /// A number that the report itself counted; it stands in results.json like all others.
    pub(super) fn counted(&mut self, name: &str, count: usize) -> Reference {
        self.derived(name, json!(count), Format::Int)
    }

    /// The same for a sum or a share.
    pub(super) fn derived(&mut self, name: &str, value: Value, format: Format) -> Reference {
        let derived = self.own.entry("derived").or_insert_with(|| json!({}));
        if let Some(derived) = derived.as_object_mut() {
            derived.insert(name.to_owned(), value);
        }
        let pointer = format!("/derived/{}", escape(name));
        Reference { step: String::new(), pointer, format }
    }

    /// The first `most` of `items`; says how many there are if some are left out.
    pub(super) fn cut<T>(
        &mut self,
        name: &str,
        items: Vec<T>,
        most: usize,
    ) -> (Vec<T>, Option<Words>) {
        if items.len() <= most {
            return (items, None);
        }
        let all = self.counted(&format!("{name}.all"), items.len());
        let shown = self.counted(&format!("{name}.shown"), most);
        let words = say("The table shows the first ")
            .value(shown)
            .say(" of ")
            .value(all)
            .say("; the others stand in results.json.");
        (items.into_iter().take(most).collect(), Some(words))
    }
}

/// A column of words.
pub(super) fn words(head: &'static str) -> Column {
    Column { head: say(head), numeric: false }
}

/// A column of numbers.
pub(super) fn numbers(head: &'static str) -> Column {
    Column { head: say(head), numeric: true }
}
