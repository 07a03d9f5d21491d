//! The statistical tests: a table, a sentence each, and what their assumptions came to.

use super::super::document::{Words, say};
use super::super::draft::{Draft, numbers, words};
use super::super::said;
use super::super::subject::{Method, Subject};
use super::cell;
use crate::grounding::{At, Format};

/// Tests that are shown.
const MOST: usize = 60;

pub(in super::super) fn write(subject: &Subject<'_>, draft: &mut Draft) {
    for (i, result) in subject.of(Method::Testing).iter().enumerate() {
        let tests = result.field("tests").items();
        if tests.is_empty() {
            continue;
        }
        draft.heading(say("Statistical tests"));
        introduce(&tests, draft, &subject.about(&format!("tests.{i}")));
        let (tests, more) = draft.cut(&subject.about(&format!("tests.{i}")), tests, MOST);
        draft.bullets(tests.iter().map(sentences).collect());
        table(&tests, draft);
        if let Some(more) = more {
            draft.paragraph(more);
        }
    }
}

fn introduce(tests: &[At<'_>], draft: &mut Draft, about: &str) {
    let rejected = tests.iter().filter(|test| test.field("reject").yes()).count();
    let (all, found) = (
        draft.counted(&format!("{about}.made"), tests.len()),
        draft.counted(&format!("{about}.rejected"), rejected),
    );
    let mut words =
        say("Tests made: ").value(all).say(". The null hypothesis is rejected in ").value(found);
    let alpha = tests.iter().map(|test| test.field("alpha")).find(|alpha| !alpha.is_null());
    if let Some(alpha) = alpha {
        words = words.say(", at α = ").number(&alpha, Format::G3);
    }
    words = words.say(".");
    if tests.len() > 1 {
        words = words.say(" The p values are not adjusted for the number of tests.");
    }
    draft.paragraph(words.say(" Where a null hypothesis is not rejected, that is no proof of it."));
}

/// The finding, then every assumption that failed.
fn sentences(test: &At<'_>) -> Words {
    let mut words = said::test::sentence(test);
    let broken: Vec<_> = test
        .field("assumptions")
        .items()
        .into_iter()
        .filter(|assumption| assumption.field("ok").value.as_bool() == Some(false))
        .collect();
    for (i, assumption) in broken.iter().take(3).enumerate() {
        words = words
            .say(if i == 0 { " Assumptions that do not hold: " } else { "; " })
            .then(failed(assumption));
    }
    if !broken.is_empty() {
        words = words.say(if broken.len() > 3 { " and more." } else { "." });
        let instead = test.field("alternative_suggested");
        if !instead.is_null() {
            words = words
                .say(" The test was made all the same; ")
                .then(said::test_name(&instead))
                .say(" needs less.");
        }
    }
    for warning in test.field("warnings").items() {
        words = words.say(" ").quote(&warning.field("text"));
    }
    words
}

/// `a normal distribution of mass in Adelie (Shapiro-Wilk p = 0.012)`
fn failed(assumption: &At<'_>) -> Words {
    let mut words = said::assumption(&assumption.field("name"));
    let (column, group) = (assumption.field("column"), assumption.field("group"));
    if !column.is_null() {
        words = words.say(" of ").name(&column);
    }
    if !group.is_null() {
        words = words.say(" in ").name(&group);
    }
    let p = assumption.field("p");
    if p.is_null() {
        return words;
    }
    words
        .say(" (")
        .then(said::test_name(&assumption.field("test")))
        .say(" p = ")
        .number(&p, Format::P)
        .say(")")
}

fn table(tests: &[At<'_>], draft: &mut Draft) {
    let heads = vec![
        words("Tested"),
        words("Test"),
        numbers("n"),
        numbers("Statistic"),
        numbers("df"),
        numbers("p"),
        words("Rejected"),
        words("Estimate"),
        words("Effect"),
    ];
    draft.table(say("All tests"), heads, tests.iter().map(row).collect());
}

fn row(test: &At<'_>) -> Vec<Words> {
    let reject = match test.field("reject").value.as_bool() {
        Some(true) => "yes",
        Some(false) => "no",
        None => "n/a",
    };
    vec![
        said::test::about(test),
        said::test_name(&test.field("test")),
        cell(&test.field("n"), Format::Int),
        said::statistic(&test.path("statistic/name"))
            .say(" = ")
            .number(&test.path("statistic/value"), Format::G4),
        said::test::df(test).unwrap_or_default(),
        cell(&test.field("p"), Format::P),
        say(reject),
        estimate(test),
        effect(&test.field("effect")),
    ]
}

fn estimate(test: &At<'_>) -> Words {
    let (value, ci) = (test.path("estimate/value"), said::interval_of(&test.field("ci")));
    match (value.is_null(), ci) {
        (true, None) => Words::default(),
        (true, Some(ci)) => ci,
        (false, None) => cell(&value, Format::G4),
        (false, Some(ci)) => cell(&value, Format::G4).say(", ").then(ci),
    }
}

fn effect(effect: &At<'_>) -> Words {
    if effect.is_null() {
        return Words::default();
    }
    let words =
        said::effect(&effect.field("name")).say(" = ").number(&effect.field("value"), Format::G3);
    if effect.field("magnitude").is_null() {
        words
    } else {
        words.say(", ").quote(&effect.field("magnitude"))
    }
}
