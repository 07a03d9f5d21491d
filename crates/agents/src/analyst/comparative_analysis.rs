use ninja_types::Effect;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::column::{Column, Interval};
use super::descriptive_statistics::confidence;
use super::method::{Method, OPENPYXL, PANDAS, SCIPY, count};
use super::statistical_testing::alpha;
use crate::capability::Spec;
use crate::data::DataArg;
use crate::schema::Fault;

/// How one figure differs between data sets.
pub(crate) struct ComparativeAnalysis;

/// Data sets, and the figure in which they are compared.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Two to ten data sets; with `group` one, which is split by it.
    #[schemars(length(min = 1, max = 10))]
    datasets: Vec<Dataset>,
    /// Numeric column that all of them have.
    #[schemars(length(min = 1, max = 1_000))]
    metric: String,
    /// Column that splits a single data set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1_000))]
    group: Option<String>,
    /// Of all intervals.
    #[serde(default = "confidence")]
    #[schemars(range(min = 0.5, max = 0.9999))]
    confidence: f64,
    /// Below which p a test rejects.
    #[serde(default = "alpha")]
    #[schemars(range(min = 0.0001, max = 0.5))]
    alpha: f64,
}

/// One data set.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Dataset {
    /// As the result calls it.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// The table.
    data: DataArg,
}

/// The data sets, every pair of them, all together, and their order.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Answer {
    /// The column.
    metric: String,
    /// Each alone.
    sets: Vec<Set>,
    /// Every two.
    pairs: Vec<Pair>,
    /// All together.
    omnibus: Omnibus,
    /// By their mean; those whose difference may be nothing are tied.
    ranking: Vec<Place>,
}

/// One data set alone.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Set {
    #[serde(flatten)]
    column: Column,
    /// Its values.
    n: u64,
}

/// Two data sets.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Pair {
    /// The one.
    a: String,
    /// The other.
    b: String,
    /// Mean of the one less that of the other.
    mean_difference: Option<f64>,
    /// Its interval, by Welch.
    ci: Option<Interval>,
    /// Median of all differences.
    hodges_lehmann: Option<f64>,
    /// Its interval.
    hodges_lehmann_ci: Option<Interval>,
    /// Difference in standard deviations, corrected for small n.
    hedges_g: Option<f64>,
    /// Its interval.
    hedges_g_ci: Option<Interval>,
    /// How much more often the one is larger.
    cliffs_delta: Option<f64>,
    /// Its interval.
    cliffs_delta_ci: Option<Interval>,
    /// Of equal means, by Games and Howell.
    p_games_howell: Option<f64>,
    /// Of equal ranks, by Dunn, adjusted by Holm.
    p_dunn_holm: Option<f64>,
}

/// All data sets together.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Omnibus {
    /// Of equal means.
    welch_anova: Option<WelchAnova>,
    /// Of equal ranks.
    kruskal: Option<Kruskal>,
}

/// Of equal means, variances may differ.
#[derive(Serialize, Deserialize, JsonSchema)]
struct WelchAnova {
    /// The statistic.
    f: Option<f64>,
    /// Degrees of freedom above.
    df1: Option<f64>,
    /// Degrees of freedom below.
    df2: Option<f64>,
    /// Probability of such data if there were nothing.
    p: Option<f64>,
    /// How much of the variance lies between the sets.
    omega_squared: Option<f64>,
}

/// Of equal ranks.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Kruskal {
    /// The statistic.
    h: Option<f64>,
    /// Degrees of freedom.
    df: Option<f64>,
    /// Probability of such data if there were nothing.
    p: Option<f64>,
    /// How much of the variance of ranks lies between the sets.
    epsilon_squared: Option<f64>,
}

/// A place in the order.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Place {
    /// From 1.
    rank: u64,
    /// Which data set.
    name: String,
    /// Its mean.
    mean: Option<f64>,
    /// Those from which it may not differ.
    tied_with: Vec<String>,
}

impl Method for ComparativeAnalysis {
    type Args = Args;
    type Answer = Answer;
    const SPEC: Spec = Spec {
        name: "comparative_analysis",
        description: "Compares one figure between two to ten data sets, or between the groups of one.",
        languages: &["python"],
        packages: &[PANDAS, SCIPY, OPENPYXL],
        effect: Effect::Pure,
        example: || {
            let rows = |values: [u8; 3]| json!({ "rows": values.map(|x| json!({ "x": x })) });
            json!({
                "datasets": [
                    { "name": "before", "data": rows([1, 2, 4]) },
                    { "name": "after", "data": rows([3, 5, 6]) },
                ],
                "metric": "x",
            })
        },
        ..Spec::PLAIN
    };

    fn tables(args: &Args) -> Vec<&DataArg> {
        args.datasets.iter().map(|set| &set.data).collect()
    }

    fn places(args: &Value) -> Vec<String> {
        let sets = args["datasets"].as_array().map_or(0, Vec::len);
        (0..sets).map(|i| format!("/datasets/{i}/data")).collect()
    }

    fn faults(args: &Value) -> Vec<Fault> {
        let sets = args["datasets"].as_array().map(Vec::len);
        match (sets, args["group"].is_null()) {
            (Some(1), true) => {
                vec![Fault::new(
                    "/datasets",
                    "too_short",
                    "must have at least 2 items without `group`",
                )]
            }
            (Some(2..), false) => {
                vec![Fault::new("/datasets", "too_long", "must have 1 item with `group`")]
            }
            _ => Vec::new(),
        }
    }

    fn summary(result: &Value) -> String {
        format!("Compared {}.", count(result, "/result/sets", "data set"))
    }
}
