use std::collections::BTreeMap;

use async_trait::async_trait;
use ninja_tools::{Content, GivenFile, RunCode, RunCodeArgs, RunResult, Tool};
use ninja_types::{FailureCode, FileId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::StepError;
use crate::capability::{Capability, Needs, Spec};
use crate::context::StepContext;
use crate::contract::{Check, Contract};
use crate::schema::Fault;
use crate::work::NewArtifact;

/// Runs a program that somebody gave, in the sandbox, over the files that somebody gave.
pub(crate) struct CodeExecution;

/// A program, its input and its time.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeExecutionArgs {
    /// Id or alias of a language of `GET /api/v1/languages`.
    #[schemars(length(min = 1, max = 40))]
    language: String,
    /// The program itself. Give either this or `entry`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 262_144))]
    code: Option<String>,
    /// Path of the file in the workspace to run: one of `files`, or of the task's files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1_024))]
    entry: Option<String>,
    /// Files to lay into the workspace beside those of the task.
    #[serde(default)]
    #[schemars(length(max = 50))]
    files: Vec<FileArg>,
    /// What the program reads from its standard input.
    #[serde(default)]
    #[schemars(length(max = 1_048_576))]
    stdin: String,
    /// Its command line arguments.
    #[serde(default)]
    #[schemars(length(max = 100))]
    args: Vec<String>,
    /// Values that the program finds in the file `inputs.json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inputs: Option<Map<String, Value>>,
    /// Seconds after which it is stopped.
    #[serde(default = "timeout")]
    #[schemars(range(min = 1, max = 120))]
    timeout_s: u32,
}

/// An upload (`file_id`), or an artifact of a step that this one then depends on (`step` and `artifact`).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileArg {
    /// Id of an uploaded file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<uuid::Uuid>")]
    file_id: Option<FileId>,
    /// Key of the step that makes the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 40))]
    step: Option<String>,
    /// Path of the artifact that the step makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1_024))]
    artifact: Option<String>,
    /// Where it lies in the workspace. Left out: under the upload's filename or the artifact's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1_024))]
    path: Option<String>,
}

const fn timeout() -> u32 {
    30
}

#[async_trait]
impl Capability for CodeExecution {
    type Args = CodeExecutionArgs;
    type Output = RunResult;
    const SPEC: Spec = Spec {
        name: "code_execution",
        description: "Runs a given program in the sandbox.",
        example: || json!({ "language": "python", "code": "print(sum(range(10)))" }),
        ..Spec::PLAIN
    };

    fn needs(&self, args: &Value) -> Result<Needs, Vec<Fault>> {
        let (mut needs, mut faults) = (Needs::default(), Vec::new());
        match args["language"].as_str().map(|name| (name, ninja_tools::language(name))) {
            Some((_, Some(id))) => needs.languages.push((id.to_owned(), "/language".to_owned())),
            Some((_, None)) => {
                let known = ninja_tools::languages().collect::<Vec<_>>().join(", ");
                let message = format!("must be a language that this build can run: {known}");
                faults.push(Fault::new("/language", "not_in_enum", message));
            }
            None => faults.push(Fault::new(
                "/language",
                "wrong_type",
                "must be given here and now: the worker is chosen by it",
            )),
        }
        if given(args, "code") == given(args, "entry") {
            let message = "must be given, or else `entry` with the path of the program's file";
            faults.push(Fault::new("/code", "required", message));
        }
        for (i, file) in args["files"].as_array().into_iter().flatten().enumerate() {
            if let Err(message) = file_needs(file, &format!("/files/{i}"), &mut needs) {
                faults.push(Fault::new(format!("/files/{i}"), "required", message));
            }
        }
        if faults.is_empty() { Ok(needs) } else { Err(faults) }
    }

    async fn run(
        &self,
        args: CodeExecutionArgs,
        context: &mut StepContext<'_>,
    ) -> Result<RunResult, StepError> {
        let call = RunCodeArgs {
            files: workspace(&args, context)?,
            language: args.language,
            code: args.code,
            entry: args.entry,
            stdin: args.stdin,
            args: args.args,
            timeout_s: args.timeout_s,
        };
        let result = context.call(&RunCode, &call).await?;
        for file in &result.files {
            context.keep(NewArtifact::of(file.clone()));
        }
        Ok(result)
    }

    fn contract(&self) -> Contract {
        let recorded = Check::CallRecorded { tool: RunCode::SPEC.name };
        Contract { checks: vec![recorded, Check::SchemaValid] }
    }

    fn summary(&self, result: &RunResult) -> String {
        result.sentence()
    }
}

fn given(args: &Value, name: &str) -> bool {
    args.get(name).is_some_and(|value| !value.is_null())
}

/// What one item of `files` needs, or what is missing in it.
fn file_needs(file: &Value, at: &str, needs: &mut Needs) -> Result<(), &'static str> {
    let text = |name: &str| file.get(name).and_then(Value::as_str);
    let both = "must have either `file_id`, or `step` and `artifact`";
    match (text("file_id"), text("step"), text("artifact")) {
        (Some(id), None, None) => {
            let id = id.parse::<FileId>().map_err(|_not_an_id| both)?;
            needs.files.push((id, format!("{at}/file_id")));
        }
        (None, Some(step), Some(_)) => needs.steps.push((step.to_owned(), format!("{at}/step"))),
        _ => return Err(both),
    }
    Ok(())
}

/// Every file that the program will find, each path once.
fn workspace(
    args: &CodeExecutionArgs,
    context: &StepContext<'_>,
) -> Result<Vec<GivenFile>, StepError> {
    let mut files = BTreeMap::new();
    for file in context.task_files() {
        lay(&mut files, file.filename.clone(), Content::Stored { sha256: file.sha256.clone() })?;
    }
    for file in &args.files {
        let (name, sha256) = source(file, context)?;
        lay(&mut files, file.path.clone().unwrap_or(name), Content::Stored { sha256 })?;
    }
    if let Some(inputs) = &args.inputs {
        let text = Value::Object(inputs.clone()).to_string();
        lay(&mut files, "inputs.json".to_owned(), Content::Text { text })?;
    }
    Ok(files.into_iter().map(|(path, content)| GivenFile { path, content }).collect())
}

fn lay(
    files: &mut BTreeMap<String, Content>,
    path: String,
    content: Content,
) -> Result<(), StepError> {
    match files.get(&path) {
        Some(there) if *there != content => Err(StepError::fail(
            FailureCode::InputInvalid,
            format!("Two different files would lie at `{path}`: give one of them another `path`."),
        )),
        _ => {
            files.insert(path, content);
            Ok(())
        }
    }
}

/// Name and content of one item of `files`.
fn source(file: &FileArg, context: &StepContext<'_>) -> Result<(String, String), StepError> {
    let missing = |message: String| StepError::fail(FailureCode::InputMissing, message);
    match (file.file_id, &file.step, &file.artifact) {
        (Some(id), ..) => {
            let file =
                context.file(id).ok_or_else(|| missing(format!("The file {id} is gone.")))?;
            Ok((file.filename.clone(), file.sha256.clone()))
        }
        (None, Some(step), Some(path)) => {
            let made = context.artifact_of(step, path).ok_or_else(|| {
                missing(format!("The step `{step}` made no file `{path}`, which this step needs."))
            })?;
            Ok((made.path.clone(), made.sha256.clone()))
        }
        _ => Err(missing("An item of `files` names nothing.".to_owned())),
    }
}
