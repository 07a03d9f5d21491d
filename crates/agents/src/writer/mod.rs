//! The Writer: documents. Reports are written by rules from what other steps computed, answers by a model.

mod answer;
mod reports;

pub(crate) use answer::Answer;
pub(crate) use reports::Reports;
