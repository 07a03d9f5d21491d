//! The loop of a step that works with a model: ask, check, answer what is wrong once, until the model finishes.
//!
//! The model's words are the work, and its call of `finish` says that they are whole. Words without that call are
//! answered once; nothing else ends well, however good the words look.

use std::collections::BTreeSet;

use ninja_llm::{
    ChatAnswer, ChatRequest, Message, ModelRef, Part, Stop, ToolCall, ToolChoice, ToolSpec,
};
use ninja_types::{Failure, FailureCode, MessageId, Tier};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::ask::Asked;
use crate::context::StepContext;
use crate::recorder::UserMessage;
use crate::{StepError, schema};

/// Turns of one step at most.
const MOST_TURNS: usize = 40;
/// The tool that ends it.
const FINISH: &str = "finish";
const CALL_FINISH: &str = "Your text is kept. If it is the whole answer, call the tool `finish` now. If not, write the whole answer and call \
     `finish` in the same turn.";
const CUT_OFF: &str = "Your text was cut off at the limit of one answer, so it cannot be used. Write it again, shorter, and call `finish`.";
const NO_TEXT: &str =
    "There is no text yet. Write the whole answer as text, and call `finish` in the same turn.";

/// What a step says to a model before the first turn.
pub(crate) struct Briefing {
    /// Who the model is, from a prompt file.
    pub(crate) system: &'static str,
    /// What is wanted, in the user's words.
    pub(crate) objective: String,
    /// How much of a model it takes.
    pub(crate) tier: Tier,
    /// Tokens of one answer.
    pub(crate) max_output_tokens: u32,
}

/// How a conversation ended well.
pub(crate) struct Finished<F> {
    /// The last words before the end.
    pub(crate) text: String,
    /// What was handed to `finish`.
    pub(crate) handed: F,
}

/// Talks to a model until it finishes.
pub(crate) async fn converse<F: DeserializeOwned + JsonSchema>(
    context: &mut StepContext<'_>,
    briefing: Briefing,
) -> Result<Finished<F>, StepError> {
    let finish = schema::of::<F>();
    let mut talk = Talk::new(context, briefing, finish.clone())?;
    for _ in 0..MOST_TURNS {
        let call_no = context.next_call();
        let said = talk.listen(context).await?;
        let answer = match context.ask(&talk.request, said).await? {
            Asked::Answered(answer) => *answer,
            Asked::Malformed(why) => {
                talk.repair(call_no, &why)?;
                talk.tell(format!("Your last turn could not be used: {why}. Try again."));
                continue;
            }
        };
        match talk.judge(&answer, &finish, call_no)? {
            Turn::Goes => {}
            Turn::Finishes(handed) if talk.more(context).await? => {
                drop(handed);
                talk.reply(&answer, "The user has said more meanwhile: read it, then finish.");
            }
            Turn::Finishes(handed) => {
                context.note_finished(call_no);
                let handed = serde_json::from_value(handed).map_err(|e| StepError::internal(&e))?;
                return Ok(Finished { text: talk.text, handed });
            }
        }
    }
    let message = format!("The model did not finish in {MOST_TURNS} turns.");
    Err(StepError::fail(FailureCode::LoopDetected, message))
}

/// What a turn comes to.
enum Turn {
    /// On to the next.
    Goes,
    /// The model says that it is done.
    Finishes(Value),
}

/// A conversation so far.
struct Talk {
    request: ChatRequest,
    /// The last whole text.
    text: String,
    /// The model was told once what is wrong.
    told: bool,
    taken: BTreeSet<MessageId>,
}

impl Talk {
    fn new(
        context: &StepContext<'_>,
        briefing: Briefing,
        finish: Value,
    ) -> Result<Self, StepError> {
        let work = context.work();
        let pinned = work.model.as_deref().map(str::parse::<ModelRef>).transpose();
        let request = ChatRequest {
            tier: briefing.tier,
            model: pinned.map_err(|e| StepError::internal(&e))?,
            system: briefing.system.to_owned(),
            messages: vec![user(briefing.objective)],
            tools: vec![ToolSpec {
                name: FINISH.to_owned(),
                description: "Says that your text is the whole answer, and ends the work."
                    .to_owned(),
                parameters: finish,
            }],
            tool_choice: ToolChoice::Auto,
            output_schema: None,
            max_output_tokens: briefing.max_output_tokens,
            temperature: None,
            cache_hint: Some(work.task.to_string()),
        };
        Ok(Self { request, text: String::new(), told: false, taken: BTreeSet::new() })
    }

