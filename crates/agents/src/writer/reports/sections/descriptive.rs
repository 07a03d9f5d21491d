//! Every column in numbers, then every group.

use super::super::document::say;
use super::super::draft::Draft;
use super::super::subject::{Method, Subject};
use super::{columns, groups};

pub(in super::super) fn write(subject: &Subject<'_>, draft: &mut Draft) {
    let described = subject.of(Method::Descriptive);
    let grouped: Vec<_> =
        described.iter().filter(|result| !result.field("groups").items().is_empty()).collect();
    let columns = subject.columns();
    let told = columns
        .iter()
        .any(|column| !column.field("mean").is_null() || !column.field("top").is_null());
    if !told && grouped.is_empty() {
        return;
    }
    draft.heading(say("Descriptive statistics"));
    columns::write(subject, &columns, draft);
    for result in grouped {
        groups::write(subject, result, draft);
    }
}
