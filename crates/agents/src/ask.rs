//! How a step asks a model: the journal first, then the one loop of `ninja-llm`, paid for through the journal.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use ninja_llm::{
    Attempt, Budget, CallContext, CallDeltas, CallError, CallFault, ChatAnswer, ChatRequest,
    Granted, ProviderError, Refused, WorstCase,
};
use ninja_types::{CallKind, DeltaStream, Effect, Failure, FailureCode, StepId, Usage};
use serde_json::{Value, json};

use crate::context::StepContext;
use crate::recorder::{AskedModel, CallAnswer, NewCall, RecordError, Recorder, RequestHash};
use crate::{StepError, canonical};

/// When a step has no more time for one answer; `ninja-llm` may give up earlier.
const LONGEST: Duration = Duration::from_mins(5);

/// What stands in the failure of a call whose answer was none, and that one turn may repair.
const MALFORMED: &str = "malformed";

/// What came of asking.
#[derive(Debug)]
pub(crate) enum Asked {
    /// An answer.
    Answered(Box<ChatAnswer>),
    /// Something that is none: why, in words for the model. It is paid for and stored all the same.
    Malformed(String),
}

impl StepContext<'_> {
    /// Asks a model, or answers what one answered in an earlier attempt. `seen`: what the step read of the moving world
    /// for this request, which stands in the journal with it.
    pub(crate) async fn ask(
        &mut self,
        request: &ChatRequest,
        seen: Value,
    ) -> Result<Asked, StepError> {
        if self.stop().is_cancelled() {
            return Err(StepError::Stopped);
        }
        let call = self.model_call(request, seen)?;
        let stored = self.recorder().finished(call.call_no, &call.request_hash).await?;
        self.count(call.call_no, call.name);
        let answer = match stored {
            Some(answer) => answer,
            None => self.buy(request, call).await?,
        };
        self.spend(answer.usage);
        match answer.response {
            Ok(response) => serde_json::from_value(response)
                .map(|answer| Asked::Answered(Box::new(answer)))
                .map_err(|e| StepError::internal(&e)),
            Err(failure) if failure.data["reason"] == MALFORMED => {
                Ok(Asked::Malformed(failure.message))
            }
            Err(failure) => Err(StepError::Fail(failure)),
        }
    }

    fn model_call(&self, request: &ChatRequest, seen: Value) -> Result<NewCall, StepError> {
        let request_hash = hash(request)?;
        let mut stored = serde_json::to_value(request).map_err(|e| StepError::internal(&e))?;
        stored["seen"] = seen;
        Ok(NewCall {
            call_no: self.next_call(),
            kind: CallKind::Model,
            name: request.tier.as_str(),
            effect: Effect::Pure,
            request_hash,
            request: stored,
            reserve: None,
        })
    }

    async fn buy(&self, request: &ChatRequest, call: NewCall) -> Result<CallAnswer, StepError> {
        let began = Instant::now();
        let call_no = call.call_no;
        let (step, epoch) = (self.work().step, self.recorder().epoch());
        let purse = Purse { recorder: self.recorder(), call, begun: AtomicBool::new(false) };
        let spoken = Spoken { recorder: self.recorder(), call_no };
        let context = CallContext {
            budget: &purse,
            deltas: &spoken,
            stop: self.stop(),
            deadline: began + LONGEST,
            request_id: request_id(step, call_no, epoch),
        };
        let asked = self.models().call(request, &context).await;
        let (response, usage, model) = match asked {
            Ok(answer) => (Ok(to_json(&answer)?), used(&answer.charge), Some(who(&answer))),
            Err(error) => {
                let usage = used(&error.charge);
                (Err(self.unanswered(error, &purse).await?), usage, None)
            }
        };
        let answer = CallAnswer { response, usage, duration: began.elapsed(), model };
        self.recorder().finish(call_no, &answer).await?;
        Ok(answer)
    }

    /// What a call without an answer means. `Ok`: it will never get one, and that is stored like an answer.
    async fn unanswered(&self, error: CallError, purse: &Purse<'_>) -> Result<Failure, StepError> {
        let begun = purse.begun.load(Ordering::Acquire);
        let tried = tried(&error.attempts);
        let lasting = match error.fault {
            CallFault::Refused(Refused(refused)) => return Err(refusal(refused)),
            CallFault::Malformed(why) => Failure::new(FailureCode::ContractFailed, why.message)
                .with(json!({ "reason": MALFORMED })),
            CallFault::Rejected(why) => {
                provider_said(FailureCode::ProviderRejected, "rejects the request", &why)
            }
            CallFault::ContentRefused(why) => {
                provider_said(FailureCode::ContentRefused, "will not answer this", &why)
            }
            CallFault::ContextTooLong => Failure::new(
                FailureCode::ContextTooLong,
                "What the step has to say is longer than any configured model reads. Give it less, or configure a \
                 model with a longer window.",
            ),
            CallFault::NoModel => return Err(StepError::Fail(no_model())),
            CallFault::Unfit(why) => return Err(StepError::Fail(unfit(&why))),
            CallFault::Off(models) => Failure::new(
                FailureCode::ProviderUnavailable,
                format!(
                    "Key, account or model is refused: {}. An administrator has to look at the providers.",
                    models.join(", ")
                ),
            ),
            CallFault::Unavailable { after } => {
                if begun {
                    self.recorder().release(purse.call.call_no, &error.charge).await?;
                }
                let message = "No provider of models could answer, again and again. Look at the providers' health, \
                               then retry the task: what is done is taken over.";
                let failure = Failure::new(FailureCode::ProviderUnavailable, message);
                return Err(StepError::Unavailable { after, failure: failure.with(tried) });
            }
            CallFault::Stopped => {
                if begun {
                    self.recorder().release(purse.call.call_no, &error.charge).await?;
                }
                return Err(StepError::Stopped);
            }
        };
        if begun { Ok(lasting) } else { Err(StepError::Fail(lasting)) }
    }
}

