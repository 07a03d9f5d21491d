use std::time::Duration;

use crate::queue::BEST_EFFORT;
use crate::{Queue, Unavailable};

impl Queue {
    /// Keeps what a ticket stands for, under its hash, until it is taken or `life` is over.
    pub async fn keep_ticket(
        &self,
        hash: &[u8; 32],
        bearer: &str,
        life: Duration,
    ) -> Result<(), Unavailable> {
        let mut command = redis::cmd("SET");
        command.arg(self.names().ticket(hash)).arg(bearer);
        command.arg("PX").arg(u64::try_from(life.as_millis()).unwrap_or(u64::MAX).max(1));
        self.within(BEST_EFFORT, command.query_async(&mut self.shared())).await
    }

    /// What the ticket stood for; it is good no more from here on, whoever else asks at this moment.
    pub async fn take_ticket(&self, hash: &[u8; 32]) -> Result<Option<String>, Unavailable> {
        let mut command = redis::cmd("GETDEL");
        command.arg(self.names().ticket(hash));
        self.within(BEST_EFFORT, command.query_async(&mut self.shared())).await
    }
}
