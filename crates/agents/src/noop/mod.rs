//! The drill: an agent that does nothing, on purpose, so that operators and tests can hurt the fleet around it.
//! Plans may name it only where `NINJA_DRILL__ENABLED=true`.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use ninja_llm::{ChatRequest, Message, ModelRef, Part, ToolChoice};
use ninja_types::{FailureCode, Tier};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::StepError;
use crate::ask::Asked;
use crate::capability::{Capability, Needs, Spec};
use crate::context::StepContext;
use crate::contract::{Check, Contract};
use crate::schema::Fault;

/// Sleeps, spins and crashes as told.
pub(crate) struct Drill;

/// What one step of the drill does, in this order.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DrillArgs {
    /// Milliseconds in which the step waits and its worker is free.
    #[serde(default)]
    #[schemars(range(min = 0, max = 600_000))]
    pub(crate) sleep_ms: u64,
    /// Milliseconds in which the step blocks a thread of its worker.
    #[serde(default)]
    #[schemars(range(min = 0, max = 600_000))]
    pub(crate) spin_ms: u64,
    /// Calls of a model, one after the other; each says which one it is.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_000))]
    pub(crate) model_calls: u32,
    /// Take the whole worker process down.
    #[serde(default)]
    pub(crate) crash: bool,
}

/// What it did.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DrillOutput {
    /// As asked.
    sleep_ms: u64,
    /// As asked.
    spin_ms: u64,
    /// What the models answered, in order.
    answers: Vec<String>,
}

#[async_trait]
impl Capability for Drill {
    type Args = DrillArgs;
    type Output = DrillOutput;
    const SPEC: Spec =
        Spec { name: "drill", description: "Does nothing, for a while.", ..Spec::PLAIN };

    fn needs(&self, _args: &Value) -> Result<Needs, Vec<Fault>> {
        Ok(Needs::default())
    }

    async fn run(
        &self,
        args: DrillArgs,
        context: &mut StepContext<'_>,
    ) -> Result<DrillOutput, StepError> {
        sleep(Duration::from_millis(args.sleep_ms), context.stop()).await?;
        spin(Duration::from_millis(args.spin_ms), context.stop())?;
        let mut answers = Vec::new();
        for number in 1..=args.model_calls {
            answers.push(ask(number, context).await?);
        }
        if args.crash {
            tracing::warn!("the drill takes this worker down, as asked");
            std::process::abort();
        }
        Ok(DrillOutput { sleep_ms: args.sleep_ms, spin_ms: args.spin_ms, answers })
    }

    fn contract(&self) -> Contract {
        Contract { checks: vec![Check::SchemaValid] }
    }

    fn summary(&self, _output: &DrillOutput) -> String {
        "Nothing was done, as asked.".to_owned()
    }
}

/// One short question, marked with the task's title and its number, so that a scripted server can tell them apart.
async fn ask(number: u32, context: &mut StepContext<'_>) -> Result<String, StepError> {
    let work = context.work();
    let model = work.model.as_deref().map(str::parse::<ModelRef>).transpose();
    let text = format!("[[{} c{number}]] Say something short.", work.title);
    let request = ChatRequest {
        tier: Tier::Small,
        model: model.map_err(|e| StepError::internal(&e))?,
        system: "You are part of a drill.".to_owned(),
        messages: vec![Message::User { parts: vec![Part::Text { text }] }],
        tools: Vec::new(),
        tool_choice: ToolChoice::Auto,
        output_schema: None,
        max_output_tokens: 512,
        temperature: None,
        cache_hint: None,
    };
    match context.ask(&request, Value::Null).await? {
        Asked::Answered(answer) => Ok(answer.text),
        Asked::Malformed(why) => Err(StepError::fail(FailureCode::ContractFailed, why)),
    }
}

#[expect(clippy::disallowed_methods, reason = "to sleep is what this step is asked to do")]
async fn sleep(time: Duration, stop: &CancellationToken) -> Result<(), StepError> {
    let slept = stop.run_until_cancelled(tokio::time::sleep(time)).await;
    slept.ok_or(StepError::Stopped)
}

/// Holds the executor's thread on purpose: a lease must survive that.
fn spin(time: Duration, stop: &CancellationToken) -> Result<(), StepError> {
    let began = Instant::now();
    while began.elapsed() < time {
        if stop.is_cancelled() {
            return Err(StepError::Stopped);
        }
        std::hint::spin_loop();
    }
    Ok(())
}
