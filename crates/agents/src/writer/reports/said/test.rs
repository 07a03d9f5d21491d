//! What a statistical test says, in one sentence.

use std::cmp::Ordering;

use super::super::document::{Words, say};
use super::{effect, interval_of, statistic, test_name};
use crate::grounding::{At, Format};

/// What a test asks, as far as the sentence differs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// Means or levels of groups.
    Groups {
        means: bool,
    },
    /// The same rows measured twice or more.
    Repeated,
    /// One sample against a value.
    Against,
    /// Two columns together.
    Together,
    Normality,
    Spread,
    /// Shares of categories.
    Shares,
    Unknown,
}

/// The sentence, ending with a full stop.
pub(in super::super) fn sentence(test: &At<'_>) -> Words {
    let (p, reject) = (test.field("p"), test.field("reject"));
    if p.is_null() {
        return say("The ")
            .then(test_name(&test.field("test")))
            .say(" of ")
            .then(about(test))
            .say(" could not be computed.");
    }
    let found = reject.yes();
    let words = if found { say("") } else { say("There is no evidence that ") };
    words.then(claim(test, found)).say(" (").then(evidence(test)).say(").")
}

/// What was tested: columns, and the column of groups.
pub(in super::super) fn about(test: &At<'_>) -> Words {
    let words = say("").names(&test.field("columns").items());
    let group = test.field("group");
    if group.is_null() { words } else { words.say(" by ").name(&group) }
}

/// `Welch ANOVA: F = 594, df = 2 and 199, p = 4.1e−88; ω² = 0.77, large`
pub(in super::super) fn evidence(test: &At<'_>) -> Words {
    let mut words = test_name(&test.field("test")).say(": ");
    let value = test.path("statistic/value");
    if !value.is_null() {
        let name = statistic(&test.path("statistic/name"));
        words = words.then(name).say(" = ").number(&value, Format::G4).say(", ");
    }
    if let Some(df) = df(test) {
        words = words.say("df = ").then(df).say(", ");
    }
    words = words.say("p = ").number(&test.field("p"), Format::P);
    let size = test.field("effect");
    if !size.field("value").is_null() {
        let value = size.field("value");
        words =
            words.say("; ").then(effect(&size.field("name"))).say(" = ").number(&value, Format::G3);
        if let Some(ci) = interval_of(&size.field("ci")) {
            words = words.say(", ").then(ci);
        }
        if !size.field("magnitude").is_null() {
            words = words.say(", ").quote(&size.field("magnitude"));
        }
    }
    words
}

/// Degrees of freedom, one or two.
pub(in super::super) fn df(test: &At<'_>) -> Option<Words> {
    let df = test.field("df");
    let parts = if df.value.is_array() { df.items() } else { vec![df.clone()] };
    let mut words: Option<Words> = None;
    for part in parts.iter().filter(|part| !part.is_null()) {
        let one = say("").number(part, Format::G4);
        words = Some(words.map_or(one.clone(), |words| words.say(" and ").then(one)));
    }
    words
}

fn claim(test: &At<'_>, found: bool) -> Words {
    let (columns, group) = (test.field("columns").items(), test.field("group"));
    let named = || say("").names(&columns);
    let by = |words: Words| {
        if group.is_null() { words } else { words.say(" between the groups of ").name(&group) }
    };
    match asks(test) {
        Asks::Groups { means } => {
            let what = match (means, found) {
                (true, true) => say("The mean of "),
                (true, false) => say("the mean of "),
                (false, _) => Words::default(),
            };
            let differs = by(what.then(named()).say(" differs"));
            let center = if means { "mean" } else { "median" };
            if found { differs.then(extremes(test, center)) } else { differs }
        }
        Asks::Repeated => named().say(" differ from each other"),
        Asks::Against => named().say(" differs from the value that it was tested against"),
        Asks::Together => named()
            .say(if columns.len() > 1 {
                " go together"
            } else if group.is_null() {
                " goes together with the other column"
            } else {
                " goes together with the groups of "
            })
            .then(if columns.len() > 1 || group.is_null() {
                Words::default()
            } else {
                say("").name(&group)
            }),
        Asks::Normality => named().say(" departs from a normal distribution"),
        Asks::Spread => by(say(if found { "The spread of " } else { "the spread of " })
            .then(named())
            .say(" differs")),
        Asks::Shares => say(if found { "The shares in " } else { "the shares in " })
            .then(named())
            .say(" differ from what was expected"),
        Asks::Unknown => {
            say(if found { "The null hypothesis about " } else { "the null hypothesis about " })
                .then(about(test))
                .say(" does not hold")
        }
    }
}

/// Which group has the highest mean, or median, and which the lowest.
fn extremes(test: &At<'_>, center: &'static str) -> Words {
    let by = |a: &At<'_>, b: &At<'_>| {
        let value = |at: &At<'_>| at.field(center).number();
        value(a).partial_cmp(&value(b)).unwrap_or(Ordering::Equal)
    };
    let mut groups = test.field("groups").items();
    groups.retain(|group| group.field(center).number().is_some());
    let (Some(high), Some(low)) =
        (groups.iter().max_by(|a, b| by(a, b)), groups.iter().min_by(|a, b| by(a, b)))
    else {
        return Words::default();
    };
    if high.pointer == low.pointer {
        return Words::default();
    }
    let named = |at: &At<'_>| {
        let words = say("").name(&at.field("value")).say(" (").say(center).say(" ");
        words.number(&at.field(center), Format::G4).say(")")
    };
    say(", highest in ").then(named(high)).say(", lowest in ").then(named(low))
}

fn asks(test: &At<'_>) -> Asks {
    let id = test.field("test").text();
    let has = |words: &[&str]| words.iter().any(|word| id.contains(word));
    let single = test.field("group").is_null() && test.field("columns").items().len() == 1;
    if has(&["shapiro", "anderson", "normal"]) {
        Asks::Normality
    } else if has(&["levene", "bartlett"]) {
        Asks::Spread
    } else if has(&["pearson", "spearman", "kendall"]) {
        Asks::Together
    } else if has(&["goodness", "binomial", "proportion"]) {
        Asks::Shares
    } else if has(&["chi", "fisher"]) {
        Asks::Together
    } else if single {
        Asks::Against
    } else if has(&["paired", "wilcoxon", "sign", "friedman", "mcnemar"]) {
        Asks::Repeated
    } else if has(&["t_test", "anova", "permutation"]) {
        Asks::Groups { means: true }
    } else if has(&["mann", "kruskal", "ks"]) {
        Asks::Groups { means: false }
    } else {
        Asks::Unknown
    }
}
