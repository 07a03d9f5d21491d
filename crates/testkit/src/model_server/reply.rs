use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

/// One answer, in the words of no format; without any, the server echoes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[must_use = "a reply is only given by a script"]
pub struct Reply {
    /// The words. `None` without reasoning and tool calls: an echo of what was asked.
    pub text: Option<String>,
    /// The reasoning before them, where the format shows it.
    pub reasoning: Option<String>,
    /// What is called after them.
    pub tool_calls: Vec<Call>,
    /// Why it ends; `None`: as it does.
    pub stop: Option<Stop>,
    /// What is reported.
    pub usage: Report,
    /// Into how many pieces the words are cut; 0: one of each word.
    pub chunks: usize,
    /// Between two pieces.
    pub chunk_ms: u64,
    /// The body is sent in pieces of so many bytes, whatever they cut through; 0: each event whole.
    pub torn_bytes: usize,
    /// Before the first byte.
    pub first_byte_ms: u64,
    /// An error instead of an answer.
    pub error: Option<Refusal>,
    /// Headers beside those of the format.
    pub headers: Vec<(String, String)>,
    /// What goes wrong.
    pub fault: Option<Fault>,
}

/// A call of a tool.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Call {
    /// `None`: made by the server.
    pub id: Option<String>,
    /// Which.
    pub name: String,
    /// With what.
    pub arguments: Value,
    /// Sent in the place of `arguments`, where the format sends a text: may be broken.
    pub raw_arguments: Option<String>,
}

/// Why an answer ends, each format in its own word.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// It is complete.
    Completed,
    /// It reached its limit.
    MaxTokens,
    /// It waits for tools.
    ToolCalls,
    /// Its content.
    ContentFilter,
    /// A text at which it was to end.
    StopSequence,
    /// A word that no client knows.
    Other(String),
}

/// What an answer says of its tokens.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// What was counted.
    #[default]
    True,
    /// Nothing.
    None,
    /// This, be it true or not.
    Given(Usage),
}

/// Tokens, normalised: `input` holds the cached ones, `output` the reasoning.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct Usage {
    /// All that was read.
    pub input: u64,
    /// Of these, from the cache.
    pub cache_read: u64,
    /// Of these, into a cache of five minutes.
    pub cache_write_5m: u64,
    /// Of these, into a cache of an hour.
    pub cache_write_1h: u64,
    /// All that was written.
    pub output: u64,
    /// Of these, reasoning.
    pub reasoning: u64,
}

/// A status, and what the vendor says with it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct Refusal {
    /// Of HTTP.
    pub status: u16,
    /// The vendor's code; `None`: the one it has for the status.
    pub code: Option<String>,
    /// The vendor's type, where it has one beside the code; `None`: the one it has for the status.
    pub kind: Option<String>,
    /// The sentence; `None`: the vendor's own.
    pub message: Option<String>,
    /// The whole body instead, as a proxy before a vendor answers it.
    pub body: Option<String>,
}

/// What goes wrong with an answer. Counted are pieces of text, reasoning and arguments.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Silence after so many pieces, until the client leaves.
    SilentAfter(usize),
    /// A reset after so many pieces.
    CutAfter(usize),
    /// A reset after so many bytes of the body.
    CutAfterBytes(usize),
    /// The body ends, well-formed for HTTP, after so many pieces: without the format's own end.
    EndAfter(usize),
    /// An error of the vendor inside the stream, after so many pieces.
    ErrorAfter(usize, u16),
    /// The piece of this number, from 0, is broken JSON.
    BadJson(usize),
    /// Status 200, and nothing.
    Empty,
}

impl Reply {
    /// Words.
    pub fn text(text: &str) -> Self {
        Self { text: Some(text.to_owned()), ..Self::default() }
    }

    /// The echo that is also given without any script.
    pub fn echo() -> Self {
        Self::default()
    }

    /// A JSON text.
    pub fn json(value: &Value) -> Self {
        Self::text(&value.to_string())
    }

    /// One call of a tool.
    pub fn tool(name: &str, arguments: Value) -> Self {
        Self::default().and_tool(name, arguments)
    }

    /// The vendor's error of this status.
    pub fn error(status: u16) -> Self {
        Self { error: Some(Refusal { status, ..Refusal::default() }), ..Self::default() }
    }

    /// One call more.
    pub fn and_tool(mut self, name: &str, arguments: Value) -> Self {
        self.tool_calls.push(Call { name: name.to_owned(), arguments, ..Call::default() });
        self
    }

    /// A call whose arguments are this text.
    pub fn and_raw_tool(mut self, name: &str, arguments: &str) -> Self {
        let raw_arguments = Some(arguments.to_owned());
        self.tool_calls.push(Call { name: name.to_owned(), raw_arguments, ..Call::default() });
        self
    }

    /// Reasoning before the words.
    pub fn reasoning(mut self, text: &str) -> Self {
        self.reasoning = Some(text.to_owned());
        self
    }

    /// Why it ends.
    pub fn stop(mut self, stop: Stop) -> Self {
        self.stop = Some(stop);
        self
    }

    /// Reports this.
    pub fn usage(mut self, usage: Usage) -> Self {
        self.usage = Report::Given(usage);
        self
    }

    /// Reports nothing.
    pub fn no_usage(mut self) -> Self {
        self.usage = Report::None;
        self
    }

    /// Cut into so many pieces, with this time between them.
    pub fn chunks(mut self, chunks: usize, pause: Duration) -> Self {
        self.chunks = chunks;
        self.chunk_ms = u64::try_from(pause.as_millis()).expect("a short pause");
        self
    }

    /// The body is sent in pieces of so many bytes.
    pub fn torn(mut self, bytes: usize) -> Self {
        self.torn_bytes = bytes;
        self
    }

    /// The first byte comes after this time.
    pub fn first_byte_after(mut self, pause: Duration) -> Self {
        self.first_byte_ms = u64::try_from(pause.as_millis()).expect("a short pause");
        self
    }

    /// One header more.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// What the header `Retry-After` says: seconds, or a date.
    pub fn retry_after(self, value: &str) -> Self {
        self.header("retry-after", value)
    }

    /// The vendor's code of an error.
    pub fn code(mut self, code: &str) -> Self {
        self.error.get_or_insert_default().code = Some(code.to_owned());
        self
    }

    /// The vendor's type of an error.
    pub fn error_type(mut self, kind: &str) -> Self {
        self.error.get_or_insert_default().kind = Some(kind.to_owned());
        self
    }

    /// The sentence of an error.
    pub fn message(mut self, message: &str) -> Self {
        self.error.get_or_insert_default().message = Some(message.to_owned());
        self
    }

    /// The whole body of an error.
    pub fn body(mut self, body: &str) -> Self {
        self.error.get_or_insert_default().body = Some(body.to_owned());
        self
    }

    /// What goes wrong.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }
}
