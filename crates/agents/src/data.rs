//! A table among the arguments of a capability: where it comes from, and how it gets into a workspace.

use ninja_tools::{Content, GivenFile};
use ninja_types::{ArtifactId, FailureCode, FileId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::StepError;
use crate::capability::Needs;
use crate::context::StepContext;
use crate::schema::Fault;

const FORMS: &str =
    "must be one of {file_id}, {artifact_id}, {step, artifact} and {rows}, and nothing beside it";

/// A table: an upload (`file_id`), an artifact of yours (`artifact_id`), an artifact of a step that this one then
/// depends on (`step` and `artifact`), or the rows themselves (`rows`).
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataArg {
    /// Id of an uploaded csv, tsv, json, jsonl or xlsx file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<uuid::Uuid>")]
    file_id: Option<FileId>,
    /// Id of an artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<uuid::Uuid>")]
    artifact_id: Option<ArtifactId>,
    /// Key of the step that makes the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 40))]
    step: Option<String>,
    /// Path of the artifact that the step makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1_024))]
    artifact: Option<String>,
    /// One object per row; its fields are the columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 20_000))]
    rows: Option<Vec<Map<String, Value>>>,
}

/// A table that is there: what to lay into the workspace, and what to say about it.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// As its owner called it.
    pub(crate) name: String,
    /// Without the dot.
    extension: String,
    content: Content,
}

impl DataArg {
    /// An artifact of a step of the same plan.
    pub(crate) fn of_step(step: &str, artifact: &str) -> Self {
        let (step, artifact) = (Some(step.to_owned()), Some(artifact.to_owned()));
        Self { step, artifact, ..Self::default() }
    }

    /// An upload.
    pub(crate) const fn of_file(id: FileId) -> Self {
        Self { file_id: Some(id), artifact_id: None, step: None, artifact: None, rows: None }
    }

    /// What a raw value of this type needs, or what is wrong with it. An id that another step will tell is no need:
    /// the reference to the step is.
    pub(crate) fn needs(data: &Value, at: &str, needs: &mut Needs) -> Result<(), Fault> {
        let given = |name: &str| data.get(name).filter(|value| !value.is_null());
        let text = |name: &str| given(name).and_then(Value::as_str);
        let forms = ["file_id", "artifact_id", "step", "rows"];
        let count = forms.iter().filter(|name| given(name).is_some()).count();
        if count != 1 || given("step").is_some() != given("artifact").is_some() {
            return Err(Fault::new(at, "required", FORMS));
        }
        if let Some(id) = text("file_id").and_then(|id| id.parse().ok()) {
            needs.files.push((id, format!("{at}/file_id")));
        }
        if let Some(id) = text("artifact_id").and_then(|id| id.parse().ok()) {
            needs.artifacts.push((id, format!("{at}/artifact_id")));
        }
        if let Some(key) = text("step") {
            needs.steps.push((key.to_owned(), format!("{at}/step")));
        }
        Ok(())
    }

    /// The table itself; its hash is noted as evidence.
    pub(crate) fn find(&self, context: &mut StepContext<'_>) -> Result<Table, StepError> {
        let table = self.look(context)?;
        let sha256 = table.sha256().map(str::to_owned);
        context.note_table(sha256);
        Ok(table)
    }

    fn look(&self, context: &StepContext<'_>) -> Result<Table, StepError> {
        let missing = |message: String| StepError::fail(FailureCode::InputMissing, message);
        let stored = |name: &str, sha256: &str| Table {
            name: name.rsplit('/').next().unwrap_or(name).to_owned(),
            extension: extension(name),
            content: Content::Stored { sha256: sha256.to_owned() },
        };
        match self {
            Self { file_id: Some(id), .. } => {
                let file = context.file(*id);
                let file = file.ok_or_else(|| missing(format!("The file {id} is gone.")))?;
                Ok(stored(&file.filename, &file.sha256))
            }
            Self { artifact_id: Some(id), .. } => {
                let made = context.artifact(*id);
                let made = made.ok_or_else(|| missing(format!("The artifact {id} is gone.")))?;
                Ok(stored(&made.path, &made.sha256))
            }
            Self { step: Some(step), artifact: Some(path), .. } => {
                let made = context.artifact_of(step, path).ok_or_else(|| {
                    missing(format!(
                        "The step `{step}` made no file `{path}`, which this step needs."
                    ))
                })?;
                Ok(stored(&made.path, &made.sha256))
            }
            Self { rows: Some(rows), .. } => {
                let text = serde_json::to_string(rows).map_err(|e| StepError::internal(&e))?;
                let (name, extension) = ("rows".to_owned(), "json".to_owned());
                Ok(Table { name, extension, content: Content::Text { text } })
            }
            _ => Err(StepError::fail(FailureCode::InputInvalid, format!("`data` {FORMS}."))),
        }
    }
}

impl Table {
    /// Hash of the stored bytes; `None` for rows.
    pub(crate) fn sha256(&self) -> Option<&str> {
        match &self.content {
            Content::Stored { sha256 } => Some(sha256),
            Content::Text { .. } => None,
        }
    }

    /// Where the program finds it: a name of ours, so that no name of a user means anything there.
    pub(crate) fn given(self, number: usize) -> GivenFile {
        GivenFile { path: self.path(number), content: self.content }
    }

    /// The path of [`Table::given`].
    pub(crate) fn path(&self, number: usize) -> String {
        format!("input/{number}.{}", self.extension)
    }
}

/// The extension of a name, if it is one that a path can end in.
fn extension(name: &str) -> String {
    let last = name.rsplit_once('.').map(|(_, last)| last.to_ascii_lowercase());
    let plain = |word: &String| {
        !word.is_empty() && word.len() <= 8 && word.chars().all(|c| c.is_ascii_alphanumeric())
    };
    last.filter(plain).unwrap_or_else(|| "csv".to_owned())
}
