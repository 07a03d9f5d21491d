use std::io::ErrorKind;

use actix_web::error::PayloadError;
use actix_ws::{CloseReason, ProtocolError};

/// Why a socket ends.
#[derive(Debug)]
pub(super) enum Leave {
    /// The client says goodbye; it is answered with its own words.
    Goodbye(Option<CloseReason>),
    /// The connection is broken: there is nobody to tell.
    Gone,
    /// The process stops: the client is told when to come back.
    Restart,
    /// The client is told this code, and what to do about it.
    Told(u16, &'static str),
}

impl Leave {
    pub(super) const BINARY: Self = Self::Told(1003, "Send text frames: each is one JSON message.");
    pub(super) const TOO_LARGE: Self = Self::Told(1009, "A message has at most 16 KiB.");
    pub(super) const INTERNAL: Self = Self::Told(1011, "This is our fault: come back in a while.");
    pub(super) const TOO_SLOW: Self =
        Self::Told(1013, "You take nothing of what is sent: connect again and resume.");
    pub(super) const INVALID: Self = Self::Told(4400, "Three messages were not valid.");
    pub(super) const ENDED: Self = Self::Told(4401, "The session has ended: log in again.");
    pub(super) const OTHER_ROLE: Self =
        Self::Told(4403, "Your role is another one now: connect again.");
    pub(super) const IDLE: Self =
        Self::Told(4408, "Nothing was heard of you: connect again and resume.");
    pub(super) const TOO_MANY: Self = Self::Told(4429, "Send at most 20 messages in a second.");

    /// Who ended it, for the log and the metrics: what a client calls its goodbye is its own affair.
    pub(super) fn word(&self) -> String {
        match self {
            Self::Goodbye(_) => "client".to_owned(),
            Self::Gone => "gone".to_owned(),
            Self::Restart | Self::Told(..) => self.code().to_string(),
        }
    }

    /// The code that the client is told; 0 where it is told nothing.
    pub(super) fn code(&self) -> u16 {
        match self {
            Self::Goodbye(reason) => reason.as_ref().map_or(1000, |reason| reason.code.into()),
            Self::Gone => 0,
            Self::Restart => 1012,
            Self::Told(code, _) => *code,
        }
    }
}

impl From<ProtocolError> for Leave {
    fn from(error: ProtocolError) -> Self {
        match error {
            ProtocolError::Overflow | ProtocolError::InvalidLength(_) => Self::TOO_LARGE,
            ProtocolError::Io(error) => {
                let cause = error.get_ref();
                let broken =
                    cause.is_some_and(|cause| cause.downcast_ref::<PayloadError>().is_some());
                match error.kind() {
                    _ if broken => Self::Gone,
                    ErrorKind::InvalidData => Self::Told(1007, "Text must be UTF-8."),
                    // A message out of several frames: the library has no other word for it.
                    ErrorKind::Other => Self::TOO_LARGE,
                    _ => Self::Gone,
                }
            }
            _ => Self::Told(1002, "This is not the WebSocket protocol."),
        }
    }
}
