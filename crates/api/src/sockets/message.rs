use ninja_types::{TaskId, TaskStatus, Time, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::extract::strict;

/// Characters of the id by which a client knows its own message again.
const ID: usize = 64;

/// What a client asks.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Asked {
    Subscribe {
        id: Option<Label>,
        task_id: Which,
        after: Option<i64>,
        #[serde(default)]
        deltas: Option<bool>,
    },
    Unsubscribe {
        id: Option<Label>,
        task_id: Which,
    },
    Ping {
        id: Option<Label>,
    },
}

/// Which tasks.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash)]
#[serde(try_from = "String")]
pub(super) enum Which {
    /// `*`: every task of the user.
    Every,
    /// This one.
    One(TaskId),
}

/// A client's name for its message: echoed, never interpreted.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(try_from = "String")]
pub(super) struct Label(String);

/// A message that cannot be obeyed, and why.
#[derive(Debug)]
pub(super) struct Unclear {
    pub(super) id: Option<Label>,
    pub(super) message: String,
}

/// What a client is told. Events and deltas are not among it: their bytes are shared.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Said<'a> {
    Hello {
        protocol: &'static str,
        connection_id: Uuid,
        user_id: UserId,
        heartbeat_seconds: u64,
        max_subscriptions: usize,
    },
    Subscribed {
        id: Option<&'a Label>,
        task_id: Which,
        after: Option<i64>,
        last_seq: Option<i64>,
        status: Option<TaskStatus>,
    },
    Unsubscribed {
        id: Option<&'a Label>,
        task_id: Which,
    },
    End {
        task_id: TaskId,
        last_seq: i64,
    },
    Pong {
        id: Option<&'a Label>,
    },
    Heartbeat {
        at: Time,
    },
    Error {
        id: Option<&'a Label>,
        code: &'a str,
        message: &'a str,
    },
    Restart {
        retry_after_ms: u32,
    },
}

impl Asked {
    /// Reads one message.
    pub(super) fn read(text: &str) -> Result<Self, Unclear> {
        let unclear = |id, error: serde_json::Error| {
            let mut message = error.to_string();
            if let Some((cut, _)) = message.char_indices().nth(300) {
                message.truncate(cut);
            }
            Unclear { id, message }
        };
        let value = strict(text.as_bytes()).map_err(|error| unclear(None, error))?;
        let id = value.get("id").and_then(Value::as_str).map(str::to_owned);
        serde_json::from_value(value)
            .map_err(|error| unclear(id.and_then(|id| Label::try_from(id).ok()), error))
    }
}

impl TryFrom<String> for Label {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.chars().count() > ID {
            return Err("`id` has at most 64 characters");
        }
        Ok(Self(text))
    }
}

impl TryFrom<String> for Which {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let id = || text.parse().ok().filter(|_| text.len() == 36);
        match text.as_str() {
            "*" => Ok(Self::Every),
            _ => id().map(Self::One).ok_or("`task_id` must be the id of a task, or *"),
        }
    }
}

impl Serialize for Which {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Every => serializer.serialize_str("*"),
            Self::One(task) => task.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASK: &str = "01990000-0000-7000-8000-000000000000";

    fn fault(text: &str) -> String {
        match Asked::read(&text.replace("TASK", TASK)) {
            Ok(asked) => format!("{asked:?}"),
            Err(Unclear { id, message }) => {
                format!("{:?} {message}", id.map(|id| id.0).unwrap_or_default())
            }
        }
    }

    #[test]
    fn every_field_is_read() {
        let text = r#"{"type":"subscribe","id":"a1","task_id":"TASK","after":7,"deltas":true}"#;
        let asked = Asked::read(&text.replace("TASK", TASK)).unwrap();
        let task_id = Which::One(TASK.parse().unwrap());
        let id = Some(Label("a1".into()));
        assert_eq!(asked, Asked::Subscribe { id, task_id, after: Some(7), deltas: Some(true) });
        let bare = Asked::read(r#"{"type":"subscribe","task_id":"*","after":null}"#).unwrap();
        let task_id = Which::Every;
        assert_eq!(bare, Asked::Subscribe { id: None, task_id, after: None, deltas: None });
    }

    #[test]
    fn what_is_wrong_with_a_message_is_said() {
        let all = [
            "",
            "hello",
            "[]",
            r#"{"id":"a"}"#,
            r#"{"type":"shout","id":"a"}"#,
            r#"{"type":"ping","id":7}"#,
            r#"{"type":"ping","id":"a","extra":1}"#,
            r#"{"type":"ping","type":"ping"}"#,
            r#"{"type":"subscribe","id":"a"}"#,
            r#"{"type":"subscribe","id":"a","task_id":"nobody"}"#,
            r#"{"type":"subscribe","id":"a","task_id":"TASK","after":"7"}"#,
            r#"{"type":"subscribe","id":"a","task_id":"TASK","after":1.5}"#,
            r#"{"type":"subscribe","id":"a","task_id":"TASK","deltas":"yes"}"#,
            r#"{"type":"unsubscribe","id":"a","task_id":"TASK","after":1}"#,
        ];
        let faults: Vec<String> = all.iter().map(|text| fault(text)).collect();
        insta::assert_snapshot!(faults.join("\n"));
        let long = format!(r#"{{"type":"ping","id":"{}"}}"#, "x".repeat(65));
        assert!(fault(&long).contains("64 characters"));
    }
}
