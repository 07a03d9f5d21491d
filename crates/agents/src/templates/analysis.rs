//! `analysis`: a table becomes a report. The parameters decide the plan; what the data decide is decided in the steps.

use ninja_types::{FailureCode, FileId, NotDone, PlanSource};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::chain::Chain;
use crate::analyst::{CLEANED, NamedTest};
use crate::data::DataArg;
use crate::plan::{Plan, PlanErrors, PlanFile};
use crate::planner::TaskSpec;
use crate::schema::{self, Fault};

/// Parameters of a task of type `analysis`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnalysisParameters {
    /// Ids of your uploaded files, at least one of them a table: csv, tsv, json, jsonl or xlsx.
    #[serde(default)]
    #[schemars(length(max = 50), with = "Vec<uuid::Uuid>")]
    files: Vec<FileId>,
    /// What is asked of the data.
    #[serde(default)]
    analysis_type: AnalysisType,
    /// The question in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20_000))]
    question: Option<String>,
    /// Columns to look at. Left out: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    columns: Option<Vec<String>>,
    /// Column to explain or predict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1_000))]
    target_column: Option<String>,
    /// Column that holds the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1_000))]
    time_column: Option<String>,
    /// Column that holds the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1_000))]
    group_by: Option<String>,
    /// Whether charts are drawn.
    #[serde(default = "yes")]
    create_visualizations: bool,
    /// Statistical tests to make. Left out: those that the groups call for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 100))]
    tests: Option<Vec<NamedTest>>,
    /// Which form of the report comes first.
    #[serde(default)]
    report_format: ReportFormat,
}

/// What is asked of the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum AnalysisType {
    /// What is there.
    #[default]
    Descriptive,
    /// Why it is so.
    Diagnostic,
    /// What will be.
    Predictive,
    /// What stands out.
    Exploratory,
}

/// Which form of the report comes first.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum ReportFormat {
    /// `report.md`.
    #[default]
    Markdown,
    /// `report.html`.
    Html,
}

const fn yes() -> bool {
    true
}

/// The plan, from the parameters and the words of the task.
pub(crate) fn plan(
    spec: &TaskSpec<'_>,
    parameters: &Map<String, Value>,
) -> Result<Plan, PlanErrors> {
    let schema = schema::of::<AnalysisParameters>();
    let mut filled = parameters.clone();
    schema::fill_defaults(&schema, &mut filled);
    let filled = Value::Object(filled);
    let mut faults = schema::check(&schema, &filled, "/parameters");
    faults.extend(not_built(&filled));
    if !faults.is_empty() {
        return Err(PlanErrors::of(faults));
    }
    let broken =
        |e: serde_json::Error| PlanErrors::one(Fault::new("/parameters", "format", e.to_string()));
    let asked: AnalysisParameters = serde_json::from_value(filled.clone()).map_err(broken)?;
    let mut tables: Vec<FileId> =
        asked.files.iter().copied().filter(|id| spec.tables.contains(id)).collect();
    let mut seen = std::collections::HashSet::new();
    tables.retain(|id| seen.insert(*id));
    let Some((first, others)) = tables.split_first() else {
        let message =
            "must hold at least one table: an uploaded csv, tsv, json, jsonl or xlsx file";
        return Err(PlanErrors::one(Fault::new("/parameters/files", "required", message)));
    };
    let mut chain = Chain::default();
    asked.analyse(*first, &mut chain)?;
    for (number, table) in (2..).zip(others) {
        describe(*table, number, &mut chain)?;
    }
    asked.report(spec, &mut chain)?;
    let place =
        |(i, id): (usize, &FileId)| PlanFile { id: *id, pointer: format!("/parameters/files/{i}") };
    Ok(Plan {
        source: PlanSource::Template,
        parameters: filled,
        steps: chain.into_steps(),
        files: asked.files.iter().enumerate().map(place).collect(),
        artifacts: Vec::new(),
        languages: Vec::new(),
        not_done: asked.not_done(),
    })
}

