//! The parameters of each task type, as the contract lists them: one struct each, which is also the JSON Schema.
//! Types whose plan is not built yet stand here too, because the templates show what they take.

use ninja_types::{FileId, TaskType};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::schema;
use crate::templates::analysis::AnalysisParameters;
use crate::templates::custom::CustomParameters;

/// JSON Schema of the parameters of `task_type`.
pub(crate) fn schema(task_type: TaskType) -> Value {
    match task_type {
        TaskType::Research => schema::of::<Research>(),
        TaskType::Code => schema::of::<Code>(),
        TaskType::Website => schema::of::<Website>(),
        TaskType::Analysis => schema::of::<AnalysisParameters>(),
        TaskType::Debug => schema::of::<Debug>(),
        TaskType::Documentation => schema::of::<Documentation>(),
        TaskType::Custom => schema::of::<CustomParameters>(),
    }
}

/// Every parameter of `task_type` that has a default.
pub(crate) fn defaults(task_type: TaskType) -> Value {
    let mut filled = Map::new();
    schema::fill_defaults(&schema(task_type), &mut filled);
    Value::Object(filled)
}

/// Defines the parameters of a task type: what every type takes, then its own fields with their defaults.
macro_rules! parameters {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty = $default:expr),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Serialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        struct $name {
            /// Ids of your uploaded files.
            #[schemars(length(max = 50), with = "Vec<uuid::Uuid>")]
            files: Vec<FileId>,
            $($(#[$field_meta])* $field: $type),+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { files: Vec::new(), $($field: $default),+ }
            }
        }
    };
}

parameters! {
    /// Parameters of a task of type `research`.
    Research {
        /// How many sources to read.
        #[schemars(range(min = 1, max = 20))]
        num_sources: u8 = 5,
        /// Whether the report names its sources.
        include_citations: bool = true,
        /// How it names them.
        citation_style: CitationStyle = CitationStyle::Apa,
        /// Addresses to read, beside or instead of a search.
        #[schemars(length(max = 20), inner(url, regex(pattern = "^https?://")))]
        sources: Vec<String> = Vec::new(),
        /// How much to read.
        depth: Depth = Depth::Standard,
        /// Which form of the report comes first.
        report_format: ReportFormat = ReportFormat::Markdown,
        /// Language of the report.
        #[schemars(length(min = 2, max = 35))]
        report_language: String = "en".to_owned(),
    }
}

parameters! {
    /// Parameters of a task of type `code`.
    Code {
        /// Id of a language of `GET /api/v1/languages`.
        #[schemars(length(min = 1, max = 40))]
        language: String = "python".to_owned(),
        /// Framework to write for.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(length(max = 100))]
        framework: Option<String> = None,
        /// Whether tests are written and run.
        include_tests: bool = true,
        /// With what the tests are written.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(length(max = 100))]
        test_framework: Option<String> = None,
        /// Whether a README is written.
        include_docs: bool = true,
    }
}

parameters! {
    /// Parameters of a task of type `website`.
    Website {
        /// Names of the pages.
        #[schemars(length(min = 1, max = 20), inner(length(min = 1, max = 100)))]
        pages: Vec<String> = vec!["index".to_owned()],
        /// How it should look.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(length(max = 500))]
        style: Option<String> = None,
        /// Whether a README is written.
        include_readme: bool = true,
    }
}

parameters! {
    /// Parameters of a task of type `debug`.
    Debug {
        /// Id of a language of `GET /api/v1/languages`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(length(min = 1, max = 40))]
        language: Option<String> = None,
        /// The program.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(length(max = 204_800))]
        code: Option<String> = None,
        /// The error as it was shown.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(length(max = 65_536))]
        error: Option<String> = None,
        /// The command that fails.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(length(max = 2_000))]
        command: Option<String> = None,
        /// Whether a fix is looked for.
        include_fix: bool = true,
        /// Whether the cause is explained.
        explain_root_cause: bool = true,
    }
}

parameters! {
    /// Parameters of a task of type `documentation`.
    Documentation {
        /// What kind of document.
        doc_type: DocType = DocType::Readme,
        /// Whether it shows examples.
        include_examples: bool = true,
        /// For whom it is written.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(length(max = 500))]
        audience: Option<String> = None,
        /// Structured input, such as an OpenAPI document.
        #[serde(skip_serializing_if = "Option::is_none")]
        spec: Option<Map<String, Value>> = None,
    }
}

/// Defines words of a parameter.
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        #[derive(Serialize, JsonSchema)]
        #[expect(dead_code, reason = "only the default is ever made: the others are words of the schema")]
        enum $name { $(#[serde(rename = $word)] $variant),+ }
    };
}

words! { CitationStyle { Apa = "apa", Mla = "mla", Chicago = "chicago", Ieee = "ieee", Harvard = "harvard" } }
words! { Depth { Quick = "quick", Standard = "standard", Deep = "deep" } }
words! { ReportFormat { Markdown = "markdown", Html = "html" } }
words! { DocType {
    Readme = "readme", Api = "api", UserGuide = "user_guide", TechnicalGuide = "technical_guide",
    Tutorial = "tutorial", Article = "article", Changelog = "changelog",
} }
