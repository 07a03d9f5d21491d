use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use ninja_agents::{CallAnswer, NewCall, RecordError, Recorder, RequestHash, UserMessage};
use ninja_llm::{Charge, Granted, WorstCase};
use ninja_types::DeltaStream;
use serde_json::Value;

/// A journal that remembers, so that a second attempt over it replays.
#[derive(Default)]
pub(crate) struct Journal {
    begun: Mutex<BTreeMap<i32, NewCall>>,
    /// What the attempt before asked.
    asked: Mutex<BTreeMap<i32, Value>>,
    answers: Mutex<BTreeMap<i32, CallAnswer>>,
    /// What the user says once the first call has its answer.
    told: Mutex<Vec<UserMessage>>,
    said: Mutex<String>,
}

impl Journal {
    /// Names of the calls that were really made.
    pub(crate) fn made(&self) -> Vec<&'static str> {
        self.begun.lock().unwrap().values().map(|call| call.name).collect()
    }

    /// All pieces of text that were shown.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// The user says this as soon as the first call has its answer.
    pub(crate) fn tell_after_the_first_call(&self, message: UserMessage) {
        self.told.lock().unwrap().push(message);
    }

    /// Forgets which calls were begun, and keeps what was asked and answered.
    pub(crate) fn of_a_new_attempt(self) -> Self {
        let asked = Mutex::new(
            self.begun
                .into_inner()
                .unwrap()
                .into_iter()
                .map(|(no, call)| (no, call.request))
                .collect(),
        );
        Self {
            begun: Mutex::default(),
            asked,
            answers: self.answers,
            told: self.told,
            said: Mutex::default(),
        }
    }

    /// Bytes of the largest answer.
    pub(crate) fn largest(&self) -> usize {
        let size = |answer: &CallAnswer| format!("{:?}", answer.response).len();
        self.answers.lock().unwrap().values().map(size).max().unwrap_or_default()
    }
}

#[async_trait]
impl Recorder for Journal {
    async fn finished(
        &self,
        call_no: i32,
        _request_hash: &RequestHash,
    ) -> Result<Option<CallAnswer>, RecordError> {
        Ok(self.answers.lock().unwrap().get(&call_no).cloned())
    }

    fn asked(&self, call_no: i32) -> Option<Value> {
        self.asked.lock().unwrap().get(&call_no).cloned()
    }

    async fn intend(&self, call: &NewCall) -> Result<Granted, RecordError> {
        self.begun.lock().unwrap().insert(call.call_no, call.clone());
        Ok(call.reserve.map(|worst| worst.most).unwrap_or_default())
    }

    async fn extend(&self, _call_no: i32, more: &WorstCase) -> Result<Granted, RecordError> {
        Ok(more.most)
    }

    async fn release(&self, _call_no: i32, _charge: &Charge) -> Result<(), RecordError> {
        Ok(())
    }

    async fn messages(&self) -> Result<Vec<UserMessage>, RecordError> {
        let begun = !self.answers.lock().unwrap().is_empty();
        Ok(if begun { self.told.lock().unwrap().clone() } else { Vec::new() })
    }

    fn epoch(&self) -> i64 {
        1
    }

    async fn finish(&self, call_no: i32, answer: &CallAnswer) -> Result<(), RecordError> {
        self.answers.lock().unwrap().insert(call_no, answer.clone());
        Ok(())
    }

    async fn delta(&self, _call_no: i32, _index: u64, _stream: DeltaStream, text: String) {
        self.said.lock().unwrap().push_str(&text);
    }
}
