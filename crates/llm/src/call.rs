use std::time::{Duration, Instant};

use ninja_types::ModelErrorClass;

use crate::answer::{Attempt, Charge, ChatAnswer, Completion};
use crate::attempt::{Tried, Try};
use crate::charge;
use crate::chat::ChatRequest;
use crate::check::Shape;
use crate::deltas::Numbered;
use crate::error::{CallFault, ProviderError};
use crate::line::{AFTER, Line, Place};
use crate::models::{CallContext, Models};
use crate::outside::{Outcome, Refused};
use crate::provider::TargetKey;
use crate::purse::Purse;
use crate::route::Candidate;

/// Tries of one call at most, whoever is tried.
const ATTEMPTS: usize = 6;

/// One call under way.
pub(crate) struct Call<'a> {
    models: &'a Models,
    request: &'a ChatRequest,
    context: &'a CallContext<'a>,
    /// Tokens that are estimated to be read.
    input: u64,
    pub(crate) shape: Shape,
    purse: Purse,
    numbered: Numbered<'a>,
    pub(crate) charge: Charge,
    pub(crate) attempts: Vec<Attempt>,
    /// Time that was waited in place.
    waited: Duration,
    /// Time that was spent with providers, the budget and waiting.
    pub(crate) elsewhere: Duration,
    /// What the budget said when a broken attempt was to be made good.
    refused: Option<Refused>,
}

/// What comes after a try.
enum Next {
    Answer(Box<ChatAnswer>),
    Another,
}

impl<'a> Call<'a> {
    pub(crate) fn new(
        models: &'a Models,
        request: &'a ChatRequest,
        context: &'a CallContext<'a>,
        input: u64,
    ) -> Self {
        Self {
            models,
            request,
            context,
            input,
            shape: Shape::default(),
            purse: Purse::new(input, request.max_output_tokens),
            numbered: Numbered::new(context.deltas),
            charge: Charge::default(),
            attempts: Vec::new(),
            waited: Duration::ZERO,
            elsewhere: Duration::ZERO,
            refused: None,
        }
    }

    pub(crate) async fn run(
        &mut self,
        candidates: Vec<Candidate<'a>>,
    ) -> Result<ChatAnswer, CallFault> {
        let mut lines = self.lines(candidates).await;
        if !lines.iter().any(|line| line.place.may_be_tried()) {
            return Err(self.give_up(&lines));
        }
        self.reserve(&lines).await.map_err(CallFault::Refused)?;
        while self.attempts.len() < ATTEMPTS && Instant::now() < self.context.deadline {
            if self.context.stop.is_cancelled() {
                return Err(CallFault::Stopped);
            }
            let Some(at) = lines.iter().position(|line| line.place.may_be_tried()) else {
                if self.wait(&mut lines).await {
                    continue;
                }
                break;
            };
            let Some(output) = self.admit(&mut lines[at]).await else { continue };
            match self.attempt(&mut lines, at, output).await? {
                Next::Answer(answer) => return Ok(*answer),
                Next::Another => {}
            }
        }
        Err(self.give_up(&lines))
    }

