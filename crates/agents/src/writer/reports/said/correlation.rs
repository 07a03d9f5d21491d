//! What two columns have to do with each other, in one sentence.

use super::super::document::{Words, say};
use crate::grounding::{At, Format};

/// The usual level where a program was not given one.
const ALPHA: f64 = 0.05;

/// Whether the pair counts as found.
pub(in super::super) fn found(pair: &At<'_>) -> bool {
    p(pair).number().is_some_and(|p| p < ALPHA)
}

/// The sentence, ending with a full stop. Only for pairs that were [`found`].
pub(in super::super) fn sentence(pair: &At<'_>) -> Words {
    let rho = pair.field("rho");
    let down = rho.number().is_some_and(|rho| rho < 0.0);
    say("Where ")
        .name(&pair.field("a"))
        .say(" is higher, ")
        .name(&pair.field("b"))
        .say(if down { " tends to be lower" } else { " tends to be higher" })
        .say(" (Spearman ρ = ")
        .number(&rho, Format::G3)
        .say(", p = ")
        .number(&p(pair), Format::P)
        .say(if pair.field("p_adjusted").is_null() {
            ""
        } else {
            " adjusted for the number of pairs"
        })
        .say("). This is an association, not a cause.")
}

fn p<'a>(pair: &At<'a>) -> At<'a> {
    let adjusted = pair.field("p_adjusted");
    if adjusted.is_null() { pair.field("p") } else { adjusted }
}
