//! What the programs warned of, each warning once.

use super::super::document::{Block, Words, say};
use super::super::draft::Draft;
use super::super::subject::Subject;
use crate::grounding::At;

/// Warnings that are listed.
const MOST: usize = 60;

pub(in super::super) fn write(subjects: &[Subject<'_>], draft: &mut Draft) {
    let mut kept: Vec<At<'_>> = Vec::new();
    for (_, answer) in subjects.iter().flat_map(Subject::whole) {
        for warning in answer.field("warnings").items() {
            let told =
                kept.iter().any(|known| known.field("text").value == warning.field("text").value);
            if !told && !warning.field("text").text().is_empty() {
                kept.push(warning);
            }
        }
    }
    if kept.is_empty() {
        return;
    }
    draft.heading(say("Warnings"));
    let (warnings, more) = draft.cut("warnings", kept, MOST);
    let line = |warning: &At<'_>| -> Words { say("").quote(&warning.field("text")) };
    draft.bullets(warnings.iter().map(line).collect());
    draft.blocks.extend(more.map(Block::Paragraph));
}
