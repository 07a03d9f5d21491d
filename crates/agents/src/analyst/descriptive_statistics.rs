use ninja_types::Effect;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::column::Column;
use super::method::{Method, OPENPYXL, PANDAS, SCIPY, count};
use crate::capability::Spec;
use crate::data::DataArg;

/// Figures of each column, as a whole and per group.
pub(crate) struct DescriptiveStatistics;

/// A table, its columns, its groups.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The table.
    data: DataArg,
    /// Columns to describe. Left out: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 500))]
    columns: Option<Vec<String>>,
    /// Column that holds the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1_000))]
    group_by: Option<String>,
    /// Of the intervals of means.
    #[serde(default = "confidence")]
    #[schemars(range(min = 0.5, max = 0.9999))]
    confidence: f64,
}

/// Of intervals, where nobody says otherwise.
pub(super) const fn confidence() -> f64 {
    0.95
}

/// Columns, as a whole and per group.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Answer {
    /// Every column.
    columns: Vec<Column>,
    /// The same per group, the largest 50; empty without `group_by`.
    groups: Vec<Group>,
}

/// The columns of one group.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Group {
    /// The column that holds the group.
    by: String,
    /// Which group; null are the rows without one.
    value: Value,
    /// Its rows.
    rows: u64,
    /// Its columns.
    columns: Vec<Column>,
}

impl Method for DescriptiveStatistics {
    type Args = Args;
    type Answer = Answer;
    const SPEC: Spec = Spec {
        name: "descriptive_statistics",
        description: "Describes every column of a table, as a whole and per group.",
        languages: &["python"],
        packages: &[PANDAS, SCIPY, OPENPYXL],
        effect: Effect::Pure,
        example: || json!({ "data": { "rows": [{ "a": 1 }, { "a": 2 }, { "a": 4 }] } }),
        ..Spec::PLAIN
    };

    fn tables(args: &Args) -> Vec<&DataArg> {
        vec![&args.data]
    }

    fn summary(result: &Value) -> String {
        let columns = count(result, "/result/columns", "column");
        let rows = count(result, "/inputs/rows", "row");
        match count(result, "/result/groups", "group").as_str() {
            "0 groups" => format!("Described {columns} of {rows}."),
            groups => format!("Described {columns} of {rows}, as a whole and in {groups}."),
        }
    }
}
