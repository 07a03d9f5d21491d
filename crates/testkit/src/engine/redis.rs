use super::{Engine, Kind};

/// A Redis of one test, which may stop, kill, pause and empty it.
#[derive(Debug)]
pub struct Redis(Engine);

impl Redis {
    /// Starts an empty one.
    pub fn start() -> Self {
        Self(Engine::new(Kind::Redis))
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.0.pid()
    }

    /// Ends it in order. It stores nothing on disk, so it always comes back empty.
    pub fn stop(&mut self) {
        self.0.stop();
    }

    /// Kills it with SIGKILL.
    pub fn kill9(&mut self) {
        self.0.kill9();
    }

    /// Starts it after [`Redis::stop`] or [`Redis::kill9`], under the same address, empty.
    pub fn start_empty(&mut self) {
        self.0.start_again();
    }

    /// Lets it hang: connections stay open and nothing answers.
    pub fn pause(&self) {
        self.0.freeze(true);
    }

    /// Ends [`Redis::pause`].
    pub fn resume(&self) {
        self.0.freeze(false);
    }

    /// Removes every key, streams and consumer groups too.
    pub fn flush(&self) {
        self.command(redis::cmd("FLUSHALL").arg("SYNC"));
    }

    /// Cuts every connection of its clients, subscribers too.
    pub fn client_kill(&self) {
        for kind in ["normal", "pubsub"] {
            self.command(redis::cmd("CLIENT").arg("KILL").arg("TYPE").arg(kind));
        }
    }

    fn command(&self, command: &redis::Cmd) {
        let client = redis::Client::open(self.url()).expect("a Redis address");
        let mut connection = client.get_connection().expect("a connection to Redis");
        let _: redis::Value = command.query(&mut connection).expect("an answer of Redis");
    }
}
