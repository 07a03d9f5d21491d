use std::collections::BTreeMap;

use ninja_types::Effect;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::column::Kind;
use super::envelope::ArtifactAt;
use super::method::{Method, OPENPYXL, PANDAS, count};
use crate::capability::Spec;
use crate::data::DataArg;

/// The cleaned table among the artifacts.
pub(crate) const CLEANED: &str = "cleaned.csv";

/// Makes a table that a computation can trust, and says what it did to it.
pub(crate) struct DataCleaning;

/// A table and the rules.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The table. It is never changed.
    data: DataArg,
    /// What to do. Left out: trim, find the types, drop exact duplicates, flag outliers, keep what is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rules: Option<Rules>,
}

/// What to do with a table. A rule that is left out is the usual one.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rules {
    /// Whether space around values goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trim: Option<bool>,
    /// `coerce`: a text among numbers becomes missing; `infer`: its column stays text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    types: Option<Types>,
    /// What happens to a row that comes again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    duplicates: Option<Duplicates>,
    /// What happens to missing values. `median` and `mode` invent values: only where this is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    missing: Option<Missing>,
    /// What happens to rows with an outlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outliers: Option<Outliers>,
    /// By column: a factor, and the unit that it leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    units: Option<BTreeMap<String, Unit>>,
}

/// What becomes of a text among numbers.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Types {
    /// Its column stays text.
    Infer,
    /// It becomes missing.
    Coerce,
}

/// What becomes of a row that comes again.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Duplicates {
    /// It goes.
    Drop,
    /// It stays.
    Keep,
}

/// What becomes of missing values.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Missing {
    /// They stay missing.
    Keep,
    /// Their row goes.
    Drop,
    /// They become the median of their column.
    Median,
    /// They become the most frequent value of their column.
    Mode,
}

/// What becomes of outliers.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Outliers {
    /// They are listed.
    Flag,
    /// Nothing.
    Keep,
    /// Their row goes.
    Drop,
}

/// A change of unit.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Unit {
    /// Every value is multiplied by it.
    factor: f64,
    /// The unit that it leads to.
    #[schemars(length(min = 1, max = 100))]
    to: String,
}

/// What was done. Rows in, less those dropped, are rows out.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Answer {
    /// Rows of the input.
    rows_in: u64,
    /// Rows of the cleaned table.
    rows_out: u64,
    /// Why rows were dropped.
    rows_dropped: Dropped,
    /// What was found in each column.
    columns: Vec<CleanedColumn>,
    /// What was done, rule by rule.
    log: Vec<Entry>,
    /// The cleaned table.
    cleaned: ArtifactAt,
}

/// Rows dropped, by reason.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Dropped {
    /// They came before.
    duplicates: u64,
    /// They lacked a value.
    missing: u64,
    /// They held an outlier.
    outliers: u64,
}

/// What was found in a column.
#[derive(Serialize, Deserialize, JsonSchema)]
struct CleanedColumn {
    /// Its name.
    name: String,
    /// What its values are.
    kind: Kind,
    /// Values that are missing.
    missing: u64,
    /// Values that became missing, because they were no number.
    coerced: u64,
    /// Values that lost space around them.
    trimmed: u64,
    /// Outliers by two rules; null where the values are no numbers.
    outliers: Option<OutlierCounts>,
}

/// Outliers, by rule.
#[derive(Serialize, Deserialize, JsonSchema)]
struct OutlierCounts {
    /// Farther than 1.5 quartile distances from the quartiles.
    iqr: Option<u64>,
    /// With a modified z above 3.5.
    modified_z: Option<u64>,
}

/// One thing that was done.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Entry {
    /// By which rule.
    rule: String,
    /// To which column; null: to whole rows.
    column: Option<String>,
    /// To how many rows.
    rows: u64,
    /// The first of them, at most three.
    samples: Vec<Map<String, Value>>,
}

impl Method for DataCleaning {
    type Args = Args;
    type Answer = Answer;
    const SPEC: Spec = Spec {
        name: "data_cleaning",
        description: "Reads a table, cleans it by rules that it logs, and keeps the result as a CSV file.",
        languages: &["python"],
        packages: &[PANDAS, OPENPYXL],
        effect: Effect::Pure,
        example: || {
            json!({ "data": { "rows": [{ "a": " 1" }, { "a": "2" }, { "a": "2" }] },
                    "rules": { "duplicates": "keep" } })
        },
        ..Spec::PLAIN
    };
    const FILES: &[&str] = &["/result/cleaned"];

    fn tables(args: &Args) -> Vec<&DataArg> {
        vec![&args.data]
    }

    fn summary(result: &Value) -> String {
        let (before, after) =
            (count(result, "/result/rows_in", "row"), &result["result"]["rows_out"]);
        let dropped = count(result, "/result/rows_dropped", "row");
        format!("Read {before}, dropped {dropped} and kept {after}.")
    }
}
