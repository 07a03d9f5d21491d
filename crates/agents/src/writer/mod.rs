//! The Writer: documents. What is here is written by rules from what other steps computed; prose needs a model.

mod reports;

pub(crate) use reports::Reports;
