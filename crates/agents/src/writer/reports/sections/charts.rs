//! The charts as figures.

use super::super::document::{Block, Figure, Words, given, say};
use super::super::draft::Draft;
use super::super::pictures::{Pictures, path};
use super::super::subject::Subject;
use crate::grounding::At;

pub(in super::super) fn write(subject: &Subject<'_>, pictures: &Pictures, draft: &mut Draft) {
    let charts = subject.charts();
    if charts.is_empty() {
        return;
    }
    draft.heading(say("Charts"));
    for (answer, chart) in charts {
        let figure = figure(&answer, &chart, pictures);
        draft.blocks.push(Block::Figure(figure));
    }
}

/// Where a file of a step lies as seen from the report, in the archive of all files of the task.
pub(in super::super) fn link(_step: &str, path: &str) -> String {
    path.to_owned()
}

fn figure(answer: &At<'_>, chart: &At<'_>, pictures: &Pictures) -> Figure {
    let at = |name: &str| path(&chart.field(name)).map(str::to_owned);
    let svg = at("svg").filter(|svg| pictures.contains_key(&(answer.step.to_owned(), svg.clone())));
    let links = [("PNG", at("png")), ("Table (CSV)", at("table"))];
    let links = links
        .into_iter()
        .filter_map(|(name, path)| path.map(|path| (name, link(answer.step, &path))));
    Figure {
        caption: say("").quote(&chart.field("title")).say("."),
        alt: alt(answer, chart),
        links: if svg.is_some() { links.collect() } else { Vec::new() },
        picture: svg.map(|path| link(answer.step, &path)),
    }
}

fn alt(answer: &At<'_>, chart: &At<'_>) -> Words {
    match chart.field("alt_refs").text() {
        "" => say("Chart: ").quote(&chart.field("title")),
        text => given(text, answer.step),
    }
}
