//! How to get the same numbers again.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::document::{Block, Words, say};
use super::super::draft::{Draft, words};
use super::super::subject::Subject;
use crate::grounding::{At, Format};

/// Parameters of one step that are listed.
const MOST: usize = 40;

pub(in super::super) fn write(subjects: &[Subject<'_>], own: &At<'_>, draft: &mut Draft) {
    draft.heading(say("Methods and reproducibility"));
    draft.paragraph(
        say("Every number in this report was computed by a program and stands at full precision in results.json, at the \
             place that the program put it. Here numbers are rounded to nearest: means \
             and deviations to the decimals that their spread supports, other statistics to four significant digits, effect \
             sizes and p values to three, shares to one decimal of a percent; digits in front of the decimal point are never \
             dropped. Nobody and no model wrote a number by hand."),
    );
    draft.paragraph(
        say("Missing values are left out of each computation that needs them, and counted. Standard deviations divide by \
             the number of values less one; quartiles are interpolated linearly; skewness and kurtosis are corrected for \
             bias. The same file and the same parameters give the same bytes."),
    );
    let mut facts = versions(subjects);
    let product = own.field("product");
    facts.insert(
        0,
        (say("").quote(&product.field("name")), say("").quote(&product.field("version"))),
    );
    let seed = subjects.iter().flat_map(Subject::whole).map(|(_, at)| at.field("seed"));
    if let Some(seed) = seed.into_iter().find(|seed| !seed.is_null()) {
        facts.push((say("Seed of all random draws"), say("").number(&seed, Format::Exact)));
    }
    draft.blocks.push(Block::Facts(facts));
    let rows = subjects.iter().flat_map(Subject::whole).map(|(_, answer)| row(&answer)).collect();
    draft.table(
        say("The steps and their parameters"),
        vec![words("Method"), words("Parameters")],
        rows,
    );
}

/// Each library once, and every version of it that was used.
fn versions(subjects: &[Subject<'_>]) -> Vec<(Words, Words)> {
    let mut seen: BTreeMap<&str, Vec<At<'_>>> = BTreeMap::new();
    for (_, answer) in subjects.iter().flat_map(Subject::whole) {
        for (library, version) in answer.field("library_versions").fields() {
            let versions = seen.entry(library).or_default();
            if !versions.iter().any(|known| known.value == version.value) {
                versions.push(version);
            }
        }
    }
    let fact = |(library, versions): (&str, Vec<At<'_>>)| {
        let mut words = Words::default();
        for (i, version) in versions.iter().enumerate() {
            words = words.say(if i > 0 { ", " } else { "" }).quote(version);
        }
        (super::super::document::given(&without_digits(library), ""), words)
    };
    seen.into_iter().map(fact).collect()
}

/// Keys are no values, so no reference leads to them; a digit in one would be typed.
fn without_digits(name: &str) -> String {
    name.chars().take(60).map(|c| if c.is_numeric() { '_' } else { c }).collect()
}

fn row(answer: &At<'_>) -> Vec<Words> {
    let mut leaves = Vec::new();
    collect(&answer.field("parameters"), &mut String::new(), &mut leaves);
    let mut line = Words::default();
    for (i, (path, at)) in leaves.iter().take(MOST).enumerate() {
        line = line
            .say(if i > 0 { ", " } else { "" })
            .then(super::super::document::given(path, ""))
            .say(" ");
        line = match at.value {
            Value::Number(_) => line.number(at, Format::Exact),
            _ => line.quote(at),
        };
    }
    vec![
        say("").quote(&answer.field("method")),
        if leaves.len() > MOST { line.say(", …") } else { line },
    ]
}

/// Every parameter that has a value, with its path in words.
fn collect<'a>(at: &At<'a>, path: &mut String, into: &mut Vec<(String, At<'a>)>) {
    if into.len() > MOST || path.len() > 400 {
        return;
    }
    let length = path.len();
    for (name, child) in at.fields() {
        let gap = if path.is_empty() { "" } else { " › " };
        path.push_str(gap);
        path.push_str(&without_digits(name));
        collect(&child, path, into);
        path.truncate(length);
    }
    for child in at.items() {
        collect(&child, path, into);
    }
    let leaf = !at.value.is_object() && !at.value.is_array() && !at.is_null();
    if leaf && at.value.as_str() != Some("") {
        into.push((path.clone(), at.clone()));
    }
}
