use ninja_types::TaskStatus::{
    self, Cancelled, Cancelling, Completed, Failed, Paused, Pending, Running, Waiting,
};

use crate::error::{ApiError, Code};

/// What somebody wants done with a task.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wish {
    Pause,
    Resume,
    Retry,
    Cancel,
    Delete,
    Message,
    Budget,
}

/// 409 that says what to do first.
pub(super) fn wrong_status(status: TaskStatus, wish: Wish) -> ApiError {
    let done = match wish {
        Wish::Pause => "be paused",
        Wish::Resume => "be resumed",
        Wish::Retry => "be retried",
        Wish::Cancel => "be cancelled",
        Wish::Delete => "be deleted",
        Wish::Message => "be told anything",
        Wish::Budget => "be given a larger budget",
    };
    let advice = advice(status, wish);
    let detail = if advice.is_empty() {
        format!("A {status} task cannot {done}.")
    } else {
        format!("A {status} task cannot {done}: {advice}.")
    };
    ApiError::new(Code::WrongStatus, detail)
}

const fn advice(status: TaskStatus, wish: Wish) -> &'static str {
    match (wish, status) {
        (Wish::Cancel, _) => "",
        (Wish::Delete, _) | (Wish::Retry, Pending | Running | Waiting | Paused) => {
            "cancel it first, or let it end"
        }
        (Wish::Message, Pending | Running | Waiting | Paused) => {
            "none of its open steps asks a model, so nobody would read it"
        }
        (Wish::Pause, Pending) => "nothing of it runs yet; wait until it does, or cancel it",
        (Wish::Pause, Waiting) => {
            "nothing of it runs; give it what it waits for, which `explain` says, or cancel it"
        }
        (Wish::Pause, Paused) => "it is already; resume it when it is to go on",
        (Wish::Resume, Waiting) => {
            "it was not paused; give it what it waits for, which `explain` says"
        }
        (Wish::Resume, Pending | Running) => "it was not paused; pause it first",
        (Wish::Retry, Completed) => "nothing of it failed; clone it to do all of it again",
        (_, Cancelling) => "it is about to end; then it can be retried or cloned",
        (_, Completed) => "it has ended; clone it to do all of it again",
        (_, Failed | Cancelled) => "it has ended; retry it to go on where it stopped, or clone it",
        (_, Pending | Running | Waiting | Paused) => "",
    }
}
