use ninja_types::Usd;

use crate::answer::{Attempt, Charge, Tokens};

/// One step from a model that failed to the next one: what `model.fallback` tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fallback {
    /// Who failed, as `provider/model`.
    pub from: String,
    /// Who was asked instead.
    pub to: String,
    /// How it failed.
    pub class: ninja_types::ModelErrorClass,
}

/// The steps from one model to another among `attempts`. To try the same one again is none.
pub fn fallbacks(attempts: &[Attempt]) -> Vec<Fallback> {
    let name = |attempt: &Attempt| format!("{}/{}", attempt.provider, attempt.model);
    let step = |pair: &[Attempt]| match pair {
        [from, to] if name(from) != name(to) => {
            Some(Fallback { from: name(from), to: name(to), class: from.class? })
        }
        _ => None,
    };
    attempts.windows(2).filter_map(step).collect()
}

/// What both cost; one estimate makes the sum an estimate.
pub(crate) fn sum(sum: Charge, one: &Charge) -> Charge {
    let (a, b) = (sum.tokens, one.tokens);
    let tokens = Tokens {
        input: a.input.saturating_add(b.input),
        cache_read: a.cache_read.saturating_add(b.cache_read),
        cache_write_5m: a.cache_write_5m.saturating_add(b.cache_write_5m),
        cache_write_1h: a.cache_write_1h.saturating_add(b.cache_write_1h),
        output: a.output.saturating_add(b.output),
        reasoning: a.reasoning.saturating_add(b.reasoning),
    };
    let cost = sum.cost.micros().saturating_add(one.cost.micros());
    Charge {
        tokens,
        cost: Usd::from_micros(cost),
        usage_estimated: sum.usage_estimated || one.usage_estimated,
        price_assumed: sum.price_assumed || one.price_assumed,
    }
}
