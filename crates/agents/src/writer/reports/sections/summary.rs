//! The three to six most important findings, chosen by rules: the table itself, then what tests found, trends and
//! associations, then the condition of the data. Everything is said again, with all its numbers, further down.

use super::super::document::{Block, Words, say};
use super::super::draft::Draft;
use super::super::said;
use super::super::subject::{Method, Subject};
use super::overview;
use crate::grounding::{At, Format};

/// Sentences of a summary.
const MOST: usize = 6;

/// The sentences, most important first.
pub(in super::super) fn findings(
    subjects: &[Subject<'_>],
    own: &At<'_>,
    draft: &mut Draft,
) -> Vec<Words> {
    let mut findings = Vec::new();
    if let Some(first) = own.field("not_done").items().first() {
        let words = say("Not everything that was asked is here: ").name(&first.field("what"));
        let why = first.field("text");
        findings.push(if why.text().is_empty() {
            words.say(".")
        } else {
            words.say(". ").quote(&why)
        });
    }
    let Some(main) = subjects.first() else { return findings };
    findings.extend(table(main, draft));
    findings.extend(tests(main));
    findings.extend(trends(main));
    findings.extend(correlation(main));
    findings.extend(comparison(main));
    findings.extend(condition(main));
    findings.truncate(MOST);
    findings
}

/// Writes them down.
pub(in super::super) fn write(findings: &[Words], own: &At<'_>, draft: &mut Draft) {
    let question = own.field("question");
    if findings.is_empty() && question.is_null() {
        return;
    }
    draft.heading(say("Summary"));
    if !question.text().is_empty() {
        draft.blocks.push(Block::Aside(say("Asked: ").quote(&question)));
    }
    draft.bullets(findings.to_vec());
}

fn table(subject: &Subject<'_>, draft: &mut Draft) -> Option<Words> {
    let rows = overview::rows(subject)?;
    let words = match subject.file() {
        Some(file) => say("The table ").name(&file.field("name")),
        None => say("The table"),
    };
    let words = words.say(" has ").number(&rows, Format::Int).say(if rows.number() == Some(1.0) {
        " row"
    } else {
        " rows"
    });
    let words = match subject.columns().len() {
        0 => words,
        count => {
            let width = overview::width(subject, draft);
            words.say(" and ").value(width).say(if count == 1 { " column" } else { " columns" })
        }
    };
    Some(match overview::missing(subject, draft) {
        Some((0, _)) => words.say("; no value is missing."),
        Some((1, one)) => words.say("; ").value(one).say(" value is missing."),
        Some((_, many)) => words.say("; ").value(many).say(" values are missing."),
        None => words.say("."),
    })
}

/// The strongest two differences that tests found, one test per question, and one that there is no evidence of.
fn tests(subject: &Subject<'_>) -> Vec<Words> {
    let mut all: Vec<_> = subject
        .of(Method::Testing)
        .iter()
        .flat_map(|result| result.field("tests").items())
        .collect();
    all.retain(|test| !test.field("p").is_null());
    let mut asked: Vec<At<'_>> = Vec::new();
    for test in &all {
        if !asked.iter().any(|known| same_question(known, test)) {
            asked.push(test.clone());
        }
    }
    let (mut found, none): (Vec<_>, Vec<_>) =
        asked.into_iter().partition(|test| test.field("reject").yes());
    // Measures of effect have scales of their own; their words are comparable, p orders within a word.
    let rank = |test: &At<'_>| {
        let size = match test.path("effect/magnitude").text() {
            "large" => 0,
            "medium" => 1,
            "small" => 2,
            _ => 3,
        };
        (size, test.field("p").number().unwrap_or(1.0))
    };
    found.sort_by(|a, b| rank(a).partial_cmp(&rank(b)).unwrap_or(std::cmp::Ordering::Equal));
    found.iter().take(2).chain(none.first()).map(|test| with_objection(test, &all)).collect()
}

fn same_question(a: &At<'_>, b: &At<'_>) -> bool {
    ["columns", "group"].iter().all(|field| a.field(field).value == b.field(field).value)
}

/// The sentence; and if another test of the same question decides otherwise, that it does.
fn with_objection(test: &At<'_>, all: &[At<'_>]) -> Words {
    let words = said::test::sentence(test);
    let other = all.iter().find(|other| {
        same_question(test, other) && other.field("reject").value != test.field("reject").value
    });
    match other {
        Some(other) => words
            .say(" Another test decides otherwise (")
            .then(said::test::evidence(other))
            .say(")."),
        None => words,
    }
}

fn trends(subject: &Subject<'_>) -> Vec<Words> {
    let all = subject.of(Method::Trend);
    let mut series: Vec<_> = all.iter().flat_map(|result| result.field("series").items()).collect();
    let strength =
        |one: &At<'_>| -one.path("mann_kendall/tau_b").number().unwrap_or_default().abs();
    series.sort_by(|a, b| strength(a).total_cmp(&strength(b)));
    series
        .iter()
        .filter(|one| !one.path("mann_kendall/p").is_null())
        .take(1)
        .map(said::trend::sentence)
        .collect()
}

fn correlation(subject: &Subject<'_>) -> Option<Words> {
    let explored = subject.of(Method::Exploratory);
    let pairs: Vec<_> =
        explored.iter().flat_map(|result| result.field("correlations").items()).collect();
    match pairs.iter().find(|pair| said::correlation::found(pair)) {
        Some(pair) => Some(said::correlation::sentence(pair)),
        None if pairs.is_empty() => None,
        None => {
            Some(say("There is no evidence that any two numeric columns rise or fall together."))
        }
    }
}

fn comparison(subject: &Subject<'_>) -> Option<Words> {
    let result = subject.of(Method::Comparative).into_iter().next()?;
    let first = result.field("ranking").items().into_iter().next()?;
    let tied = first.field("tied_with").items();
    let words = say("The highest mean of ")
        .name(&result.field("metric"))
        .say(" is that of ")
        .name(&first.field("name"))
        .say(" (")
        .number(&first.field("mean"), Format::G4)
        .say(")");
    Some(if tied.is_empty() {
        words.say(".")
    } else {
        words.say("; there is no evidence that it differs from ").names(&tied).say(".")
    })
}

/// What a reader should know about the data before trusting the rest.
fn condition(subject: &Subject<'_>) -> Vec<Words> {
    let explored = subject.of(Method::Exploratory);
    let mut said = Vec::new();
    for result in &explored {
        for observation in result.field("observations").items() {
            let names = observation.field("columns").items();
            if names.is_empty() {
                continue;
            }
            let what = match observation.field("code").text() {
                "high_missing" => say("Many values are missing in "),
                "constant_column" => say("Only one value occurs in "),
                "near_duplicate_columns" => say("Nearly the same is said by "),
                "imbalanced_category" => say("One value outweighs the others in "),
                _ => continue,
            };
            said.push(what.names(&names).say("."));
        }
    }
    said
}
