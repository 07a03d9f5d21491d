use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One column and its figures. Which are there depends on its kind; one that cannot be computed is null.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Column {
    /// Its name.
    name: String,
    /// What its values are.
    kind: Kind,
    /// Values that are there.
    count: u64,
    /// Values that are missing.
    missing: u64,
    /// Different values.
    distinct: u64,
    #[serde(flatten)]
    numeric: Numeric,
    #[serde(flatten)]
    words: Words,
    #[serde(flatten)]
    dates: Dates,
}

/// What the values of a column are.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// Numbers.
    Numeric,
    /// A few words that come again and again.
    Categorical,
    /// True and false.
    Boolean,
    /// Days or moments.
    Date,
    /// Words.
    Text,
    /// Nothing.
    Empty,
}

/// Figures of a numeric column.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Numeric {
    /// Arithmetic mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mean: Option<f64>,
    /// Sample standard deviation (n − 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    std: Option<f64>,
    /// Standard error of the mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sem: Option<f64>,
    /// First quartile, linear between two values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    q25: Option<f64>,
    /// Median.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    median: Option<f64>,
    /// Third quartile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    q75: Option<f64>,
    /// Distance of the quartiles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iqr: Option<f64>,
    /// Median distance from the median.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mad: Option<f64>,
    /// Skewness, corrected for bias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    skew: Option<f64>,
    /// Excess kurtosis, corrected for bias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kurtosis: Option<f64>,
    /// Values that are zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zeros: Option<u64>,
    /// Confidence interval of the mean, by Student's t.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ci: Option<Interval>,
}

/// Figures of a column of words.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Words {
    /// The most frequent values, at most 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    top: Option<Vec<Frequency>>,
    /// Entropy in bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    entropy_bits: Option<f64>,
}

/// Figures of a column of dates; `min` and `max` are those of a numeric column, too.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Dates {
    /// The smallest number, or the first date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min: Option<Edge>,
    /// The largest number, or the last date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max: Option<Edge>,
    /// Days between the first and the last date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    span_days: Option<f64>,
    /// Periods that are missing in a regular series; null when it is irregular.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gaps: Option<u64>,
}

/// An end of a range.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Edge {
    /// Of numbers.
    Number(f64),
    /// Of dates, as ISO 8601.
    Date(String),
}

/// A value and how often it comes.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Frequency {
    /// As text.
    value: serde_json::Value,
    /// How often.
    count: u64,
    /// Of all that are there, 0 to 1.
    share: f64,
}

/// A confidence interval.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Interval {
    /// Of confidence, such as 0.95.
    level: f64,
    /// Its lower end.
    low: Option<f64>,
    /// Its upper end.
    high: Option<f64>,
}
