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

/// Where a file beside the picture `svg` of a step lies as seen from the report, in the archive of all files of the task:
/// what several steps made under one path stands there in folders named after the steps.
pub(in super::super) fn link(pictures: &Pictures, step: &str, svg: &str, file: &str) -> String {
    let makers = pictures.keys().filter(|(_, path)| path == svg).count();
    if makers > 1 { format!("{step}/{file}") } else { file.to_owned() }
}

fn figure(answer: &At<'_>, chart: &At<'_>, pictures: &Pictures) -> Figure {
    let svg = path(&chart.field("svg"))
        .filter(|svg| pictures.contains_key(&(answer.step.to_owned(), (*svg).to_owned())));
    let beside = |(name, field): (&'static str, &str)| {
        let file = path(&chart.field(field))?.to_owned();
        Some((name, link(pictures, answer.step, svg?, &file)))
    };
    Figure {
        caption: say("").quote(&chart.field("title")).say("."),
        alt: alt(answer, chart),
        links: [("PNG", "png"), ("Table (CSV)", "table")].into_iter().filter_map(beside).collect(),
        picture: svg.map(|svg| link(pictures, answer.step, svg, svg)),
    }
}

fn alt(answer: &At<'_>, chart: &At<'_>) -> Words {
    match chart.field("alt_refs").text() {
        "" => say("Chart: ").quote(&chart.field("title")),
        text => given(text, answer.step),
    }
}
