//! How each task type becomes a plan, one file per type, and the templates that come with the product.

pub(crate) mod analysis;
pub(crate) mod answer;
mod chain;
pub(crate) mod custom;
pub(crate) mod drill;
pub(crate) mod invocation;

use ninja_types::{TaskType, TemplateId};
use serde_json::Value;
use uuid::Uuid;

use crate::parameters;

/// A task type with parameters to start from.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// The same in every installation.
    pub id: TemplateId,
    /// For people.
    pub name: &'static str,
    /// For people.
    pub description: &'static str,
    /// What it plans.
    pub task_type: TaskType,
    /// Every parameter that has a default.
    pub parameters: Value,
    /// JSON Schema of the parameters.
    pub parameters_schema: Value,
}

/// The five, in the order in which they are listed. Their ids are part of the contract and never change.
pub(crate) fn builtin() -> Vec<Template> {
    let template = |number: u128, name, task_type, description| Template {
        id: TemplateId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number)),
        name,
        description,
        task_type,
        parameters: parameters::defaults(task_type),
        parameters_schema: parameters::schema(task_type),
    };
    vec![
        template(
            1,
            "Web Research",
            TaskType::Research,
            "Searches, reads and ranks sources, and writes a report in which every statement names its source.",
        ),
        template(
            2,
            "Code Generation",
            TaskType::Code,
            "Writes a program with tests and documentation, and runs what it wrote.",
        ),
        template(
            3,
            "Data Analysis",
            TaskType::Analysis,
            "Cleans, describes, tests and charts a table, and writes a report in which every number is computed.",
        ),
        template(
            4,
            "Documentation Writer",
            TaskType::Documentation,
            "Writes documentation from the sources, specifications and notes that it is given.",
        ),
        template(
            5,
            "Bug Debugger",
            TaskType::Debug,
            "Finds the cause of an error, and proves a fix by running the program before and after.",
        ),
    ]
}
