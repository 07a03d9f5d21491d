use std::collections::BTreeMap;

use ninja_types::{OnExceeded, OnUnsafe, Priority, TaskType, TemplateId, Usd};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{Object, RefOr, Schema};

/// What a task is made from.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateTask {
    /// What is wanted, in your words.
    #[schema(min_length = 1, max_length = 20_000)]
    pub(super) description: String,
    /// What kind of work. May be absent with a template.
    #[schema(schema_with = task_types)]
    pub(super) task_type: Option<String>,
    /// For lists; the first 80 characters of the description if absent.
    #[schema(min_length = 1, max_length = 200)]
    pub(super) title: Option<String>,
    /// As the task type's schema asks for: `GET /tasks/templates` shows it.
    #[schema(value_type = Object)]
    #[serde(default)]
    pub(super) parameters: Map<String, Value>,
    /// Gives the type, and every parameter that is not given here.
    #[schema(value_type = Option<uuid::Uuid>)]
    pub(super) template_id: Option<TemplateId>,
    /// `high` goes before your other tasks; a right of premium users.
    #[schema(schema_with = priorities)]
    #[serde(default = "normal")]
    pub(super) priority: Priority,
    /// `provider/model`; null: the configured order.
    #[schema(min_length = 1, max_length = 200)]
    pub(super) model: Option<String>,
    /// What happens to a call that may act twice in the world.
    #[schema(schema_with = policies)]
    #[serde(default = "ask")]
    pub(super) on_unsafe: OnUnsafe,
    /// What the task may use up.
    #[serde(default)]
    pub(super) budget: BudgetBody,
    /// Up to 10 words of yours, which `GET /tasks?tag=` finds.
    #[schema(schema_with = tags)]
    #[serde(default)]
    pub(super) tags: Vec<String>,
    /// Up to 20 pairs of yours, echoed and never interpreted.
    #[schema(schema_with = metadata)]
    #[serde(default)]
    pub(super) metadata: BTreeMap<String, String>,
}

/// Limits of one task; what is absent is the default.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BudgetBody {
    /// US dollars, such as `"0.50"`.
    #[schema(value_type = Option<String>, pattern = "^[0-9]{1,9}(\\.[0-9]{1,6})?$")]
    pub(super) max_cost_usd: Option<Usd>,
    /// Tokens read and written. 500,000 if absent.
    #[schema(minimum = 1, maximum = 10_000_000)]
    pub(super) max_tokens: Option<u64>,
    /// Seconds in `running`. 7,200 if absent.
    #[schema(minimum = 60, maximum = 86_400)]
    pub(super) max_wall_seconds: Option<u32>,
    /// Model and tool calls. 200 if absent.
    #[schema(minimum = 1, maximum = 2_000)]
    pub(super) max_calls: Option<u32>,
    /// `wait` for more, or `fail`. `wait` if absent.
    #[schema(schema_with = exceeded)]
    pub(super) on_exceeded: Option<OnExceeded>,
}

pub(super) fn normal() -> Priority {
    Priority::Normal
}

pub(super) fn ask() -> OnUnsafe {
    OnUnsafe::Ask
}

fn one_of(words: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build()
}

/// The names of answers, and the long ones of the first release.
pub(super) fn task_types() -> Object {
    let long = ["code_generation", "website_creation", "data_analysis", "debugging"];
    one_of(TaskType::ALL.iter().map(|kind| kind.as_str()).chain(long))
}

pub(super) fn priorities() -> Object {
    one_of(Priority::ALL.iter().map(|priority| priority.as_str()))
}

pub(super) fn policies() -> Object {
    one_of(OnUnsafe::ALL.iter().map(|policy| policy.as_str()))
}

fn exceeded() -> Object {
    one_of(OnExceeded::ALL.iter().map(|policy| policy.as_str()))
}

fn text(least: usize, most: usize) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(least))
        .max_length(Some(most))
        .build()
}

pub(super) fn tags() -> Schema {
    ArrayBuilder::new().items(text(1, 50)).max_items(Some(10)).build().into()
}

pub(super) fn metadata() -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .max_properties(Some(20))
        .property_names(Some(text(0, 40)))
        .additional_properties(Some(AdditionalProperties::RefOr(RefOr::T(text(0, 500).into()))))
        .build()
        .into()
}