/// What the contract names and this build cannot do yet.
fn not_built(parameters: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    if matches!(parameters["analysis_type"].as_str(), Some("diagnostic" | "predictive")) {
        let message = "is not in this build; available: descriptive, exploratory";
        faults.push(Fault::new("/parameters/analysis_type", "not_available", message));
    }
    if !parameters["target_column"].is_null() {
        let message = "is not in this build, as nothing here explains or predicts; available: group_by, tests, \
            time_column";
        faults.push(Fault::new("/parameters/target_column", "not_available", message));
    }
    faults
}

/// One more table: what it holds.
fn describe(table: FileId, number: u32, chain: &mut Chain) -> Result<(), PlanErrors> {
    let (clean, describe) = (format!("clean_{number}"), format!("describe_{number}"));
    let cleaning = json!({ "data": DataArg::of_file(table) });
    chain.analyst(&clean, "data_cleaning", &cleaning, &[])?;
    let cleaned = json!({ "data": DataArg::of_step(&clean, CLEANED) });
    chain.analyst(&describe, "descriptive_statistics", &cleaned, &[&clean])
}

impl AnalysisParameters {
    /// Everything that is asked, for the first table.
    fn analyse(&self, table: FileId, chain: &mut Chain) -> Result<(), PlanErrors> {
        let cleaned = DataArg::of_step("clean", CLEANED);
        chain.analyst(
            "clean",
            "data_cleaning",
            &json!({ "data": DataArg::of_file(table) }),
            &[],
        )?;
        let explore = json!({ "data": cleaned, "charts": self.create_visualizations });
        chain.analyst("explore", "exploratory_analysis", &explore, &["clean"])?;
        let after = ["clean", "explore"];
        let describe =
            json!({ "data": cleaned, "columns": self.columns, "group_by": self.group_by });
        chain.analyst("describe", "descriptive_statistics", &describe, &after)?;
        if let Some(time) = &self.time_column {
            let trend = json!({ "data": cleaned, "time_column": time });
            chain.analyst("trend", "trend_analysis", &trend, &after)?;
        }
        if let Some(test) = self.tests(&cleaned) {
            chain.analyst("test", "statistical_testing", &test, &after)?;
        }
        if self.create_visualizations {
            let before: Vec<_> = chain.keys().filter(|key| *key != "explore").collect();
            let before: Vec<_> = before.iter().map(String::as_str).collect();
            let chart = json!({ "data": cleaned, "x": self.time_column, "group": self.group_by });
            chain.analyst("chart", "data_visualization", &chart, &before)?;
            chain.optional("chart");
        }
        Ok(())
    }

    /// The tests that were asked for, or those that the groups call for.
    fn tests(&self, data: &DataArg) -> Option<Value> {
        match &self.tests {
            Some(tests) if tests.is_empty() => None,
            Some(tests) => Some(json!({ "data": data, "tests": tests })),
            None => {
                let group = self.group_by.as_ref()?;
                Some(json!({ "data": data, "group": group, "columns": self.columns }))
            }
        }
    }

    /// The report of all that came before, under the words of the task.
    fn report(&self, spec: &TaskSpec<'_>, chain: &mut Chain) -> Result<(), PlanErrors> {
        let before: Vec<_> = chain.keys().collect();
        let answer =
            |key: &String| (key.clone(), json!({ "$step": key, "pointer": "/result", "or": null }));
        let data: Map<_, _> = before.iter().map(answer).collect();
        let missing = |it: NotDone| json!({ "what": it.what, "code": it.code, "text": it.message });
        let arguments = json!({
            "title": spec.title,
            "question": self.question.as_deref().unwrap_or(spec.description),
            "data": data,
            "not_done": self.not_done().into_iter().map(missing).collect::<Vec<_>>(),
            "report_format": self.report_format,
        });
        let before: Vec<_> = before.iter().map(String::as_str).collect();
        chain.writer("report", "reports", &arguments, &before)
    }

    /// A question in words is answered by a model, and this build speaks to none.
    fn not_done(&self) -> Vec<NotDone> {
        let question = self.question.iter().map(|_words| NotDone {
            what: "question".to_owned(),
            code: FailureCode::NoModel,
            message: "A question in words needs a model, and this build speaks to none: the figures that it asks for \
                stand in the report."
                .to_owned(),
        });
        question.collect()
    }
}
