use serde_json::json;

use ninja_testkit::TestApp;

use crate::fleet::{at_work, eventually, nothing_was_repeated};
use crate::programs::program;

/// Whether a process of this machine has `word` on its command line.
fn runs(word: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let mut lines = processes.filter_map(|p| std::fs::read(p.path().join("cmdline")).ok());
    lines.any(|line| line.split(|byte| *byte == 0).any(|argument| argument == word.as_bytes()))
}

#[tokio::test]
async fn a_worker_killed_in_mid_program_loses_nothing_and_leaves_nothing() {
    let mut app = TestApp::with().workers(2).start().await;
    let alice = app.user("alice").await;
    let body = program("bash", "sleep 31234567 & sleep 4; echo done; kill %1");
    let id = alice.create(&body).await;
    let victim = at_work(&mut app, 2).await;
    eventually("the program runs", async || runs("31234567")).await;
    app.worker(victim).sigkill();
    let done = alice.wait_task(&id, "completed").await;
    assert_eq!(done["result"]["output"]["run"]["stdout"], "done\n", "{done}");
    assert!(!runs("31234567"), "a program outlived its worker");
    let events = alice.events(&id).await;
    let told: Vec<_> = events
        .iter()
        .filter(|event| {
            event["type"]
                .as_str()
                .is_some_and(|kind| kind.starts_with("call.") || kind == "step.retried")
        })
        .map(|event| (event["type"].clone(), event["data"]["epoch"].clone()))
        .collect();
    let repeated = told.last().map(|(_, epoch)| epoch.clone()).unwrap_or_default();
    assert_eq!(
        told.iter().map(|(kind, _)| kind.as_str().unwrap_or_default()).collect::<Vec<_>>(),
        ["call.started", "step.retried", "call.repeated", "call.finished"]
    );
    assert_ne!(told[0].1, repeated, "the second run has an epoch of its own");
    nothing_was_repeated(&app).await;
}

#[tokio::test]
async fn cancel_ends_a_program_and_its_children_within_two_seconds() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id =
        alice.create(&program("bash", "(sleep 41234567 & sleep 41234567) & sleep 41234567")).await;
    eventually("the program runs", async || runs("41234567")).await;
    let began = std::time::Instant::now();
    let answer = alice.post_empty(&format!("/api/v1/tasks/{id}/cancel")).await;
    assert_eq!((answer.status, &answer.json["status"]), (202, &json!("cancelling")), "{answer}");
    eventually("the program is gone", async || !runs("41234567")).await;
    assert!(began.elapsed().as_secs_f64() < 2.0, "it took {:?}", began.elapsed());
    alice.wait_task(&id, "cancelled").await;
    app.invariants().await;
}
