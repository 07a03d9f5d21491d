use ninja_types::Effect;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::descriptive_statistics::confidence;
use super::method::{Method, OPENPYXL, PANDAS, SCIPY, STATSMODELS, count};
use crate::capability::Spec;
use crate::data::DataArg;

/// Where a figure goes with time.
pub(crate) struct TrendAnalysis;

/// A table, its time and its figure.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The table.
    data: DataArg,
    /// Column of dates.
    #[schemars(length(min = 1, max = 1_000))]
    time_column: String,
    /// Numeric column. Left out: every one, at most 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1_000))]
    value: Option<String>,
    /// Such as `D`, `M` or `Q`. Left out: as the dates tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 20))]
    frequency: Option<String>,
    /// Of the intervals of slopes.
    #[serde(default = "confidence")]
    #[schemars(range(min = 0.5, max = 0.9999))]
    confidence: f64,
}

/// Every series.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Answer {
    /// The column of dates.
    time_column: String,
    /// One per figure.
    series: Vec<Series>,
}

/// One series.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Series {
    /// The figure.
    value_column: String,
    /// Its points.
    n: u64,
    /// As the dates tell; null: irregular.
    frequency: Option<String>,
    /// Whether it goes anywhere at all.
    mann_kendall: MannKendall,
    /// The same where the points depend on each other.
    hamed_rao: Option<HamedRao>,
    /// How fast, as the median of all slopes.
    theil_sen: TheilSen,
    /// How fast, as a straight line.
    ols: Line,
    /// Whether the residuals depend on each other.
    ljung_box: Option<LjungBox>,
    /// How much of it is seasonal; null where no two periods are known.
    stl: Option<Stl>,
    /// Where its level changes.
    change_points: Vec<ChangePoint>,
    /// Points that do not fit.
    anomalies: Vec<Anomaly>,
    /// `none` where the trend may be nothing.
    direction: Direction,
}

/// By Mann and Kendall, corrected for ties.
#[derive(Serialize, Deserialize, JsonSchema)]
struct MannKendall {
    /// The statistic.
    s: Option<f64>,
    /// Its variance.
    var_s: Option<f64>,
    /// Standardised.
    z: Option<f64>,
    /// Probability of such data if there were no trend.
    p: Option<f64>,
    /// Kendall's tau-b.
    tau_b: Option<f64>,
}

/// By Hamed and Rao.
#[derive(Serialize, Deserialize, JsonSchema)]
struct HamedRao {
    /// Probability of such data if there were no trend.
    p: Option<f64>,
    /// Points, as if they were independent, by points.
    ess_ratio: Option<f64>,
}

/// A slope with its interval.
#[derive(Serialize, Deserialize, JsonSchema)]
struct TheilSen {
    /// Per unit.
    slope: Option<f64>,
    /// Of time.
    unit: String,
    /// Its lower end.
    low: Option<f64>,
    /// Its upper end.
    high: Option<f64>,
    /// Of confidence.
    level: f64,
}

/// A straight line, its interval by Newey and West.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Line {
    /// Per unit of time.
    slope: Option<f64>,
    /// Its lower end.
    low: Option<f64>,
    /// Its upper end.
    high: Option<f64>,
    /// How much of the variance it explains.
    r2: Option<f64>,
    /// Lags that the interval allows for.
    lags: Option<u64>,
}

/// By Ljung and Box.
#[derive(Serialize, Deserialize, JsonSchema)]
struct LjungBox {
    /// The statistic.
    q: Option<f64>,
    /// How far it looks back.
    lags: u64,
    /// Probability of such data if the residuals were independent.
    p: Option<f64>,
}

/// Parts of a series.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Stl {
    /// Points of a period.
    period: u64,
    /// 0 to 1.
    seasonal_strength: Option<f64>,
    /// 0 to 1.
    trend_strength: Option<f64>,
}

/// A change of level.
#[derive(Serialize, Deserialize, JsonSchema)]
struct ChangePoint {
    /// When.
    at: String,
    /// The level before.
    before_mean: Option<f64>,
    /// The level after.
    after_mean: Option<f64>,
    /// By permutation.
    p: Option<f64>,
}

/// A point that does not fit.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Anomaly {
    /// When.
    at: String,
    /// What it is.
    value: f64,
    /// What was to be expected.
    expected: Option<f64>,
    /// How far it is out.
    modified_z: Option<f64>,
}

/// Where a series goes.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Direction {
    /// Up.
    Increasing,
    /// Down.
    Decreasing,
    /// Nowhere that could be shown.
    None,
}

impl Method for TrendAnalysis {
    type Args = Args;
    type Answer = Answer;
    const SPEC: Spec = Spec {
        name: "trend_analysis",
        description: "Tells where figures go with time: trend, season, breaks, points that do not fit.",
        languages: &["python"],
        packages: &[PANDAS, SCIPY, STATSMODELS, OPENPYXL],
        effect: Effect::Pure,
        example: || {
            let row = |month: u8| json!({ "month": format!("2026-{month:02}-01"), "x": month * 3 % 7 + month });
            let rows: Vec<_> = (1..=12).map(row).collect();
            json!({ "data": { "rows": rows }, "time_column": "month" })
        },
        ..Spec::PLAIN
    };

    fn tables(args: &Args) -> Vec<&DataArg> {
        vec![&args.data]
    }

    fn summary(result: &Value) -> String {
        format!("Looked for a trend in {}.", count(result, "/result/series", "figure"))
    }
}
