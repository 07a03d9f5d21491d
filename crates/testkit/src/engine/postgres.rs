use super::{Engine, Kind};

/// A PostgreSQL of one test, which may stop, kill and pause it. Tests that do not hurt their engine use
/// [`crate::Database`], which is faster.
#[derive(Debug)]
pub struct Pg(Engine);

impl Pg {
    /// Makes a cluster and starts it; takes about two seconds.
    pub fn start() -> Self {
        Self(Engine::new(Kind::Postgres))
    }

    /// Its superuser's address of the database `postgres`.
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// Ends it in order; what was committed stays.
    pub fn stop(&mut self) {
        self.0.stop();
    }

    /// Kills it with SIGKILL; what was committed stays.
    pub fn kill9(&mut self) {
        self.0.kill9();
    }

    /// Starts it after [`Pg::stop`] or [`Pg::kill9`], under the same address.
    pub fn start_again(&mut self) {
        self.0.start_again();
    }

    /// Lets it hang: connections stay open and nothing answers.
    pub fn pause(&self) {
        self.0.freeze(true);
    }

    /// Ends [`Pg::pause`].
    pub fn resume(&self) {
        self.0.freeze(false);
    }
}
