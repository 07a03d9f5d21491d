use ninja_types::{Pool, WorkerId};
use redis::Script;

use crate::names::GROUP;
use crate::{Queue, Unavailable};

impl Queue {
    /// Removes the consumer of a worker that is gone from the stream of `pool`, and gives back what it had read and
    /// not acknowledged. Answers how many messages that were. Harmless for a worker that turns out to live: its next
    /// read makes the consumer anew, and whatever it claims twice is decided by the claim.
    pub async fn bury(&self, pool: Pool, worker: WorkerId) -> Result<usize, Unavailable> {
        let script = Script::new(include_str!("scripts/bury.lua"));
        let mut call = script.key(self.names().stream(pool));
        call.arg(GROUP).arg(worker.to_string());
        self.within(self.response(), call.invoke_async(&mut self.shared())).await
    }
}
