use ninja_types::Effect;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::method::{MATPLOTLIB, Method, OPENPYXL, PANDAS, SCIPY, count};
use crate::capability::Spec;
use crate::data::DataArg;

/// Charts with the numbers that they show.
pub(crate) struct DataVisualization;

/// A table and what to draw of it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The table.
    data: DataArg,
    /// What to draw. Left out: what the columns call for, and the result says which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    viz_type: Option<VizType>,
    /// Column along the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1_000))]
    x: Option<String>,
    /// Column up the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1_000))]
    y: Option<String>,
    /// Column that holds the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1_000))]
    group: Option<String>,
    /// Above the chart. Left out: the columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    title: Option<String>,
}

/// Kinds of charts.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum VizType {
    /// Bars from zero.
    Bar,
    /// A line through time.
    Line,
    /// A point per row.
    Scatter,
    /// How often which values come.
    Histogram,
    /// Quartiles and outliers.
    Box,
    /// A colour per pair.
    Heatmap,
    /// At most 8 slices.
    Pie,
    /// A line through time, filled.
    Area,
}

/// Every chart; its files stand in `charts` of the envelope.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Answer {
    /// In the order of the files.
    charts: Vec<Drawn>,
}

/// A chart and its numbers.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Drawn {
    /// Its name.
    slug: String,
    /// Which kind.
    kind: String,
    /// Column along the page.
    x: Option<String>,
    /// Column up the page.
    y: Option<String>,
    /// Column that holds the group.
    group: Option<String>,
    /// Rows that it shows.
    n: u64,
    /// More than 5,000 points: they were binned.
    binned: bool,
    /// The plotted figures that its text names.
    numbers: Map<String, Value>,
}

impl Method for DataVisualization {
    type Args = Args;
    type Answer = Answer;
    const SPEC: Spec = Spec {
        name: "data_visualization",
        description: "Draws charts as PNG and SVG, each with its numbers as CSV and with a text for those who cannot see it.",
        languages: &["python"],
        packages: &[PANDAS, SCIPY, MATPLOTLIB, OPENPYXL],
        effect: Effect::Pure,
        example: || {
            json!({ "data": { "rows": [{ "g": "a", "x": 1 }, { "g": "b", "x": 3 }] },
                    "viz_type": "bar", "x": "g", "y": "x" })
        },
        ..Spec::PLAIN
    };

    fn tables(args: &Args) -> Vec<&DataArg> {
        vec![&args.data]
    }

    fn summary(result: &Value) -> String {
        format!("Drew {}.", count(result, "/charts", "chart"))
    }
}