    /// Takes what the user said since the last turn: as the journal has it, or else what is new. Answers what the journal
    /// is to keep of it.
    async fn listen(&mut self, context: &StepContext<'_>) -> Result<Value, StepError> {
        let messages: Vec<UserMessage> = match seen(context) {
            Some(mut seen) if seen.is_object() => serde_json::from_value(seen["messages"].take())
                .map_err(|e| StepError::internal(&e))?,
            _ => self.new_messages(context).await?,
        };
        for message in &messages {
            self.taken.insert(message.id);
            self.tell(message.content.clone());
        }
        Ok(json!({ "messages": messages }))
    }

    async fn new_messages(&self, context: &StepContext<'_>) -> Result<Vec<UserMessage>, StepError> {
        let all = context.recorder().messages().await?;
        Ok(all.into_iter().filter(|message| !self.taken.contains(&message.id)).collect())
    }

    /// Whether the user said something that the model has not read. What the journal holds of the next turn decides.
    async fn more(&self, context: &StepContext<'_>) -> Result<bool, StepError> {
        match seen(context) {
            Some(seen) => Ok(seen.is_object()),
            None => Ok(!self.new_messages(context).await?.is_empty()),
        }
    }

    fn judge(
        &mut self,
        answer: &ChatAnswer,
        finish: &Value,
        call_no: i32,
    ) -> Result<Turn, StepError> {
        if answer.stop == Stop::ContentFilter {
            let message = "The provider of the model ended the answer for its content.";
            return Err(StepError::fail(FailureCode::ContentRefused, message));
        }
        if answer.stop == Stop::MaxTokens {
            self.repair(call_no, "the answer was cut off at its limit of tokens")?;
            self.reply(answer, CUT_OFF);
            return Ok(Turn::Goes);
        }
        if !answer.text.trim().is_empty() {
            answer.text.trim().clone_into(&mut self.text);
        }
        let wrong = match answer.tool_calls.as_slice() {
            [] => Some(("it wrote and did not call `finish`", CALL_FINISH.to_owned())),
            [call] if call.name == FINISH => unfit(call, finish)
                .or_else(|| self.text.is_empty().then(|| NO_TEXT.to_owned()))
                .map(|say| ("`finish` was not called as it must be", say)),
            _ => Some((
                "it called what it was not offered",
                format!("The only tool is `{FINISH}`, and it is called alone."),
            )),
        };
        match wrong {
            None => Ok(Turn::Finishes(answer.tool_calls[0].arguments.clone())),
            Some((why, say)) => {
                self.repair(call_no, why)?;
                self.reply(answer, &say);
                Ok(Turn::Goes)
            }
        }
    }

    /// The model gets one turn to mend what is wrong.
    fn repair(&mut self, call_no: i32, why: &str) -> Result<(), StepError> {
        if !std::mem::replace(&mut self.told, true) {
            return Ok(());
        }
        let message = format!("The model was told what is wrong and did not mend it: {why}.");
        let check = json!({ "name": "finished", "passed": false, "detail": { "call_no": call_no, "why": why } });
        let failure = Failure::new(FailureCode::ContractFailed, message);
        Err(StepError::Fail(failure.with(json!({ "checks": [check] }))))
    }

    /// Keeps a turn of the model and answers it: each of its calls, or its words.
    fn reply(&mut self, answer: &ChatAnswer, say: &str) {
        let (text, reasoning) = (answer.text.clone(), answer.reasoning.clone());
        let tool_calls = answer.tool_calls.clone();
        self.request.messages.push(Message::Assistant { text, reasoning, tool_calls });
        if answer.tool_calls.is_empty() {
            self.tell(say.to_owned());
        }
        for call in &answer.tool_calls {
            let (call_id, name) = (call.id.clone(), call.name.clone());
            self.request.messages.push(Message::Tool { call_id, name, content: say.to_owned() });
        }
    }

    fn tell(&mut self, text: String) {
        self.request.messages.push(user(text));
    }
}

/// What an earlier attempt noted with its next call; null: that call was no turn of this conversation.
fn seen(context: &StepContext<'_>) -> Option<Value> {
    let mut asked = context.recorder().asked(context.next_call())?;
    Some(asked.get_mut("seen").map(Value::take).unwrap_or_default())
}

fn user(text: String) -> Message {
    Message::User { parts: vec![Part::Text { text }] }
}

/// What is wrong with the arguments of a call, in words for the model.
fn unfit(call: &ToolCall, schema: &Value) -> Option<String> {
    let faults = schema::check(schema, &call.arguments, "");
    let told: Vec<_> = faults.iter().map(|f| format!("`{}` {}", f.pointer, f.message)).collect();
    let mut told = (!told.is_empty()).then(|| told.join("; "))?;
    told.truncate(told.floor_char_boundary(2_048));
    Some(format!("The arguments of `{}` do not fit: {told}. Call it again.", call.name))
}
