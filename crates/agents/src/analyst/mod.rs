//! The Analyst: computes from tables, never from memory. Each capability is one vetted Python program of `programs/`
//! that runs in the sandbox; what is here says what it takes and what it answers. Read `method.rs` first.

mod column;
mod comparative_analysis;
mod data_cleaning;
mod data_visualization;
mod descriptive_statistics;
mod envelope;
mod exploratory_analysis;
mod method;
mod programs;
mod statistical_testing;
mod trend_analysis;

pub(crate) use comparative_analysis::ComparativeAnalysis;
pub(crate) use data_cleaning::{CLEANED, DataCleaning};
pub(crate) use data_visualization::DataVisualization;
pub(crate) use descriptive_statistics::DescriptiveStatistics;
pub(crate) use exploratory_analysis::ExploratoryAnalysis;
pub(crate) use statistical_testing::{NamedTest, StatisticalTesting};
pub(crate) use trend_analysis::TrendAnalysis;
