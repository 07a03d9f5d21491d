//! A report from what the Analyst computed: `report.md`, `report.html` and `results.json`, without a model.
//!
//! `subject.rs` sorts the answers by table and method, `sections/` turn them into blocks of a document, one file per
//! section, `said/` has the sentences, `document/` writes the blocks down. docs/reports.md shows the whole shape.

mod compose;
mod document;
mod draft;
mod pictures;
mod results;
mod said;
mod sections;
mod subject;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use async_trait::async_trait;
use ninja_tools::{SaveArtifact, Tool};
use ninja_types::Effect;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::StepError;
use crate::capability::{Capability, Needs, Spec};
use crate::context::StepContext;
use crate::contract::{Check, Contract};
use crate::grounding::Grounding;
use crate::schema::Fault;

/// Writes a report of what other steps computed.
pub(crate) struct Reports;

/// What was computed, and what the report is called.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportsArgs {
    /// Heading of the report.
    #[schemars(length(min = 1, max = 200))]
    title: String,
    /// What was asked, in words; quoted, not answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20_000))]
    question: Option<String>,
    /// What the Analyst's steps answered, by a key for each. Keys that end in `_2`, `_3`, … are about further tables.
    /// `null`: that step was planned and did not complete.
    #[schemars(length(max = 50))]
    data: BTreeMap<String, Value>,
    /// The sections to write, always in this order. Left out: all that have something to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 20))]
    sections: Option<Vec<Section>>,
    /// What was asked and could not be planned.
    #[serde(default)]
    #[schemars(length(max = 50))]
    not_done: Vec<NotDone>,
    /// Which form comes first.
    #[serde(default)]
    report_format: ReportFormat,
}

/// Which form of the report comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ReportFormat {
    /// `report.md`.
    #[default]
    Markdown,
    /// `report.html`.
    Html,
}

/// A part of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Section {
    /// The most important findings.
    Summary,
    /// Rows, columns, kinds, missing values, the file.
    Overview,
    /// What was cleaned.
    Cleaning,
    /// Figures.
    Charts,
    /// Every column in numbers, and every group.
    Descriptive,
    /// Statistical tests.
    Tests,
    /// What goes together.
    Correlations,
    /// Change over time.
    Trend,
    /// Datasets side by side.
    Comparison,
    /// What the programs warned of.
    Warnings,
    /// How it was computed.
    Methods,
}

/// Something that was asked and not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotDone {
    /// Key of the step, or a name for what is missing.
    #[schemars(length(min = 1, max = 200))]
    what: String,
    /// Stable: `no_model`, `step_failed`, ….
    #[schemars(length(min = 1, max = 100))]
    code: String,
    /// Why, in a sentence.
    #[serde(default)]
    #[schemars(length(max = 2_000))]
    text: String,
}

/// What was written.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ReportsOutput {
    /// As given.
    title: String,
    /// The headings.
    outline: Vec<String>,
    /// Words of the report.
    word_count: usize,
    /// The findings, a sentence each.
    summary: Vec<String>,
    /// What was asked and not done.
    not_done: Vec<NotDone>,
    /// Whether every number stands in a result.
    grounding: Grounding,
    /// The artifacts.
    files: Files,
}

/// Paths of what was written.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Files {
    /// Markdown.
    markdown: String,
    /// One page that needs nothing else.
    html: String,
    /// Every number at full precision.
    results: String,
}

#[async_trait]
impl Capability for Reports {
    type Args = ReportsArgs;
    type Output = ReportsOutput;
    const SPEC: Spec = Spec {
        name: "reports",
        description: "Writes a report in which every number is one that a step computed.",
        effect: Effect::Idempotent,
        example: || json!({ "title": "Sales", "data": { "describe": example() } }),
        ..Spec::PLAIN
    };

    fn needs(&self, _args: &Value) -> Result<Needs, Vec<Fault>> {
        Ok(Needs::default())
    }

    async fn run(
        &self,
        args: ReportsArgs,
        context: &mut StepContext<'_>,
    ) -> Result<ReportsOutput, StepError> {
        let pictures = pictures::gather(&args.data, context).await?;
        let main = compose::main(args.report_format);
        let report = compose::compose(args, &pictures);
        for (path, bytes) in report.files {
            context.save(path, bytes, path == main).await?;
        }
        Ok(report.output)
    }

    fn contract(&self) -> Contract {
        let saved = Check::CallRecorded { tool: SaveArtifact::SPEC.name };
        Contract { checks: vec![saved, Check::SchemaValid, Check::NumbersHold] }
    }

    fn summary(&self, output: &ReportsOutput) -> String {
        let first: Vec<_> = output.summary.iter().take(2).map(String::as_str).collect();
        let missing = if output.not_done.is_empty() { "" } else { " Not everything was done." };
        format!("The report is written. {}{missing}", first.join(" "))
    }
}

fn example() -> Value {
    json!({
        "method": "descriptive_statistics",
        "result": { "columns": [{ "name": "sales", "kind": "numeric", "count": 4, "missing": 0, "mean": 111.25 }] },
    })
}
