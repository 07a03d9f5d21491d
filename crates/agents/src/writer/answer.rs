use async_trait::async_trait;
use ninja_types::Tier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::StepError;
use crate::capability::{Capability, Need, Needs, Spec};
use crate::context::StepContext;
use crate::contract::{Check, Contract};
use crate::converse::{Briefing, converse};
use crate::schema::Fault;

/// Where the answer is kept.
const PATH: &str = "answer.md";

/// Answers the task's question in words: what the Writer does when a step names no capability.
pub(crate) struct Answer;

/// The question is the task's description.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {}

/// The words.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// The whole answer, in Markdown; also the artifact `answer.md`.
    answer: String,
    /// The answer in a sentence.
    summary: String,
}

/// What the model hands to `finish`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Handed {
    /// The answer in one sentence, in its language.
    #[schemars(length(min = 1, max = 500))]
    summary: String,
}

#[async_trait]
impl Capability for Answer {
    type Args = Args;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "answer",
        description: "Answers a question in words, from what the model knows.",
        model: Need::Required,
        ..Spec::PLAIN
    };

    fn needs(&self, _args: &Value) -> Result<Needs, Vec<Fault>> {
        Ok(Needs::default())
    }

    async fn run(&self, _args: Args, context: &mut StepContext<'_>) -> Result<Output, StepError> {
        let briefing = Briefing {
            system: include_str!("prompts/answer.md"),
            objective: context.work().description.clone(),
            tier: Tier::Standard,
            max_output_tokens: 4_096,
        };
        let done = converse::<Handed>(context, briefing).await?;
        context.save(PATH, done.text.clone().into_bytes(), true).await?;
        Ok(Output { answer: done.text, summary: done.handed.summary })
    }

    fn contract(&self) -> Contract {
        Contract { checks: vec![Check::Finished, Check::SchemaValid] }
    }

    fn summary(&self, output: &Output) -> String {
        output.summary.clone()
    }
}
