//! What goes together: numbers by rank, categories by Cramér's V, and pairs that say nearly the same.

use super::super::document::{Words, say};
use super::super::draft::{Draft, numbers, words};
use super::super::subject::{Method, Subject};
use super::{cell, name};
use crate::grounding::{At, Format};

/// Pairs that are shown.
const MOST: usize = 20;

pub(in super::super) fn write(subject: &Subject<'_>, draft: &mut Draft) {
    for result in subject.of(Method::Exploratory) {
        let list = |field: &str| result.field(field).items();
        let (correlations, associations, leakage) =
            (list("correlations"), list("associations"), list("leakage"));
        if correlations.is_empty() && associations.is_empty() {
            continue;
        }
        draft.heading(say("Correlations"));
        draft.paragraph(say(
            "Columns that go together need not have to do with each other: no cause is shown here.",
        ));
        let (pairs, more) = draft.cut(&subject.about("correlations"), correlations, MOST);
        let heads = vec![
            words("Column"),
            words("and"),
            numbers("Spearman ρ"),
            numbers("p"),
            numbers("p, adjusted (Benjamini-Hochberg)"),
            numbers("Pearson r"),
            numbers("n"),
        ];
        draft.table(
            say("Numeric columns, strongest first"),
            heads,
            pairs.iter().map(correlation).collect(),
        );
        draft.blocks.extend(more.map(super::super::document::Block::Paragraph));
        let (pairs, more) = draft.cut(&subject.about("associations"), associations, MOST);
        let heads =
            vec![words("Column"), words("and"), numbers("Cramér V (bias-corrected)"), numbers("n")];
        draft.table(
            say("Categories, strongest first"),
            heads,
            pairs.iter().map(association).collect(),
        );
        draft.blocks.extend(more.map(super::super::document::Block::Paragraph));
        draft.bullets(leakage.iter().take(MOST).map(same).collect());
    }
}

fn correlation(pair: &At<'_>) -> Vec<Words> {
    vec![
        name(&pair.field("a")),
        name(&pair.field("b")),
        cell(&pair.field("rho"), Format::F3),
        cell(&pair.field("p"), Format::P),
        cell(&pair.field("p_adjusted"), Format::P),
        cell(&pair.field("pearson"), Format::F3),
        cell(&pair.field("n"), Format::Int),
    ]
}

fn association(pair: &At<'_>) -> Vec<Words> {
    vec![
        name(&pair.field("a")),
        name(&pair.field("b")),
        cell(&pair.field("cramers_v"), Format::F3),
        cell(&pair.field("n"), Format::Int),
    ]
}

fn same(pair: &At<'_>) -> Words {
    name(&pair.field("a"))
        .say(" and ")
        .name(&pair.field("b"))
        .say(" say nearly the same (ρ = ")
        .number(&pair.field("rho"), Format::F3)
        .say("): one of them may be made from the other.")
}
