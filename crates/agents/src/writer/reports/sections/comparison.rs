//! Datasets, or groups, side by side in one number.

use super::super::document::{Block, Words, say};
use super::super::draft::{Draft, numbers, words};
use super::super::subject::{Method, Subject};
use super::{cell, name, range, scale};
use crate::grounding::{At, Format};

/// Pairs that are shown: all of ten sets.
const MOST: usize = 45;

pub(in super::super) fn write(subject: &Subject<'_>, draft: &mut Draft) {
    for (i, result) in subject.of(Method::Comparative).iter().enumerate() {
        let sets = result.field("sets").items();
        if sets.is_empty() {
            continue;
        }
        draft.heading(say("Comparison of ").name(&result.field("metric")));
        omnibus(&result.field("omnibus"), draft);
        set_table(&sets, draft);
        let about = subject.about(&format!("comparison.{i}"));
        pairs(&about, result.field("pairs").items(), draft);
        ranking(&result.field("ranking").items(), draft);
    }
}

fn omnibus(omnibus: &At<'_>, draft: &mut Draft) {
    let (welch, kruskal) = (omnibus.field("welch_anova"), omnibus.field("kruskal"));
    if !welch.field("p").is_null() {
        let words = say("Over all sets: Welch ANOVA F = ")
            .number(&welch.field("f"), Format::G4)
            .say(", df = ")
            .number(&welch.field("df1"), Format::G4)
            .say(" and ")
            .number(&welch.field("df2"), Format::G4)
            .say(", p = ")
            .number(&welch.field("p"), Format::P)
            .say(", ω² = ")
            .number(&welch.field("omega_squared"), Format::G3);
        draft.paragraph(words.say("."));
    }
    if !kruskal.field("p").is_null() {
        let words = say("By ranks: Kruskal-Wallis H = ")
            .number(&kruskal.field("h"), Format::G4)
            .say(", df = ")
            .number(&kruskal.field("df"), Format::G4)
            .say(", p = ")
            .number(&kruskal.field("p"), Format::P)
            .say(", ε² = ")
            .number(&kruskal.field("epsilon_squared"), Format::G3);
        draft.paragraph(words.say("."));
    }
}

fn set_table(sets: &[At<'_>], draft: &mut Draft) {
    let heads = vec![
        words("Set"),
        numbers("n"),
        numbers("Mean"),
        numbers("Interval of the mean"),
        numbers("Standard deviation"),
        numbers("Median"),
        numbers("Lower quartile"),
        numbers("Upper quartile"),
    ];
    let format = scale(sets.iter().map(|set| set.field("std")));
    let row = |set: &At<'_>| {
        let n = set.field("n");
        let n = if n.is_null() { set.field("count") } else { n };
        let mut row =
            vec![name(&set.field("name")), cell(&n, Format::Int), cell(&set.field("mean"), format)];
        row.push(range(&set.path("ci/low"), &set.path("ci/high"), format));
        row.extend(["std", "median", "q25", "q75"].map(|field| cell(&set.field(field), format)));
        row
    };
    draft.table(say("The sets"), heads, sets.iter().map(row).collect());
}

fn pairs(about: &str, pairs: Vec<At<'_>>, draft: &mut Draft) {
    let (pairs, more) = draft.cut(&format!("{about}.pairs"), pairs, MOST);
    let heads = vec![
        words("Pair"),
        numbers("Difference of means"),
        numbers("Interval"),
        numbers("Hedges g"),
        numbers("Hodges-Lehmann shift"),
        numbers("Cliff δ"),
        numbers("p (Games-Howell)"),
        numbers("p (Dunn, Holm)"),
    ];
    let row = |pair: &At<'_>| {
        vec![
            name(&pair.field("a")).say(" − ").name(&pair.field("b")),
            cell(&pair.field("mean_difference"), Format::G4),
            range(&pair.path("ci/low"), &pair.path("ci/high"), Format::G4),
            cell(&pair.field("hedges_g"), Format::G3),
            cell(&pair.field("hodges_lehmann"), Format::G4),
            cell(&pair.field("cliffs_delta"), Format::G3),
            cell(&pair.field("p_games_howell"), Format::P),
            cell(&pair.field("p_dunn_holm"), Format::P),
        ]
    };
    draft.table(say("Pair by pair"), heads, pairs.iter().map(row).collect());
    draft.blocks.extend(more.map(Block::Paragraph));
}

fn ranking(ranking: &[At<'_>], draft: &mut Draft) {
    let heads = vec![words("Set"), numbers("Rank"), numbers("Mean"), words("Not told apart from")];
    let row = |one: &At<'_>| {
        let tied: Words = say("").names(&one.field("tied_with").items());
        vec![
            name(&one.field("name")),
            cell(&one.field("rank"), Format::Int),
            cell(&one.field("mean"), Format::G4),
            tied,
        ]
    };
    draft.table(say("Ranking by mean"), heads, ranking.iter().map(row).collect());
}
