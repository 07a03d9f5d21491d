use async_trait::async_trait;
use ninja_types::{ArtifactId, Effect, FailureCode, FileId};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::StepError;
use crate::context::StepContext;
use crate::contract::{CheckResult, Contract};
use crate::schema::{self, Fault};

/// A named, typed thing that an agent can do. One struct of arguments is the JSON Schema of REST, plan and model call.
#[async_trait]
pub(crate) trait Capability: Send + Sync + 'static {
    /// What it is asked. Its doc comments are read by people and by models.
    type Args: Serialize + DeserializeOwned + JsonSchema + Send + Sync;
    /// What it answers.
    type Output: Serialize + JsonSchema + Send + Sync;
    /// What there is to know about it before it is asked.
    const SPEC: Spec;

    /// What these arguments need beside themselves, or what about them no schema can say. The arguments are raw and
    /// fit the schema, save where a value is still to come from another step.
    fn needs(&self, args: &Value) -> Result<Needs, Vec<Fault>>;

    /// Does it.
    async fn run(
        &self,
        args: Self::Args,
        context: &mut StepContext<'_>,
    ) -> Result<Self::Output, StepError>;

    /// What must hold afterwards.
    fn contract(&self) -> Contract;

    /// The outcome in a sentence for a person.
    fn summary(&self, output: &Self::Output) -> String;
}

/// What there is to know about a capability before it is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spec {
    /// As plans and REST name it.
    pub name: &'static str,
    /// One sentence; a step without a description of its own shows it.
    pub description: &'static str,
    /// Whether it asks a model.
    pub model: Need,
    /// It needs a search engine.
    pub search: bool,
    /// Languages that its worker must have whatever the arguments, by id.
    pub languages: &'static [&'static str],
    /// Libraries of these languages, by the name of their Debian package.
    pub packages: &'static [&'static str],
    /// What a takeover may do with its calls.
    pub effect: Effect,
    /// Arguments that it takes, for people to start from.
    pub example: fn() -> Value,
}

impl Spec {
    /// What most capabilities are: pure, without a model. To be laid under name, description and example.
    pub(crate) const PLAIN: Self = Self {
        name: "",
        description: "",
        model: Need::None,
        search: false,
        languages: &[],
        packages: &[],
        effect: Effect::Pure,
        example: || json!({}),
    };
}

/// Whether something is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Never asked for.
    None,
    /// Used where there is one.
    Optional,
    /// Nothing is done without it.
    Required,
}

/// What a step needs beside its arguments. Pointers begin below the arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// Languages that its worker must have, by id.
    pub languages: Vec<(String, String)>,
    /// Uploaded files that it names.
    pub files: Vec<(FileId, String)>,
    /// Artifacts that it names by id.
    pub artifacts: Vec<(ArtifactId, String)>,
    /// Steps whose artifacts it names, by key.
    pub steps: Vec<(String, String)>,
}

/// What a capability brought about.
pub(crate) struct Outcome {
    pub(crate) output: Value,
    pub(crate) summary: String,
    pub(crate) checks: Vec<CheckResult>,
}

/// A capability whose types are forgotten, so that a registry can hold all of them.
#[async_trait]
pub(crate) trait AnyCapability: Send + Sync {
    fn spec(&self) -> Spec;
    fn arguments(&self) -> Value;
    fn result(&self) -> Value;
    fn needs(&self, args: &Value) -> Result<Needs, Vec<Fault>>;
    async fn run(&self, args: Value, context: &mut StepContext<'_>) -> Result<Outcome, StepError>;
}

#[async_trait]
impl<C: Capability> AnyCapability for C {
    fn spec(&self) -> Spec {
        C::SPEC
    }

    fn arguments(&self) -> Value {
        schema::of::<C::Args>()
    }

    fn result(&self) -> Value {
        schema::of_output::<C::Output>()
    }

    fn needs(&self, args: &Value) -> Result<Needs, Vec<Fault>> {
        Capability::needs(self, args)
    }

    async fn run(&self, args: Value, context: &mut StepContext<'_>) -> Result<Outcome, StepError> {
        let args = read::<C>(self, args)?;
        let output = Capability::run(self, args, context).await?;
        let summary = self.summary(&output);
        let output = serde_json::to_value(&output).map_err(|e| StepError::internal(&e))?;
        let checks = self.contract().hold::<C::Output>(&output, context.evidence())?;
        Ok(Outcome { output, summary, checks })
    }
}

/// Arguments were checked when they were planned; what other steps filled in since was not.
fn read<C: Capability>(capability: &C, args: Value) -> Result<C::Args, StepError> {
    let mut faults = schema::check(&schema::of::<C::Args>(), &args, "/parameters");
    if faults.is_empty() {
        faults = Capability::needs(capability, &args).err().unwrap_or_default();
    }
    if let Some(first) = faults.first() {
        let message = format!("{} {}.", first.pointer, first.message);
        let all: Vec<_> = faults
            .iter()
            .map(|f| json!({ "field": f.pointer, "code": f.code, "message": f.message }))
            .collect();
        let failure = ninja_types::Failure::new(FailureCode::InputInvalid, message);
        return Err(StepError::Fail(failure.with(json!({ "errors": all }))));
    }
    serde_json::from_value(args).map_err(|e| StepError::internal(&e))
}
