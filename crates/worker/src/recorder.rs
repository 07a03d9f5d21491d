use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use ninja_agents::{
    AskedModel, CallAnswer, NewCall, RecordError, Recorder, RequestHash, StepWork, UserMessage,
};
use ninja_db::budgets::{self, Amount};
use ninja_db::calls::{self, Begun};
use ninja_db::steps::CallRow;
use ninja_db::{DbResult, Lease, Notice};
use ninja_llm::{Charge, Granted, WorstCase};
use ninja_types::{CallState, Delta, DeltaStream, StepId, TaskId, Usage};
use serde_json::Value;

use crate::jobs::record_error;
use crate::running::Stop;
use crate::worker::Worker;

/// The journal of one attempt. Every write shows the lease: once another worker holds the job, nothing is written.
pub(crate) struct StepRecorder<'a> {
    worker: &'a Worker,
    lease: &'a Lease,
    task: TaskId,
    step: StepId,
    stop: &'a Stop,
    /// What earlier attempts asked and were answered.
    before: Mutex<BTreeMap<i32, CallRow>>,
}

impl<'a> StepRecorder<'a> {
    pub(crate) fn new(
        worker: &'a Worker,
        lease: &'a Lease,
        stop: &'a Stop,
        work: &StepWork,
        calls: Vec<CallRow>,
    ) -> Self {
        let before = calls.into_iter().map(|call| (call.call_no, call)).collect();
        let before = Mutex::new(before);
        Self { worker, lease, task: work.task, step: work.step, stop, before }
    }

    /// After the commit: those who watch the task are told.
    fn told(&self, written: DbResult<Notice>) -> Result<(), RecordError> {
        let notice = written.map_err(record_error)?;
        self.worker.notify(&notice);
        Ok(())
    }

    /// What the journal says to a call that wants to begin, or to cost more.
    async fn begun(&self, written: DbResult<Begun>) -> Result<Granted, RecordError> {
        match written {
            Ok(Begun::Now(notice, amount)) => {
                self.worker.notify(&notice);
                Ok(Granted { cost: amount.cost, tokens: amount.tokens })
            }
            Ok(Begun::Over(settled)) => {
                self.worker.announce(&settled).await;
                Err(RecordError::Over)
            }
            Err(error) => Err(record_error(error)),
        }
    }

    fn before(&self) -> MutexGuard<'_, BTreeMap<i32, CallRow>> {
        self.before.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn leave_history(&self, from: i32) -> Result<(), RecordError> {
        let superseded =
            async { calls::supersede(&mut *self.worker.conn().await?, self.lease, from).await };
        self.told(superseded.await)?;
        self.before().split_off(&from);
        Ok(())
    }
}

