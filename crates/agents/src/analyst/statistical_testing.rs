use ninja_types::Effect;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::column::Interval;
use super::method::{Method, OPENPYXL, PANDAS, SCIPY, STATSMODELS, count};
use crate::capability::Spec;
use crate::data::DataArg;

/// Named tests, with their assumptions and effect sizes.
pub(crate) struct StatisticalTesting;

/// A table and what to test in it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The table.
    data: DataArg,
    /// Such as `welch_t`. Left out with `group`: the tests that the number of groups calls for, for every column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 60))]
    test_type: Option<String>,
    /// Its columns. Left out: every numeric one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    columns: Option<Vec<String>>,
    /// Column that holds the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1_000))]
    group: Option<String>,
    /// On which side to look.
    #[serde(default)]
    alternative: Alternative,
    /// Below which p a test rejects.
    #[serde(default = "alpha")]
    #[schemars(range(min = 0.0001, max = 0.5))]
    alpha: f64,
    /// The value that is tested against, where the test takes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mu: Option<f64>,
    /// Rows belong together in pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paired: Option<bool>,
    /// Several tests at once, instead of `test_type`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    tests: Option<Vec<NamedTest>>,
}

/// A named test over columns.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NamedTest {
    /// Such as `welch_t`.
    #[schemars(length(min = 1, max = 60))]
    test_type: String,
    /// Its columns.
    #[schemars(length(min = 1, max = 100))]
    columns: Vec<String>,
    /// Column that holds the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1_000))]
    group: Option<String>,
}

/// On which side of the hypothesis to look.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
enum Alternative {
    /// On both.
    #[default]
    #[serde(rename = "two-sided")]
    TwoSided,
    /// Only below.
    #[serde(rename = "less")]
    Less,
    /// Only above.
    #[serde(rename = "greater")]
    Greater,
}

/// Below which p a test rejects, where nobody says otherwise.
pub(super) const fn alpha() -> f64 {
    0.05
}

/// Every test that was made, and those that could not be.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Answer {
    /// Made.
    tests: Vec<TestResult>,
    /// Not made, and why.
    skipped: Vec<Skipped>,
}

/// One test.
#[derive(Serialize, Deserialize, JsonSchema)]
struct TestResult {
    /// Its name.
    test: String,
    /// Over which columns.
    columns: Vec<String>,
    /// Between the groups of which column.
    group: Option<String>,
    /// The groups.
    groups: Option<Vec<Group>>,
    /// What was computed.
    statistic: Named,
    /// Degrees of freedom: one number, or those above and below.
    df: Option<Freedom>,
    /// Probability of such data if there were nothing.
    p: Option<f64>,
    /// Below which p it rejects.
    alpha: f64,
    /// Whether it does.
    reject: Option<bool>,
    /// On which side it looked.
    alternative: Option<String>,
    /// What is estimated, such as a difference of means.
    estimate: Option<Named>,
    /// Interval of the estimate.
    ci: Option<Interval>,
    /// How large it is, whatever n.
    effect: Option<Effects>,
    /// What the test presupposes, and whether the data agree. A failed one never switches the test in silence.
    assumptions: Vec<Assumption>,
    /// Values that were used.
    n: u64,
    /// What a reader should know.
    warnings: Vec<Value>,
    /// The test that presupposes less, where an assumption failed.
    alternative_suggested: Option<String>,
}

/// A group of a test.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Group {
    /// Which.
    value: Value,
    /// Its values.
    n: u64,
    /// Their mean.
    mean: Option<f64>,
    /// Their standard deviation.
    std: Option<f64>,
    /// Their median.
    median: Option<f64>,
}

/// A figure with a name.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Named {
    /// Its name.
    name: String,
    /// Null where it cannot be computed.
    value: Option<f64>,
}

/// Degrees of freedom; null where they cannot be computed.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Freedom {
    /// Of one kind.
    One(f64),
    /// Above and below.
    Two(Option<f64>, Option<f64>),
}

/// An effect size.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Effects {
    /// Its name.
    name: String,
    /// Null where it cannot be computed.
    value: Option<f64>,
    /// Its interval.
    ci: Option<Interval>,
    /// In a word, by the usual thresholds.
    magnitude: Option<String>,
}

/// Something that a test presupposes.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Assumption {
    /// What.
    name: String,
    /// By which test.
    test: Option<String>,
    /// Of which column.
    column: Option<String>,
    /// In which group.
    group: Value,
    /// What was computed.
    statistic: Option<f64>,
    /// Probability of such data if it holds.
    p: Option<f64>,
    /// Null where it could not be looked at.
    ok: Option<bool>,
    /// Values that were used.
    n: Option<u64>,
}

/// A test that could not be made.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Skipped {
    /// Which.
    test: String,
    /// Over which columns.
    columns: Vec<String>,
    /// Between the groups of which column.
    group: Option<String>,
    /// Stable.
    code: String,
    /// A sentence.
    text: String,
}

impl Method for StatisticalTesting {
    type Args = Args;
    type Answer = Answer;
    const SPEC: Spec = Spec {
        name: "statistical_testing",
        description: "Makes named statistical tests, with assumptions, effect sizes and intervals.",
        languages: &["python"],
        packages: &[PANDAS, SCIPY, STATSMODELS, OPENPYXL],
        effect: Effect::Pure,
        example: || {
            json!({
                "data": { "rows": [
                    { "g": "a", "x": 1 }, { "g": "a", "x": 2 }, { "g": "a", "x": 4 },
                    { "g": "b", "x": 3 }, { "g": "b", "x": 5 }, { "g": "b", "x": 6 },
                ] },
                "group": "g",
            })
        },
        ..Spec::PLAIN
    };

    fn tables(args: &Args) -> Vec<&DataArg> {
        vec![&args.data]
    }

    fn summary(result: &Value) -> String {
        let made = count(result, "/result/tests", "test");
        match count(result, "/result/skipped", "test").as_str() {
            "0 tests" => format!("Made {made}."),
            skipped => format!("Made {made}; {skipped} could not be made."),
        }
    }
}
