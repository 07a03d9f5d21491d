//! Six kinds of providers, each asked over real HTTP, each held to the same. What a format writes otherwise is the
//! server's knowledge, from the vendors' documentation; a request that a vendor would refuse fails the test.

mod answers;
mod faults;
mod lists;

use std::time::Duration;

use ninja_llm::{ChatRequest, Completion, ProviderError, Target};
use ninja_testkit::{ModelServer, model_server::Reply};
use ninja_types::ProviderKind;

use crate::asked;

const SHORT: Duration = Duration::from_millis(150);

/// What one kind made of a reply, and what the server saw of it.
struct Made {
    kind: ProviderKind,
    answer: Result<Completion, ProviderError>,
    pieces: Vec<String>,
    entry: ninja_testkit::model_server::Entry,
}

/// Asks every kind once, with `reply` for an answer.
async fn each(request: &ChatRequest, reply: impl Fn(ProviderKind) -> Reply) -> Vec<Made> {
    each_with(request, reply, |target| target).await
}

/// The same, with a target that is changed first.
async fn each_with(
    request: &ChatRequest,
    reply: impl Fn(ProviderKind) -> Reply,
    change: impl Fn(Target) -> Target,
) -> Vec<Made> {
    let server = ModelServer::start().await;
    let mut made = Vec::new();
    for (n, kind) in ProviderKind::ALL.iter().copied().enumerate() {
        server.reply(reply(kind));
        let target = change(asked::target(kind, &server.url(kind)));
        let (answer, pieces) = asked::ask_and_hear(kind, &target, request).await;
        let entry = server.ended(u64::try_from(n).unwrap() + 1).await;
        assert_eq!(entry.kind, kind);
        made.push(Made { kind, answer, pieces, entry });
    }
    made
}
