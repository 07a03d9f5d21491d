use std::collections::BTreeMap;

use ninja_types::Effect;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::column::Column;
use super::method::{MATPLOTLIB, Method, OPENPYXL, PANDAS, SCIPY, count};
use crate::capability::Spec;
use crate::data::DataArg;

/// What there is to see in a table that nobody knows yet.
pub(crate) struct ExploratoryAnalysis;

/// A table.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The table.
    data: DataArg,
    /// Whether charts are drawn.
    #[serde(default = "yes")]
    charts: bool,
}

const fn yes() -> bool {
    true
}

/// What was seen.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Answer {
    /// Rows of the table.
    rows: u64,
    /// Every column.
    columns: Vec<Explored>,
    /// Rows that came before.
    duplicates: u64,
    /// The strongest correlations of numeric columns, by Spearman, at most 20.
    correlations: Vec<Correlation>,
    /// The strongest associations of columns of words, at most 20.
    associations: Vec<Association>,
    /// Pairs that say nearly the same: above 0.98.
    leakage: Vec<Leak>,
    /// The time that date columns cover.
    date_coverage: Vec<Coverage>,
    /// What stands out.
    observations: Vec<Observation>,
}

/// A column, and what is odd about it.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Explored {
    #[serde(flatten)]
    column: Column,
    /// It has one value.
    constant: bool,
    /// Each row has another value.
    id_like: bool,
    /// Outliers; null where the values are no numbers.
    outliers: Option<Outliers>,
    /// Of all rows, 0 to 1.
    missing_share: Option<f64>,
}

/// Outliers of a column.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Outliers {
    /// Farther than 1.5 quartile distances from the quartiles.
    iqr: Option<u64>,
    /// With a modified z above 3.5.
    modified_z: Option<u64>,
    /// Below this is out.
    low: Option<f64>,
    /// Above this is out.
    high: Option<f64>,
}

/// Two numeric columns.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Correlation {
    /// The one.
    a: String,
    /// The other.
    b: String,
    /// Spearman's rho.
    rho: Option<f64>,
    /// Of no correlation.
    p: Option<f64>,
    /// The same, adjusted for the number of pairs (Benjamini-Hochberg).
    p_adjusted: Option<f64>,
    /// Rows with both values.
    n: u64,
    /// Pearson's r.
    pearson: Option<f64>,
}

/// Two columns of words.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Association {
    /// The one.
    a: String,
    /// The other.
    b: String,
    /// Cramér's V, corrected for bias.
    cramers_v: Option<f64>,
    /// Rows with both values.
    n: u64,
}

/// Two columns that say nearly the same.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Leak {
    /// The one.
    a: String,
    /// The other.
    b: String,
    /// Spearman's rho.
    rho: f64,
}

/// The time that a column covers.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Coverage {
    /// Which.
    column: String,
    /// The first date.
    min: Option<String>,
    /// The last date.
    max: Option<String>,
    /// Missing periods; null when it is irregular.
    gaps: Option<u64>,
}

/// Something that stands out.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Observation {
    /// Stable.
    code: String,
    /// Where.
    columns: Vec<String>,
    /// Where its numbers stand: pointers into this document.
    numbers: BTreeMap<String, String>,
}

impl Method for ExploratoryAnalysis {
    type Args = Args;
    type Answer = Answer;
    const SPEC: Spec = Spec {
        name: "exploratory_analysis",
        description: "Looks at a table that nobody knows yet: columns, gaps, outliers, what goes together.",
        languages: &["python"],
        packages: &[PANDAS, SCIPY, MATPLOTLIB, OPENPYXL],
        effect: Effect::Pure,
        example: || {
            json!({ "data": { "rows": [{ "a": 1, "b": 2 }, { "a": 2, "b": 3 }, { "a": 4, "b": 7 }] },
                    "charts": false })
        },
        ..Spec::PLAIN
    };

    fn tables(args: &Args) -> Vec<&DataArg> {
        vec![&args.data]
    }

    fn summary(result: &Value) -> String {
        let rows = count(result, "/result/rows", "row");
        let columns = count(result, "/result/columns", "column");
        let seen = count(result, "/result/observations", "thing");
        format!("Looked at {rows} and {columns}: {seen} stood out.")
    }
}
