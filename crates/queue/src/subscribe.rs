use std::collections::HashSet;
use std::time::Duration;

use futures_util::StreamExt;
use ninja_types::{Delta, SessionId, TaskId, UserId};
use redis::aio::{PubSubSink, PubSubStream};
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, mpsc};

use crate::acknowledge::pause;
use crate::backoff::Backoff;
use crate::queue::BLOCK;
use crate::{ProviderNews, Queue, Signal, Unavailable};

/// Slow hearers miss what is older than this many messages, and are told so: they read rows then.
const REMEMBERED: usize = 1024;
/// How often a silent connection is asked whether it lives: a half-open link shows no other way.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// What one can listen to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// New events of any task.
    Notices,
    /// Hints to workers.
    Signals,
    /// Logins that ended.
    Revocations,
    /// What happens to the providers of models.
    Providers,
    /// Output of one task as it appears.
    Delta(TaskId),
}

/// What one hears.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// `task_id` has events up to `seq`.
    Notice {
        /// Whose task.
        user_id: UserId,
        /// Which task.
        task_id: TaskId,
        /// Its newest event.
        seq: i64,
    },
    /// A hint to workers.
    Signal(Signal),
    /// These logins ended.
    Revoked(Vec<SessionId>),
    /// Something happened to a provider of models.
    Providers(ProviderNews),
    /// A piece of output.
    Delta(Delta),
    /// The connection is new: anything may have been missed, so look at the rows.
    Resync,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Notice {
    pub(crate) user_id: UserId,
    pub(crate) task_id: TaskId,
    pub(crate) seq: i64,
}

/// One subscription of the process, forwarded to as many hearers as want it. It ends with this value.
#[derive(Debug)]
pub struct Subscriber {
    changes: mpsc::UnboundedSender<Change>,
    heard: broadcast::Sender<Heard>,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Add(Channel),
    Remove(Channel),
}

impl Queue {
    /// Listens to `channels` from now on, over a connection of its own that comes back by itself.
    pub fn subscribe(&self, channels: impl IntoIterator<Item = Channel>) -> Subscriber {
        let (heard, _) = broadcast::channel(REMEMBERED);
        let (changes, receiver) = mpsc::unbounded_channel();
        let wanted = channels.into_iter().collect();
        let listening =
            Listening { queue: self.clone(), heard: heard.clone(), changes: receiver, wanted };
        self.detach(listening.run());
        Subscriber { changes, heard }
    }

    fn channel_name(&self, channel: Channel) -> String {
        match channel {
            Channel::Notices => self.names().notices(),
            Channel::Signals => self.names().signals(),
            Channel::Revocations => self.names().revocations(),
            Channel::Providers => self.names().providers(),
            Channel::Delta(task) => self.names().delta(task),
        }
    }
}

impl Subscriber {
    /// Everything from now on. `Lagged` means the same as [`Heard::Resync`].
    pub fn hear(&self) -> broadcast::Receiver<Heard> {
        self.heard.subscribe()
    }

    /// Listens to one channel more.
    pub fn add(&self, channel: Channel) {
        self.change(Change::Add(channel));
    }

    /// Listens to one channel less.
    pub fn remove(&self, channel: Channel) {
        self.change(Change::Remove(channel));
    }

    fn change(&self, change: Change) {
        if self.changes.send(change).is_err() {
            tracing::error!(?change, "the subscription has ended");
        }
    }
}

struct Listening {
    queue: Queue,
    heard: broadcast::Sender<Heard>,
    changes: mpsc::UnboundedReceiver<Change>,
    wanted: HashSet<Channel>,
}

impl Listening {
    /// Until the subscriber is dropped. After every loss: connect, subscribe to all that is wanted, say `Resync`.
    async fn run(mut self) {
        let mut backoff = Backoff::new();
        loop {
            match self.listen(&mut backoff).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::debug!(%error, "subscription lost, connecting again");
                    if !self.wait(backoff.next()).await {
                        return;
                    }
                }
            }
        }
    }

    /// The pause before the next attempt, in which channels come and go; false: the subscriber is gone.
    async fn wait(&mut self, span: Duration) -> bool {
        let end = pause(span);
        tokio::pin!(end);
        loop {
            tokio::select! {
                () = &mut end => return true,
                change = self.changes.recv() => match change {
                    Some(change) => self.note(change),
                    None => return false,
                },
            }
        }
    }

    fn note(&mut self, change: Change) {
        match change {
            Change::Add(channel) => self.wanted.insert(channel),
            Change::Remove(channel) => self.wanted.remove(&channel),
        };
    }

    /// One connection's life: `Ok` when the subscriber is gone.
    async fn listen(&mut self, backoff: &mut Backoff) -> Result<(), Unavailable> {
        let (mut sink, mut stream) = self.connect().await?;
        backoff.reset();
        self.tell(Heard::Resync);
        let mut ask = tokio::time::interval(ASK_EVERY);
        loop {
            tokio::select! {
                message = stream.next() => {
                    let Some(message) = message else { return Err(Unavailable::late()) };
                    if let Some(heard) = self.understand(&message) {
                        self.tell(heard);
                    }
                }
                change = self.changes.recv() => {
                    let Some(change) = change else { return Ok(()) };
                    self.note(change);
                    let answer = self.apply(&mut sink, change);
                    self.queue.within(self.queue.response(), answer).await?;
                }
                _ = ask.tick() => {
                    let limit = self.queue.response();
                    let _: redis::Value = self.queue.within(limit, sink.ping()).await?;
                }
            }
        }
    }

    async fn connect(&self) -> Result<(PubSubSink, PubSubStream), Unavailable> {
        let limit = self.queue.response() + BLOCK;
        let names: Vec<_> = self.wanted.iter().map(|c| self.queue.channel_name(*c)).collect();
        let connecting = async {
            let (mut sink, stream) = self.queue.client().get_async_pubsub().await?.split();
            if !names.is_empty() {
                sink.subscribe(names).await?;
            }
            Ok::<_, redis::RedisError>((sink, stream))
        };
        match tokio::time::timeout(limit, connecting).await {
            Ok(connected) => Ok(connected?),
            Err(_elapsed) => Err(Unavailable::late()),
        }
    }

    async fn apply(&self, sink: &mut PubSubSink, change: Change) -> redis::RedisResult<()> {
        match change {
            Change::Add(channel) => sink.subscribe(self.queue.channel_name(channel)).await,
            Change::Remove(channel) => sink.unsubscribe(self.queue.channel_name(channel)).await,
        }
    }

    /// `None`: not written by this version; whoever needs it finds it in the rows.
    fn understand(&self, message: &redis::Msg) -> Option<Heard> {
        let text = message.get_payload_bytes();
        let channel = message.get_channel_name();
        if channel == self.queue.names().notices() {
            let Notice { user_id, task_id, seq } = serde_json::from_slice(text).ok()?;
            Some(Heard::Notice { user_id, task_id, seq })
        } else if channel == self.queue.names().signals() {
            serde_json::from_slice(text).ok().map(Heard::Signal)
        } else if channel == self.queue.names().revocations() {
            serde_json::from_slice(text).ok().map(Heard::Revoked)
        } else if channel == self.queue.names().providers() {
            serde_json::from_slice(text).ok().map(Heard::Providers)
        } else {
            serde_json::from_slice(text).ok().map(Heard::Delta)
        }
    }

    fn tell(&self, heard: Heard) {
        // An error says that nobody hears at the moment, which is no fault.
        drop(self.heard.send(heard));
    }
}
