use std::borrow::Cow;

use crate::grounding::{At, Format, Reference};

/// A line of text whose numbers and names are references.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words(pub(super) Vec<Span>);

/// A part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Span {
    /// Ours, or a program's: it may hold no digit.
    Text(Cow<'static, str>),
    /// From a result.
    Value(Reference),
    /// What the program did not tell at all.
    Untold,
}

/// Begins a line.
pub(crate) fn say(text: &'static str) -> Words {
    Words::default().say(text)
}

impl Words {
    /// Goes on with words of our own.
    pub(crate) fn say(mut self, text: &'static str) -> Self {
        if !text.is_empty() {
            self.0.push(Span::Text(Cow::Borrowed(text)));
        }
        self
    }

    /// Goes on with what stands there.
    pub(crate) fn value(mut self, reference: Reference) -> Self {
        self.0.push(Span::Value(reference));
        self
    }

    /// Goes on with a number of a result.
    pub(crate) fn number(self, at: &At<'_>, format: Format) -> Self {
        self.at(at, format)
    }

    /// Goes on with the name of something in the data.
    pub(crate) fn name(self, at: &At<'_>) -> Self {
        self.at(at, Format::Name)
    }

    /// Goes on with words of a result.
    pub(crate) fn quote(self, at: &At<'_>) -> Self {
        self.at(at, Format::Text)
    }

    fn at(mut self, at: &At<'_>, format: Format) -> Self {
        self.0.push(if at.there { Span::Value(at.as_(format)) } else { Span::Untold });
        self
    }

    /// Goes on with other words.
    pub(crate) fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Goes on with the names in `all`: `a, b and c`.
    pub(crate) fn names(mut self, all: &[At<'_>]) -> Self {
        for (i, name) in all.iter().enumerate() {
            let last = i + 1 == all.len();
            self = self
                .say(if i == 0 {
                    ""
                } else if last {
                    " and "
                } else {
                    ", "
                })
                .name(name);
        }
        self
    }

    pub(super) fn references(&self) -> impl Iterator<Item = &Reference> {
        self.0.iter().filter_map(|span| match span {
            Span::Value(reference) => Some(reference),
            Span::Text(_) | Span::Untold => None,
        })
    }
}
