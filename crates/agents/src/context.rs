use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use async_trait::async_trait;
use ninja_llm::Models;
use ninja_tools::{Bench, Live, SaveArtifact, SaveArtifactArgs, Tool, ToolContext, ToolError};
use ninja_types::{ArtifactId, CallKind, DeltaStream, FileId, Usage};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::recorder::{CallAnswer, NewCall, Recorder, RequestHash};
use crate::work::{InputArtifact, InputFile, NewArtifact};
use crate::{StepError, StepWork, canonical};

/// What a running step may do. Every call goes through the journal: an answer that is stored is not asked again.
pub(crate) struct StepContext<'a> {
    work: &'a StepWork,
    bench: &'a Bench,
    models: &'a Models,
    recorder: &'a dyn Recorder,
    stop: &'a CancellationToken,
    evidence: Evidence,
    usage: Usage,
    artifacts: Vec<NewArtifact>,
}

/// What a step did that its contract is judged from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// The calls made so far by number, replayed ones included.
    pub(crate) calls: Vec<(i32, &'static str)>,
    /// Hashes of the tables that were computed from, in their order; `None`: rows that were spelled out.
    pub(crate) tables: Vec<Option<String>>,
    /// The call in which a model said that it is done.
    pub(crate) finished: Option<i32>,
}

impl<'a> StepContext<'a> {
    pub(crate) fn new(
        work: &'a StepWork,
        (bench, models): (&'a Bench, &'a Models),
        recorder: &'a dyn Recorder,
        stop: &'a CancellationToken,
    ) -> Self {
        let (evidence, usage, artifacts) = (Evidence::default(), Usage::default(), Vec::new());
        Self { work, bench, models, recorder, stop, evidence, usage, artifacts }
    }

