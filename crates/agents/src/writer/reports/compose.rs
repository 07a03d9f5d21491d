//! From arguments to files.

use serde_json::{Map, Value, json};

use super::document::{Block, Document, html, markdown, say};
use super::draft::Draft;
use super::pictures::Pictures;
use super::subject::{Subject, subjects};
use super::{Files, NotDone, ReportFormat, ReportsArgs, ReportsOutput, Section, results, sections};
use crate::grounding::{At, Format, Reference, Results};

/// What is to be kept.
pub(super) struct Report {
    pub(super) output: ReportsOutput,
    pub(super) files: [(&'static str, Vec<u8>); 3],
}

const MARKDOWN: &str = "report.md";
const HTML: &str = "report.html";
const RESULTS: &str = "results.json";

/// Path of the form that comes first.
pub(super) const fn main(format: ReportFormat) -> &'static str {
    match format {
        ReportFormat::Markdown => MARKDOWN,
        ReportFormat::Html => HTML,
    }
}

/// Writes the report. Any JSON may stand in the data: what is not there is not said.
pub(super) fn compose(args: ReportsArgs, pictures: &Pictures) -> Report {
    let not_done = not_done(&args);
    let (draft, findings) = draft(&args, &not_done, pictures);
    let own = Value::Object(draft.own);
    let results_json = results::document(&own, &args.data);
    let mut answers = args.data;
    answers.insert(String::new(), own);
    let title = Reference { step: String::new(), pointer: "/title".into(), format: Format::Text };
    let place = |(step, svg): &(String, String)| sections::link(pictures, step, svg, svg);
    let embedded = pictures.iter().map(|(key, bytes)| (place(key), bytes.as_slice())).collect();
    let document = Document {
        title: say("").value(title),
        blocks: draft.blocks,
        results: Results(answers),
        pictures: embedded,
    };
    let written = markdown::write(&document);
    let output = ReportsOutput {
        title: args.title,
        outline: outline(&document),
        word_count: written
            .split_whitespace()
            .filter(|word| word.contains(char::is_alphanumeric))
            .count(),
        summary: findings.iter().map(|finding| markdown::plain(&document, finding)).collect(),
        not_done,
        grounding: document.grounding(),
        files: Files { markdown: MARKDOWN.into(), html: HTML.into(), results: RESULTS.into() },
    };
    let html = html::write(&document).into_bytes();
    let results = format!("{results_json:#}\n").into_bytes();
    Report { output, files: [(MARKDOWN, written.into_bytes()), (HTML, html), (RESULTS, results)] }
}

fn draft(
    args: &ReportsArgs,
    not_done: &[NotDone],
    pictures: &Pictures,
) -> (Draft, Vec<super::document::Words>) {
    let own = json!({
        "title": args.title,
        "question": args.question,
        "product": { "name": "iTechSmart Ninja", "version": env!("CARGO_PKG_VERSION") },
        "not_done": not_done,
        "derived": {},
    });
    let said = own.clone();
    let mut draft = Draft::new(own.as_object().cloned().unwrap_or_else(Map::new));
    let said = At::whole("", &said);
    let subjects = subjects(&args.data);
    let wanted = |section| args.sections.as_ref().is_none_or(|list| list.contains(&section));
    let findings = sections::summary::findings(&subjects, &said, &mut draft);
    if wanted(Section::Summary) {
        sections::summary::write(&findings, &said, &mut draft);
    }
    sections::not_done::write(&said, &subjects, &mut draft);
    for subject in &subjects {
        one(subject, pictures, &wanted, &mut draft);
    }
    draft.level = 2;
    if wanted(Section::Warnings) {
        sections::warnings::write(&subjects, &mut draft);
    }
    if wanted(Section::Methods) {
        sections::methods::write(&subjects, &said, &mut draft);
    }
    (draft, findings)
}

/// Writes one section about one table, if there is something to say.
type Write = fn(&Subject<'_>, &mut Draft);

/// Everything about one table. Further ones are a chapter each.
fn one(
    subject: &Subject<'_>,
    pictures: &Pictures,
    wanted: &dyn Fn(Section) -> bool,
    draft: &mut Draft,
) {
    draft.level = 2;
    if subject.number > 1 {
        draft.heading(match subject.file() {
            Some(file) => say("Further table: ").name(&file.field("name")),
            None => say("Further table"),
        });
        draft.level = 3;
    }
    let parts: [(Section, Write); 7] = [
        (Section::Overview, sections::overview::write),
        (Section::Cleaning, sections::cleaning::write),
        (Section::Descriptive, sections::descriptive::write),
        (Section::Tests, sections::tests::write),
        (Section::Correlations, sections::correlations::write),
        (Section::Trend, sections::trend::write),
        (Section::Comparison, sections::comparison::write),
    ];
    for (section, write) in parts {
        if section == Section::Descriptive && wanted(Section::Charts) {
            sections::charts::write(subject, pictures, draft);
        }
        if wanted(section) {
            write(subject, draft);
        }
    }
}

/// What the plan left out, and every step that was planned and has no answer.
fn not_done(args: &ReportsArgs) -> Vec<NotDone> {
    let mut all = args.not_done.clone();
    for (key, _) in args.data.iter().filter(|(_, answer)| !answer.is_object()) {
        if !args.not_done.iter().any(|known| known.what == *key) {
            let text = "This step did not complete; the task's steps say why.".to_owned();
            all.push(NotDone { what: key.clone(), code: "step_not_completed".to_owned(), text });
        }
    }
    all
}

fn outline(document: &Document<'_>) -> Vec<String> {
    let heading = |block: &Block| match block {
        Block::Heading { words, .. } => Some(markdown::plain(document, words)),
        _ => None,
    };
    document.blocks.iter().filter_map(heading).collect()
}
