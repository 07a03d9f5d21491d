use ninja_types::Usd;

use crate::answer::Charge;
use crate::outside::{Budget, Granted, Refused, WorstCase};
use crate::route::Candidate;

/// What one call may still spend: granted by the budget, used up by attempts that broke.
#[derive(Debug)]
pub(crate) struct Purse {
    /// Tokens of the request, with a margin: estimates err.
    input: u64,
    /// Tokens of an answer that the caller asks for.
    asked: u32,
    granted: Granted,
    spent: Granted,
    /// Of what is spent, what the budget was not asked for yet.
    owed: Granted,
}

impl Purse {
    /// With nothing in it yet, for a request of `input` tokens and an answer of `asked`.
    pub(crate) fn new(input: u64, asked: u32) -> Self {
        let nothing = Granted::default();
        let input = input.saturating_add(input / 5);
        Self { input, asked, granted: nothing, spent: nothing, owed: nothing }
    }

    /// Reserves for the dearest of `candidates`, or for as much of an answer as the budget has left.
    pub(crate) async fn reserve(
        &mut self,
        budget: &dyn Budget,
        candidates: &[&Candidate<'_>],
    ) -> Result<(), Refused> {
        let mut worst: Option<WorstCase> = None;
        for candidate in candidates {
            let one = WorstCase { most: self.most(candidate), least: self.least(candidate) };
            worst = Some(worst.map_or(one, |so_far| WorstCase {
                most: larger(so_far.most, one.most),
                least: smaller(so_far.least, one.least),
            }));
        }
        if let Some(worst) = worst {
            self.granted = budget.reserve(&worst).await?;
        }
        Ok(())
    }

    /// Tokens that an answer of `candidate` may have. Asks the budget for more where broken attempts used it up, or
    /// where this candidate is dearer than the others.
    pub(crate) async fn room(
        &mut self,
        budget: &dyn Budget,
        candidate: &Candidate<'_>,
    ) -> Result<u32, Refused> {
        let missing = missing(self.least(candidate), self.left());
        let most = larger(self.owed, missing);
        if most != Granted::default() {
            let more = budget.extend(&WorstCase { most, least: missing }).await?;
            self.granted = sum(self.granted, more);
            self.owed = Granted::default();
        }
        let (money, tokens) = self.left();
        let money = candidate.price.longest(self.input, Usd::from_micros(money.max(0)));
        let tokens = u64::try_from(tokens).unwrap_or(0).saturating_sub(self.input);
        let room = u32::try_from(money.min(tokens)).unwrap_or(u32::MAX);
        Ok(room.clamp(candidate.shortest(self.asked), candidate.longest(self.asked)))
    }

    /// An attempt broke that must be paid for.
    pub(crate) fn pay(&mut self, charge: &Charge) {
        let tokens = charge.tokens.input.saturating_add(charge.tokens.output);
        let paid = Granted { cost: charge.cost, tokens };
        self.spent = sum(self.spent, paid);
        self.owed = sum(self.owed, paid);
    }

    fn most(&self, candidate: &Candidate<'_>) -> Granted {
        self.worst(candidate, candidate.longest(self.asked))
    }

    fn least(&self, candidate: &Candidate<'_>) -> Granted {
        self.worst(candidate, candidate.shortest(self.asked))
    }

    fn worst(&self, candidate: &Candidate<'_>, output: u32) -> Granted {
        let output = u64::from(output);
        let cost = candidate.price.worst(self.input, output);
        Granted { cost, tokens: self.input.saturating_add(output) }
    }

    /// Micro-dollars and tokens; below zero where an attempt cost more than it was thought to.
    fn left(&self) -> (i64, i64) {
        let signed = |tokens: u64| i64::try_from(tokens).unwrap_or(i64::MAX);
        (
            self.granted.cost.micros().saturating_sub(self.spent.cost.micros()),
            signed(self.granted.tokens).saturating_sub(signed(self.spent.tokens)),
        )
    }
}

fn missing(need: Granted, (money, tokens): (i64, i64)) -> Granted {
    let need_tokens = i64::try_from(need.tokens).unwrap_or(i64::MAX);
    Granted {
        cost: Usd::from_micros(need.cost.micros().saturating_sub(money).max(0)),
        tokens: u64::try_from(need_tokens.saturating_sub(tokens)).unwrap_or(0),
    }
}

fn larger(a: Granted, b: Granted) -> Granted {
    Granted { cost: a.cost.max(b.cost), tokens: a.tokens.max(b.tokens) }
}

fn smaller(a: Granted, b: Granted) -> Granted {
    Granted { cost: a.cost.min(b.cost), tokens: a.tokens.min(b.tokens) }
}

fn sum(a: Granted, b: Granted) -> Granted {
    let cost = Usd::from_micros(a.cost.micros().saturating_add(b.cost.micros()));
    Granted { cost, tokens: a.tokens.saturating_add(b.tokens) }
}
