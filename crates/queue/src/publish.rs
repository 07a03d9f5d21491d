use ninja_types::{Delta, SessionId, TaskId, UserId};

use crate::queue::BEST_EFFORT;
use crate::subscribe::Notice;
use crate::{ProviderNews, Queue, Signal, Unavailable};

impl Queue {
    /// Tells every API process that `task` of `user` has events up to `seq`. Called after the commit that added them;
    /// a lost notice costs a healing tick, never an event.
    pub fn notify(&self, user: UserId, task: TaskId, seq: i64) {
        let text = serde_json::to_string(&Notice { user_id: user, task_id: task, seq });
        self.publish_beside("notice", self.names().notices(), text);
    }

    /// Tells every API process that these logins have ended. Called after the commit; where the notice is lost, what is
    /// remembered of a login is soon too old to be believed.
    pub fn revoke(&self, ended: &[SessionId]) {
        if !ended.is_empty() {
            let text = serde_json::to_string(ended);
            self.publish_beside("revocation", self.names().revocations(), text);
        }
    }

    /// Asks the workers to look at a row now.
    pub fn signal(&self, signal: Signal) {
        self.publish_beside("signal", self.names().signals(), serde_json::to_string(&signal));
    }

    /// Tells every process what happened to the providers of models. Called after the commit; where it is lost, what is
    /// remembered of them is too old to be believed in half a minute.
    pub fn tell_providers(&self, news: ProviderNews) {
        self.publish_beside("providers", self.names().providers(), serde_json::to_string(&news));
    }

    /// Shows a piece of output to whoever watches the task. Waited for, so that pieces arrive in their order; dropped
    /// and counted if Redis does not take it.
    pub async fn delta(&self, delta: &Delta) {
        let text = serde_json::to_string(delta);
        let channel = self.names().delta(delta.task_id);
        self.publish_or_count("delta", channel, text).await;
    }

    fn publish_beside(
        &self,
        what: &'static str,
        channel: String,
        text: serde_json::Result<String>,
    ) {
        let queue = self.clone();
        self.detach(async move { queue.publish_or_count(what, channel, text).await });
    }

    async fn publish_or_count(
        &self,
        what: &'static str,
        channel: String,
        text: serde_json::Result<String>,
    ) {
        let sent = match text {
            Ok(text) => self.publish(channel, text).await,
            Err(error) => Err(Unavailable::new("Redis", error)),
        };
        if let Err(error) = sent {
            metrics::counter!("ninja_publish_failures_total", "what" => what).increment(1);
            tracing::debug!(what, %error, "not published: rows tell the same, later");
        }
    }

    async fn publish(&self, channel: String, text: String) -> Result<(), Unavailable> {
        let mut command = redis::cmd("PUBLISH");
        command.arg(channel).arg(text);
        self.within(BEST_EFFORT, async {
            match command.query_async(&mut self.shared()).await {
                Ok(()) => Ok(()),
                Err(_first) => command.query_async(&mut self.shared()).await,
            }
        })
        .await
    }
}
