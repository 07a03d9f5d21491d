//! Change over time: direction, slope, seasons, breaks and single odd points.

use super::super::document::{Words, say};
use super::super::draft::{Draft, numbers, words};
use super::super::said;
use super::super::subject::{Method, Subject};
use super::{cell, name, range};
use crate::grounding::{At, Format};

/// Points of one series that are listed.
const MOST: usize = 20;

pub(in super::super) fn write(subject: &Subject<'_>, draft: &mut Draft) {
    for (i, result) in subject.of(Method::Trend).iter().enumerate() {
        let series = result.field("series").items();
        if series.is_empty() {
            continue;
        }
        draft.heading(say("Change over time"));
        let time = result.field("time_column");
        if !time.is_null() {
            draft.paragraph(say("Time is read from ").name(&time).say("."));
        }
        draft.bullets(series.iter().map(sentences).collect());
        slopes(&series, draft);
        fits(&series, draft);
        for (j, one) in series.iter().enumerate() {
            points(one, &subject.about(&format!("trend.{i}.{j}")), draft);
        }
    }
}

fn sentences(series: &At<'_>) -> Words {
    let mut words = said::trend::sentence(series);
    let season = series.field("stl");
    if !season.is_null() {
        words = words
            .say(" Of a season of ")
            .number(&season.field("period"), Format::Int)
            .say(" periods the strength is ")
            .number(&season.field("seasonal_strength"), Format::F3)
            .say(", of the trend ")
            .number(&season.field("trend_strength"), Format::F3)
            .say(" (none to full: zero to one).");
    }
    words
}

fn slopes(series: &[At<'_>], draft: &mut Draft) {
    let heads = vec![
        words("Column"),
        numbers("n"),
        numbers("Kendall τ-b"),
        numbers("Mann-Kendall p"),
        numbers("Hamed-Rao p"),
        numbers("Theil-Sen slope"),
        numbers("Interval"),
        words("Unit"),
    ];
    let row = |one: &At<'_>| {
        let slope = one.field("theil_sen");
        let corrected = one.path("hamed_rao/p");
        vec![
            name(&one.field("value_column")),
            cell(&one.field("n"), Format::Int),
            cell(&one.path("mann_kendall/tau_b"), Format::F3),
            cell(&one.path("mann_kendall/p"), Format::P),
            if corrected.is_null() { say("–") } else { cell(&corrected, Format::P) },
            cell(&said::trend::slope_of(&slope), Format::G4),
            range(&slope.field("low"), &slope.field("high"), Format::G4),
            if slope.field("unit").is_null() {
                Words::default()
            } else {
                say("").quote(&slope.field("unit"))
            },
        ]
    };
    draft.table(say("Monotone trend"), heads, series.iter().map(row).collect());
}

fn fits(series: &[At<'_>], draft: &mut Draft) {
    let fitted: Vec<_> = series.iter().filter(|one| !one.field("ols").is_null()).collect();
    let heads = vec![
        words("Column"),
        numbers("Slope"),
        numbers("Newey-West interval"),
        numbers("R²"),
        numbers("Lags"),
        numbers("Ljung-Box Q"),
        numbers("Ljung-Box p"),
    ];
    let row = |one: &&At<'_>| {
        let line = one.field("ols");
        vec![
            name(&one.field("value_column")),
            cell(&line.field("slope"), Format::G4),
            range(&line.field("low"), &line.field("high"), Format::G4),
            cell(&line.field("r2"), Format::F3),
            cell(&line.field("lags"), Format::Int),
            cell(&one.path("ljung_box/q"), Format::G4),
            cell(&one.path("ljung_box/p"), Format::P),
        ]
    };
    draft.table(
        say("Straight line, and what its residuals still remember"),
        heads,
        fitted.iter().map(row).collect(),
    );
}

fn points(series: &At<'_>, about: &str, draft: &mut Draft) {
    let (breaks, more) =
        draft.cut(&format!("{about}.change_points"), series.field("change_points").items(), MOST);
    let heads = vec![words("At"), numbers("Mean before"), numbers("Mean after"), numbers("p")];
    let row = |at: &At<'_>| {
        vec![
            cell(&at.field("at"), Format::Date),
            cell(&at.field("before_mean"), Format::G4),
            cell(&at.field("after_mean"), Format::G4),
            cell(&at.field("p"), Format::P),
        ]
    };
    let column = series.field("value_column");
    draft.table(say("Changes of level in ").name(&column), heads, breaks.iter().map(row).collect());
    draft.blocks.extend(more.map(super::super::document::Block::Paragraph));
    let (odd, more) =
        draft.cut(&format!("{about}.anomalies"), series.field("anomalies").items(), MOST);
    let heads = vec![words("At"), numbers("Value"), numbers("Expected"), numbers("Modified z")];
    let row = |at: &At<'_>| {
        vec![
            cell(&at.field("at"), Format::Date),
            cell(&at.field("value"), Format::G4),
            cell(&at.field("expected"), Format::G4),
            cell(&at.field("modified_z"), Format::F1),
        ]
    };
    draft.table(say("Unusual points in ").name(&column), heads, odd.iter().map(row).collect());
    draft.blocks.extend(more.map(super::super::document::Block::Paragraph));
}