    async fn lines(&self, candidates: Vec<Candidate<'a>>) -> Vec<Line<'a>> {
        let keys: Vec<TargetKey> = candidates.iter().map(Candidate::key).collect();
        let looks = self.models.outside.health.look(&keys).await;
        let now = Instant::now();
        let line = |(candidate, health)| {
            let place = Place::of(health, now);
            Line { candidate, place, tries: 0 }
        };
        candidates.into_iter().zip(looks).map(line).collect()
    }

    async fn reserve(&mut self, lines: &[Line<'a>]) -> Result<(), Refused> {
        let usable = lines.iter().filter(|line| line.place.may_be_tried());
        let candidates: Vec<_> = usable.map(|line| &line.candidate).collect();
        let asking = self.purse.reserve(self.context.budget, &candidates);
        timed(&mut self.elsewhere, asking).await
    }

    /// Tokens that the candidate may write, if it may be asked now. Else its place says why not.
    async fn admit(&mut self, line: &mut Line<'a>) -> Option<u32> {
        let (outside, key) = (&self.models.outside, line.candidate.key());
        // What was seen at the beginning of the call may be old by now.
        if !self.attempts.is_empty()
            && let [health] = outside.health.look(std::slice::from_ref(&key)).await[..]
        {
            line.place = Place::of(health, Instant::now());
        }
        if !line.place.may_be_tried() {
            return None;
        }
        let asking = self.purse.room(self.context.budget, &line.candidate);
        let output = match timed(&mut self.elsewhere, asking).await {
            Ok(output) => output,
            Err(refused) => {
                tracing::debug!(model = line.candidate.name(), "over budget");
                self.refused = Some(refused);
                line.place = Place::Out;
                return None;
            }
        };
        let tokens = self.input.saturating_add(u64::from(output));
        let provider = line.candidate.provider;
        if let Err(after) = outside.rates.take(provider.id, tokens, provider.limits).await {
            line.place = Place::Resting { until: Instant::now() + after, here: false };
            return None;
        }
        if line.place == Place::Probe && !outside.health.claim_probe(&key).await {
            line.place = Place::Resting { until: Instant::now() + AFTER, here: false };
            return None;
        }
        Some(output)
    }

    async fn attempt(
        &mut self,
        lines: &mut [Line<'a>],
        at: usize,
        output: u32,
    ) -> Result<Next, CallFault> {
        let line = &mut lines[at];
        line.tries += 1;
        let (models, context, input) = (self.models, self.context, self.input);
        let probe = line.place == Place::Probe;
        let candidate = &line.candidate;
        let provider = models.wires.provider(candidate.provider.kind);
        let asking = Try { models, context, candidate, provider, probe, input, output };
        let (tried, attempt, took) = asking.run(self.request, &self.numbered).await;
        self.elsewhere += took;
        self.charge = charge::sum(self.charge, &attempt.charge);
        self.purse.pay(&attempt.charge);
        self.attempts.push(attempt);
        let key = line.candidate.key();
        let error = match tried {
            Tried::Answered(completion) => {
                models.outside.health.report(&key, Outcome::Answered);
                return self.answered(&line.candidate, completion);
            }
            Tried::Stopped(_) => return Err(CallFault::Stopped),
            // The loop ends at the deadline; the provider is not to blame for it.
            Tried::Late(_) => return Ok(Next::Another),
            Tried::Failed(error) => error,
        };
        let (class, retry_after) = (error.class, error.retry_after);
        models.outside.health.report(&key, Outcome::Failed { class, retry_after });
        self.numbered.begin_anew().await;
        failed(lines, at, error)?;
        Ok(Next::Another)
    }

    fn answered(
        &mut self,
        candidate: &Candidate<'_>,
        completion: Completion,
    ) -> Result<Next, CallFault> {
        if let Err(error) = self.shape.check(&completion) {
            if let Some(last) = self.attempts.last_mut() {
                last.class = Some(error.class);
                last.message = Some(error.message.clone());
            }
            return Err(CallFault::Malformed(error));
        }
        Ok(Next::Answer(Box::new(ChatAnswer {
            text: completion.text,
            reasoning: completion.reasoning,
            tool_calls: completion.tool_calls,
            stop: completion.stop,
            charge: self.charge,
            provider: candidate.provider.name.clone(),
            model: candidate.model.clone(),
            response_model: completion.response_model,
            response_id: completion.response_id,
            price_version: candidate.price.version.clone(),
            attempts: std::mem::take(&mut self.attempts),
        })))
    }

    /// Waits for the candidate that can be asked first, if the call has the time. A stop ends the wait.
    async fn wait(&mut self, lines: &mut [Line<'a>]) -> bool {
        let until = |line: &Line<'_>| match line.place {
            Place::Resting { until, here: true } => Some(until),
            _ => None,
        };
        let soonest = lines.iter_mut().filter_map(|line| Some((until(line)?, line)));
        let Some((until, line)) = soonest.min_by_key(|(until, _)| *until) else { return false };
        let span = until.saturating_duration_since(Instant::now());
        let most = self.models.config.calls.wait_in_call_seconds.duration();
        if self.waited + span > most || until >= self.context.deadline {
            return false;
        }
        let began = Instant::now();
        self.context.stop.run_until_cancelled(pause(span)).await;
        self.waited += began.elapsed();
        self.elsewhere += began.elapsed();
        line.place = Place::Ready;
        true
    }

    fn give_up(&mut self, lines: &[Line<'a>]) -> CallFault {
        let now = Instant::now();
        let rests = lines.iter().filter_map(|line| match line.place {
            Place::Resting { until, .. } => Some(until.saturating_duration_since(now)),
            Place::Ready | Place::Probe => Some(AFTER),
            Place::Off | Place::Out => None,
        });
        match (rests.min(), self.refused.take()) {
            (Some(after), _) => CallFault::Unavailable { after: after.max(AFTER) },
            (None, Some(refused)) => CallFault::Refused(refused),
            (None, None) => CallFault::Off(lines.iter().map(|one| one.candidate.name()).collect()),
        }
    }
}

/// Decides what a failed try means for its candidate and the others; `Err`: for the whole call.
fn failed(lines: &mut [Line<'_>], at: usize, error: ProviderError) -> Result<(), CallFault> {
    let failed = &lines[at];
    let (provider, window) =
        (failed.candidate.provider.id, failed.candidate.features.context_tokens);
    let place = failed.after(&error, Instant::now());
    lines[at].place = place;
    match error.class {
        ModelErrorClass::ContentFilter => return Err(CallFault::ContentRefused(error)),
        ModelErrorClass::BadRequest => return Err(CallFault::Rejected(error)),
        ModelErrorClass::Malformed => return Err(CallFault::Malformed(error)),
        ModelErrorClass::ContextLength => {
            for line in lines.iter_mut() {
                if line.candidate.features.context_tokens <= window {
                    line.place = Place::Out;
                }
            }
            if lines.iter().all(|line| line.place == Place::Out) {
                return Err(CallFault::ContextTooLong);
            }
        }
        ModelErrorClass::Auth | ModelErrorClass::Billing => {
            for line in lines.iter_mut().filter(|one| one.candidate.provider.id == provider) {
                line.place = Place::Off;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Adds the time that `work` takes to `sum`.
async fn timed<T>(sum: &mut Duration, work: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let done = work.await;
    *sum += began.elapsed();
    done
}

#[expect(
    clippy::disallowed_methods,
    reason = "a provider asked for this time: there is nothing else to wait for"
)]
async fn pause(span: Duration) {
    tokio::time::sleep(span).await;
}
