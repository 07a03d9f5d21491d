//! What was asked and is not in the report. It comes before the results, so that nobody takes a part for the whole.

use super::super::document::{Words, say};
use super::super::draft::Draft;
use super::super::subject::{Method, Subject};
use crate::grounding::At;

/// Most entries that are listed.
const MOST: usize = 30;

pub(in super::super) fn write(own: &At<'_>, subjects: &[Subject<'_>], draft: &mut Draft) {
    let mut items: Vec<Words> = own.field("not_done").items().iter().map(missing).collect();
    let skipped = subjects.iter().flat_map(|subject| subject.of(Method::Testing));
    items
        .extend(skipped.flat_map(|result| result.field("skipped").items()).map(|test| skip(&test)));
    if items.is_empty() {
        return;
    }
    draft.heading(say("What was not done"));
    let (items, more) = draft.cut("not_done", items, MOST);
    draft.bullets(items);
    if let Some(more) = more {
        draft.paragraph(more);
    }
}

fn missing(one: &At<'_>) -> Words {
    let words = say("").name(&one.field("what")).say(" (").quote(&one.field("code")).say(")");
    if one.field("text").text().is_empty() {
        words.say(".")
    } else {
        words.say(": ").quote(&one.field("text"))
    }
}

fn skip(test: &At<'_>) -> Words {
    say("The test ")
        .quote(&test.field("test"))
        .say(" of ")
        .then(super::super::said::test::about(test))
        .say(" was skipped: ")
        .quote(&test.field("text"))
}
