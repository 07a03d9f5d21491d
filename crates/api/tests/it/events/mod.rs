//! Events of a task: pages, streams, deltas.

mod page;
mod stream;

use std::time::Duration;

use ninja_config::{RedisConfig, Seconds, Setting};
use ninja_queue::Queue;
use ninja_testkit::TestApp;
use ninja_types::{Delta, DeltaStream, StepId};
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

/// Says `hello` as a program of the task would, again and again: whoever listens hears it as soon as it does.
pub(crate) fn speak(app: &TestApp, task: &str) -> JoinHandle<()> {
    let tracker = TaskTracker::new();
    let queue = Queue::open(&redis(app), tracker.clone()).unwrap();
    let mut delta = Delta {
        task_id: task.parse().unwrap(),
        step_id: StepId::new(),
        call_no: 1,
        epoch: 1,
        index: 0,
        stream: DeltaStream::Stdout,
        text: "hello\n".into(),
    };
    tracker.spawn(async move {
        let mut pause = tokio::time::interval(Duration::from_millis(20));
        loop {
            pause.tick().await;
            queue.delta(&delta).await;
            delta.index += 1;
        }
    })
}

fn redis(app: &TestApp) -> RedisConfig {
    let pair = |key: &str| {
        let (_, value) = app.pairs().iter().find(|(name, _)| name == key).unwrap();
        value.clone()
    };
    RedisConfig {
        url: pair("NINJA_REDIS__URL").into(),
        password: None,
        prefix: pair("NINJA_REDIS__PREFIX"),
        response_seconds: Seconds::parse("5").unwrap(),
    }
}