    /// The files that every step of the task has.
    pub(crate) fn task_files(&self) -> impl Iterator<Item = &'a InputFile> {
        let work = self.work;
        work.inputs.files.iter().filter_map(|id| work.files.iter().find(|file| file.id == *id))
    }

    /// An uploaded file that the task names.
    pub(crate) fn file(&self, id: FileId) -> Option<&'a InputFile> {
        self.work.files.iter().find(|file| file.id == id)
    }

    /// A file that a finished step made.
    pub(crate) fn artifact_of(&self, step: &str, path: &str) -> Option<&'a InputArtifact> {
        let made_by = |made: &&InputArtifact| made.step.as_deref() == Some(step);
        self.work.artifacts.iter().filter(made_by).find(|made| made.path == path)
    }

    /// A file that a step of this task or of another one of the same user made.
    pub(crate) fn artifact(&self, id: ArtifactId) -> Option<&'a InputArtifact> {
        self.work.artifacts.iter().find(|made| made.id == id)
    }

    /// Fires when the step must end now.
    pub(crate) fn stop(&self) -> &CancellationToken {
        self.stop
    }

    /// What the step is.
    pub(crate) fn work(&self) -> &'a StepWork {
        self.work
    }

    pub(crate) fn models(&self) -> &'a Models {
        self.models
    }

    pub(crate) fn recorder(&self) -> &'a dyn Recorder {
        self.recorder
    }

    /// The number of the call that comes next.
    pub(crate) fn next_call(&self) -> i32 {
        i32::try_from(self.evidence.calls.len() + 1).unwrap_or(i32::MAX)
    }

    /// A call was issued.
    pub(crate) fn count(&mut self, call_no: i32, name: &'static str) {
        self.evidence.calls.push((call_no, name));
    }

    /// A call used something up.
    pub(crate) fn spend(&mut self, usage: Usage) {
        self.usage = self.usage.plus(usage);
    }

    /// Calls `tool`, or answers what it answered in an earlier attempt.
    pub(crate) async fn call<T: Tool>(
        &mut self,
        tool: &T,
        args: &T::Args,
    ) -> Result<T::Output, StepError> {
        if self.stop.is_cancelled() {
            return Err(StepError::Stopped);
        }
        let answer = self.answer(tool, args).await?;
        self.spend(answer.usage);
        let output = answer.response.map_err(StepError::Fail)?;
        serde_json::from_value(output).map_err(|e| StepError::internal(&e))
    }

    /// Makes a stored file an artifact of this step, once it completes. Its id is good from now on.
    pub(crate) fn keep(&mut self, artifact: NewArtifact) -> ArtifactId {
        let id = artifact.id;
        self.artifacts.push(artifact);
        id
    }

    /// The bytes of a stored file, or `None` if there are more than `most`. Not journaled: the hash says it all.
    pub(crate) async fn read(&self, sha256: &str, most: u64) -> Result<Option<Vec<u8>>, StepError> {
        Ok(ninja_tools::read_stored(self.bench, sha256, most).await?)
    }

    /// Stores `bytes` and makes them an artifact of this step. `main`: the one to look at first, of all of the task.
    pub(crate) async fn save(
        &mut self,
        path: &str,
        bytes: Vec<u8>,
        main: bool,
    ) -> Result<(), StepError> {
        let made = ninja_tools::store_bytes(self.bench, path, bytes).await?;
        let (path, sha256, content_type) = (made.path, made.sha256, made.content_type);
        let made =
            self.call(&SaveArtifact, &SaveArtifactArgs { path, sha256, content_type }).await?;
        self.keep(NewArtifact { main, ..NewArtifact::of(made) });
        Ok(())
    }

    /// Notes a table that is computed from, by its hash.
    pub(crate) fn note_table(&mut self, sha256: Option<String>) {
        self.evidence.tables.push(sha256);
    }

    /// Notes the call in which a model said that it is done.
    pub(crate) fn note_finished(&mut self, call_no: i32) {
        self.evidence.finished = Some(call_no);
    }

    pub(crate) fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    pub(crate) fn into_parts(self) -> (Usage, Vec<NewArtifact>) {
        (self.usage, self.artifacts)
    }

    async fn answer<T: Tool>(&mut self, tool: &T, args: &T::Args) -> Result<CallAnswer, StepError> {
        let request = serde_json::to_value(args).map_err(|e| StepError::internal(&e))?;
        let call = NewCall {
            call_no: self.next_call(),
            kind: CallKind::Tool,
            name: T::SPEC.name,
            effect: T::SPEC.effect,
            request_hash: hash(T::SPEC.name, &request),
            request,
            reserve: None,
        };
        let stored = self.recorder.finished(call.call_no, &call.request_hash).await?;
        self.count(call.call_no, call.name);
        if let Some(answer) = stored {
            return Ok(answer);
        }
        self.recorder.intend(&call).await?;
        let began = Instant::now();
        let deltas =
            Deltas { recorder: self.recorder, call_no: call.call_no, next: AtomicU64::new(0) };
        let context = ToolContext { bench: self.bench, stop: self.stop, live: &deltas };
        let response = match tool.run(args, &context).await {
            Ok(output) => Ok(serde_json::to_value(&output).map_err(|e| StepError::internal(&e))?),
            Err(ToolError::Failed(failure)) => Err(failure),
            // Nothing is recorded: the call stays `intended`, and the next attempt makes it again.
            Err(passing) => return Err(passing.into()),
        };
        let duration = began.elapsed();
        let usage = Usage { tool_calls: 1, wall_seconds: duration.as_secs(), ..Usage::default() };
        let answer = CallAnswer { response, usage, duration, model: None };
        self.recorder.finish(call.call_no, &answer).await?;
        Ok(answer)
    }
}

fn hash(name: &str, request: &Value) -> RequestHash {
    canonical::sha256(&serde_json::json!({ "name": name, "arguments": request }))
}

/// Numbers the pieces of one call's output.
struct Deltas<'a> {
    recorder: &'a dyn Recorder,
    call_no: i32,
    next: AtomicU64,
}

#[async_trait]
impl Live for Deltas<'_> {
    async fn say(&self, stream: DeltaStream, text: String) {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        self.recorder.delta(self.call_no, index, stream, text).await;
    }
}