/// What replay compares: not what differs at each attempt, such as how many tokens the budget leaves.
fn hash(request: &ChatRequest) -> Result<RequestHash, StepError> {
    let mut asked = serde_json::to_value(request).map_err(|e| StepError::internal(&e))?;
    if let Some(fields) = asked.as_object_mut() {
        fields.remove("max_output_tokens");
        fields.remove("cache_hint");
    }
    Ok(canonical::sha256(&asked))
}

fn request_id(step: StepId, call_no: i32, epoch: i64) -> String {
    format!("{step}.{call_no}.{epoch}")
}

fn to_json(answer: &ChatAnswer) -> Result<Value, StepError> {
    serde_json::to_value(answer).map_err(|e| StepError::internal(&e))
}

fn used(charge: &ninja_llm::Charge) -> Usage {
    Usage {
        model_calls: 1,
        input_tokens: charge.tokens.input,
        cached_input_tokens: charge.tokens.cache_read,
        output_tokens: charge.tokens.output,
        cost_usd: charge.cost,
        estimated: charge.usage_estimated || charge.price_assumed,
        ..Usage::default()
    }
}

fn who(answer: &ChatAnswer) -> AskedModel {
    AskedModel {
        provider: answer.provider.clone(),
        model: answer.model.clone(),
        price_version: answer.price_version.clone(),
        fallbacks: ninja_llm::fallbacks(&answer.attempts),
    }
}

fn tried(attempts: &[Attempt]) -> Value {
    let one = |attempt: &Attempt| json!({ "provider": attempt.provider, "model": attempt.model, "class": attempt.class, "status": attempt.status });
    json!({ "attempts": attempts.iter().map(one).collect::<Vec<_>>() })
}

fn no_model() -> Failure {
    let message = "This needs a model, and none is configured. An administrator adds a provider with `ninjactl provider \
                   add`, or starts Ollama beside the workers; then retry the task.";
    Failure::new(FailureCode::NoModel, message)
}

fn unfit(why: &[(String, &'static str)]) -> Failure {
    let why: Vec<_> = why.iter().map(|(model, reason)| format!("{model}: {reason}")).collect();
    let message = format!("No configured model can do what this step needs ({}).", why.join("; "));
    Failure::new(FailureCode::NoModel, message)
}

fn provider_said(code: FailureCode, what: &str, why: &ProviderError) -> Failure {
    let failure = Failure::new(code, format!("The provider of the model {what}: {}", why.message));
    failure.with(json!({ "class": why.class, "status": why.status, "vendor_code": why.code }))
}

/// The journal's own error, which only travelled through the call.
fn refusal(error: Box<dyn std::error::Error + Send + Sync>) -> StepError {
    match error.downcast::<RecordError>() {
        Ok(error) => StepError::Record(*error),
        Err(error) => StepError::internal(&error),
    }
}

/// Pays for one call through the journal.
struct Purse<'a> {
    recorder: &'a dyn Recorder,
    call: NewCall,
    begun: AtomicBool,
}

#[async_trait]
impl Budget for Purse<'_> {
    async fn reserve(&self, worst: &WorstCase) -> Result<Granted, Refused> {
        let call = NewCall { reserve: Some(*worst), ..self.call.clone() };
        let granted = self.recorder.intend(&call).await.map_err(refused)?;
        self.begun.store(true, Ordering::Release);
        Ok(granted)
    }

    async fn extend(&self, worst: &WorstCase) -> Result<Granted, Refused> {
        self.recorder.extend(self.call.call_no, worst).await.map_err(refused)
    }
}

fn refused(error: RecordError) -> Refused {
    Refused(Box::new(error))
}

/// Shows what a model says while it says it.
struct Spoken<'a> {
    recorder: &'a dyn Recorder,
    call_no: i32,
}

#[async_trait]
impl CallDeltas for Spoken<'_> {
    async fn delta(&self, index: u64, text: &str) {
        self.recorder.delta(self.call_no, index, DeltaStream::Text, text.to_owned()).await;
    }
}
