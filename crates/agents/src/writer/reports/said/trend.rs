//! What a series does over time, in one sentence.

use super::super::document::{Words, say};
use super::interval;
use crate::grounding::{At, Format};

/// The sentence, ending with a full stop.
pub(in super::super) fn sentence(series: &At<'_>) -> Words {
    let (kendall, slope) = (series.field("mann_kendall"), series.field("theil_sen"));
    let name = series.field("value_column");
    let found = match series.field("direction").text() {
        "increasing" => " increases over time",
        "decreasing" => " decreases over time",
        _ => return none(&name, &kendall),
    };
    let mut words = say("").name(&name).say(found);
    let rate = slope_of(&slope);
    if !rate.is_null() {
        words = words.say(", by ").number(&rate, Format::G3);
        words = match slope.field("unit") {
            unit if unit.is_null() => words,
            unit if unit.text().starts_with("per ") => words.say(" ").quote(&unit),
            unit => words.say(" per ").quote(&unit),
        };
        words = words.say(" (Theil-Sen slope");
        if let Some(ci) = interval(&slope.field("level"), &slope.field("low"), &slope.field("high"))
        {
            words = words.say(", ").then(ci);
        }
        words = words.say(")");
    }
    words = words.say("; Mann-Kendall p = ").number(&kendall.field("p"), Format::P);
    if !kendall.field("tau_b").is_null() {
        words = words.say(", τ-b = ").number(&kendall.field("tau_b"), Format::G3);
    }
    let corrected = series.path("hamed_rao/p");
    if !corrected.is_null() {
        words = words.say(", corrected for autocorrelation p = ").number(&corrected, Format::P);
    }
    words.say(".")
}

/// The slope per unit of time.
pub(in super::super) fn slope_of<'a>(slope: &At<'a>) -> At<'a> {
    let plain = slope.field("slope");
    if plain.is_null() { slope.field("slope_per_day") } else { plain }
}

fn none(name: &At<'_>, kendall: &At<'_>) -> Words {
    let words = say("There is no evidence of a trend in ").name(name);
    if kendall.field("p").is_null() {
        return words.say(": the test could not be computed.");
    }
    words.say(" (Mann-Kendall p = ").number(&kendall.field("p"), Format::P).say(").")
}