#[async_trait]
impl Recorder for StepRecorder<'_> {
    async fn finished(
        &self,
        call_no: i32,
        request_hash: &RequestHash,
    ) -> Result<Option<CallAnswer>, RecordError> {
        let stored = self.before().get(&call_no).cloned();
        match stored {
            Some(row) if row.request_hash != request_hash => {
                tracing::warn!(
                    call_no,
                    "the step asks for something else than before: its history ends here"
                );
                self.leave_history(call_no).await?;
                Ok(None)
            }
            Some(row) if row.state == CallState::Done => answer(row).map(Some),
            _ => Ok(None),
        }
    }

    fn asked(&self, call_no: i32) -> Option<Value> {
        self.before().get(&call_no).map(|row| row.request.clone())
    }

    async fn intend(&self, call: &NewCall) -> Result<Granted, RecordError> {
        let begun_before = self.before().contains_key(&call.call_no);
        let (terms, row) = (self.worker.terms(), row(call));
        let written = async {
            let mut conn = self.worker.conn().await?;
            if begun_before {
                let again = (row.call_no, row.reserve.as_ref());
                calls::repeat(&mut conn, self.lease, again, &terms).await
            } else {
                calls::intend(&mut conn, self.lease, &row, &terms).await
            }
        };
        // From before the commit: a pause that comes after it must find the call in flight.
        self.stop.begin_call();
        let granted = self.begun(written.await).await?;
        if !begun_before && call.reserve.is_some() {
            // The same attempt may ask again, after a release: that is a repetition, too.
            self.before().insert(call.call_no, begun(call, self.lease.epoch));
        }
        Ok(granted)
    }

    async fn extend(&self, call_no: i32, more: &WorstCase) -> Result<Granted, RecordError> {
        let (terms, more) = (self.worker.terms(), worst(more));
        let written = async {
            let mut conn = self.worker.conn().await?;
            calls::extend(&mut conn, self.lease, (call_no, &more), &terms).await
        };
        self.begun(written.await).await
    }

    async fn release(&self, call_no: i32, charge: &Charge) -> Result<(), RecordError> {
        let usage = Usage {
            input_tokens: charge.tokens.input,
            cached_input_tokens: charge.tokens.cache_read,
            output_tokens: charge.tokens.output,
            cost_usd: charge.cost,
            estimated: charge.usage_estimated || charge.price_assumed,
            ..Usage::default()
        };
        let written = async {
            calls::release(&mut *self.worker.conn().await?, self.lease, call_no, usage).await
        };
        self.told(written.await)?;
        self.stop.end_call();
        Ok(())
    }

    async fn messages(&self) -> Result<Vec<UserMessage>, RecordError> {
        let read =
            async { ninja_db::tasks::messages(&mut *self.worker.conn().await?, self.task).await };
        let told = read.await.map_err(record_error)?;
        Ok(told.into_iter().map(|row| UserMessage { id: row.id, content: row.content }).collect())
    }

    fn epoch(&self) -> i64 {
        self.lease.epoch
    }

    async fn finish(&self, call_no: i32, answer: &CallAnswer) -> Result<(), RecordError> {
        let response = match &answer.response {
            Ok(output) => Ok(output.clone()),
            Err(failure) => Err(json(failure)?),
        };
        let CallAnswer { usage, duration, .. } = *answer;
        let model = answer.model.clone().map(asked);
        let answer = calls::CallAnswer { response, usage, duration, model };
        let written = async {
            calls::finish(&mut *self.worker.conn().await?, self.lease, call_no, &answer).await
        };
        self.told(written.await)?;
        self.stop.end_call();
        Ok(())
    }

    async fn delta(&self, call_no: i32, index: u64, stream: DeltaStream, text: String) {
        let (task_id, step_id, epoch) = (self.task, self.step, self.lease.epoch);
        let delta = Delta { task_id, step_id, call_no, epoch, index, stream, text };
        self.worker.queue.delta(&delta).await;
    }
}

fn row(call: &NewCall) -> calls::NewCall {
    calls::NewCall {
        call_no: call.call_no,
        kind: call.kind,
        name: call.name.to_owned(),
        effect: call.effect,
        request_hash: call.request_hash,
        request: call.request.clone(),
        reserve: call.reserve.as_ref().map(worst),
    }
}

/// The row of a call that this attempt began.
fn begun(call: &NewCall, epoch: i64) -> CallRow {
    CallRow {
        call_no: call.call_no,
        epoch,
        kind: call.kind,
        name: call.name.to_owned(),
        effect: call.effect,
        state: CallState::Intended,
        request_hash: call.request_hash.to_vec(),
        request: call.request.clone(),
        response: None,
        error: None,
        usage: Usage::default(),
    }
}

fn worst(worst: &WorstCase) -> budgets::WorstCase {
    let amount = |granted: Granted| Amount { cost: granted.cost, tokens: granted.tokens };
    budgets::WorstCase { most: amount(worst.most), least: amount(worst.least) }
}

fn asked(asked: AskedModel) -> calls::AskedModel {
    let AskedModel { provider, model, price_version, fallbacks } = asked;
    let fallbacks = fallbacks
        .into_iter()
        .map(|it| calls::Fallback { from: it.from, to: it.to, class: it.class })
        .collect();
    calls::AskedModel { provider, model, price_version, fallbacks }
}

/// What an earlier attempt was answered.
fn answer(row: CallRow) -> Result<CallAnswer, RecordError> {
    let response = match (row.response, row.error) {
        (_, Some(error)) => Err(serde_json::from_value(error).map_err(broken)?),
        (response, None) => Ok(response.unwrap_or_default()),
    };
    let duration = Duration::ZERO;
    Ok(CallAnswer { response, usage: row.usage, duration, model: None })
}

fn json<T: serde::Serialize>(value: &T) -> Result<Value, RecordError> {
    serde_json::to_value(value).map_err(broken)
}

fn broken(error: serde_json::Error) -> RecordError {
    RecordError::Broken(Box::new(error))
}
