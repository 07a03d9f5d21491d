//! A server that answers like the vendors of models, as a script says, and keeps a ledger of what it was asked.
//!
//! Real HTTP on loopback, on a thread of its own, so that a test that blocks does not stop it. Its formats are written
//! from the vendors' documentation: a request that a vendor would refuse is refused, and fails the test. What nobody
//! scripted is answered with an echo. Read `reply.rs` for what can be answered, `formats/` for how it looks.

mod answer;
mod asked;
mod formats;
mod http;
mod ledger;
mod plan;
mod reply;
mod script;
mod serve;

use std::{
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::Duration,
};

use ninja_types::ProviderKind;
use tokio::{
    net::TcpListener,
    sync::{oneshot, watch},
};

pub use self::{
    ledger::Entry,
    reply::{Call, Fault, Refusal, Reply, Report, Stop, Usage},
    script::{Rule, When},
};
use self::{
    script::Script,
    serve::{Settings, Shared, lock},
};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_mins(1);

/// The server, until it is dropped.
#[derive(Debug)]
pub struct ModelServer {
    port: u16,
    shared: Arc<Shared>,
    /// Dropped: the server ends.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    forgiving: bool,
}

impl ModelServer {
    /// A server on a free port.
    pub async fn start() -> Self {
        Self::start_on(0).await
    }

    /// A server on this port.
    pub async fn start_on(port: u16) -> Self {
        let settings = Settings {
            keys: None,
            models: vec!["scripted-large".to_owned(), "scripted-small".to_owned()],
            only_listed: false,
            keep_bodies: true,
        };
        let shared = Arc::new(Shared {
            script: Mutex::new(Script::default()),
            ledger: Mutex::new(Vec::new()),
            settings: Mutex::new(settings),
            changes: watch::Sender::new(0),
        });
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = oneshot::channel();
        let theirs = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a free port");
                let port = listener.local_addr().expect("a bound socket has an address").port();
                tell.send(port).ok();
                tokio::select! {
                    () = serve::serve(listener, theirs) => {}
                    _ = stopped => {}
                }
            });
        });
        let port = told.await.expect("the server starts");
        Self { port, shared, stop: Some(stop), thread: Some(thread), forgiving: false }
    }

    /// The base URL of a vendor, with a slash at its end.
    pub fn url(&self, kind: ProviderKind) -> String {
        serve::address(self.port, kind)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Answers by these rules from now on: the first that fits a request and has not been used up.
    pub fn script(&self, rules: impl IntoIterator<Item = Rule>) {
        lock(&self.shared.script).set(rules.into_iter().collect());
    }

    /// One rule more, after the others.
    pub fn rule(&self, rule: Rule) {
        lock(&self.shared.script).add(rule);
    }

    /// Answers one request so, the next for which no earlier rule is.
    pub fn reply(&self, reply: Reply) {
        self.rule(Rule::any(reply).once());
    }

    /// Answers every request so for which no earlier rule is.
    pub fn always(&self, reply: Reply) {
        self.rule(Rule::any(reply));
    }

    /// Takes only these keys; any other is answered with 401.
    pub fn keys(&self, keys: &[&str]) {
        lock(&self.shared.settings).keys = Some(keys.iter().map(|&key| key.to_owned()).collect());
    }

    /// Has these models and no others: what no rule is for is answered with 404.
    pub fn models(&self, names: &[&str]) {
        let mut settings = lock(&self.shared.settings);
        settings.models = names.iter().map(|&name| name.to_owned()).collect();
        settings.only_listed = true;
    }

    /// Keeps only figures of requests, for measurements.
    pub fn without_bodies(&self) {
        lock(&self.shared.settings).keep_bodies = false;
    }

    /// Lets the test end although requests came that a vendor would refuse: it sends them itself.
    pub fn forgive(&mut self) {
        self.forgiving = true;
    }

    /// Every request so far, in the order in which they came.
    pub fn ledger(&self) -> Vec<Entry> {
        lock(&self.shared.ledger).clone()
    }

    /// The requests whose model is this, in their order.
    pub fn asked(&self, model: &str) -> Vec<Entry> {
        self.ledger().into_iter().filter(|entry| entry.model == model).collect()
    }

    /// Waits until the ledger is as `what` wants it, and gives it; fails after a minute.
    pub async fn until(&self, what: impl Fn(&[Entry]) -> bool) -> Vec<Entry> {
        let mut changes = self.shared.changes.subscribe();
        let seen = async {
            loop {
                changes.borrow_and_update();
                let ledger = self.ledger();
                if what(&ledger) {
                    return ledger;
                }
                changes.changed().await.expect("the server lives");
            }
        };
        let seen = tokio::time::timeout(PATIENCE, seen).await;
        seen.unwrap_or_else(|_| panic!("in vain; the ledger is {:#?}", self.ledger()))
    }

    /// Waits for so many requests.
    pub async fn received(&self, count: usize) -> Vec<Entry> {
        self.until(|ledger| ledger.len() >= count).await
    }

    /// Waits until the answer to the request of this number has ended, one way or another.
    pub async fn ended(&self, n: u64) -> Entry {
        let ended = |entry: &&Entry| entry.n == n && entry.ended.is_some();
        let ledger = self.until(|ledger| ledger.iter().any(|entry| ended(&entry))).await;
        ledger.into_iter().find(|entry| ended(&entry)).expect("it was waited for")
    }

    /// What the vendors would have refused.
    pub fn invalid(&self) -> Vec<String> {
        let told = |entry: &Entry| {
            entry.invalid.as_ref().map(|why| format!("{} {}: {why}", entry.kind, entry.path))
        };
        lock(&self.shared.ledger).iter().filter_map(told).collect()
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
        if !self.forgiving && !std::thread::panicking() {
            let invalid = self.invalid();
            assert!(invalid.is_empty(), "a vendor would have refused: {invalid:#?}");
        }
    }
}
