//! The whole product for one test: its own database, its own Redis names, a real API, real workers.

mod settings;

use std::{fs, os::unix::fs::PermissionsExt as _};

use crate::{Client, Database, Pg, Program, Redis, client, engine::Port, fresh_prefix, redis_url};

/// A product that lives as long as this value. Its fields end in the order in which they stand.
#[derive(Debug)]
pub struct TestApp {
    workers: Vec<(Program, Port)>,
    more_apis: Vec<(Program, Port)>,
    api: Program,
    database: Database,
    engines: Option<(Pg, Redis)>,
    pairs: Vec<(String, String)>,
    dir: tempfile::TempDir,
    _port: Port,
}

/// What a [`TestApp`] is to be made of.
#[derive(Debug)]
pub struct Setup {
    workers: usize,
    extra: Vec<(String, String)>,
    own_engines: bool,
}

impl Setup {
    /// So many workers; one if nothing is said.
    #[must_use]
    pub fn workers(mut self, count: usize) -> Self {
        self.workers = count;
        self
    }

    /// A setting of both programs, for example `("NINJA_WORKER__CONCURRENCY", "1")`.
    #[must_use]
    pub fn set(mut self, key: &str, value: &str) -> Self {
        self.extra.push((key.to_owned(), value.to_owned()));
        self
    }

    /// A PostgreSQL and a Redis that nobody else uses, to be hurt by [`TestApp::engines`].
    #[must_use]
    pub fn own_engines(mut self) -> Self {
        self.own_engines = true;
        self
    }

    /// Starts it all and waits until every program is ready.
    pub async fn start(self) -> TestApp {
        let engines = self.own_engines.then(|| (Pg::start(), Redis::start()));
        let (database, redis) = match &engines {
            Some((pg, redis)) => (Database::on(pg).await, redis.url()),
            None => (Database::fresh().await, redis_url().to_owned()),
        };
        let dir = tempfile::Builder::new().prefix("ninja-app-").tempdir().expect("a folder");
        let open = fs::Permissions::from_mode(0o711); // the sandbox's users pass through
        fs::set_permissions(dir.path(), open).expect("the mode of our own folder");
        let prefix = fresh_prefix();
        let pairs = settings::pairs(database.url(), &redis, &prefix, dir.path(), &self.extra);
        let port = Port::reserve();
        let (with_bind, url) = settings::bound(pairs.clone(), "SERVER", &port);
        let api = Program::start("ninja-api", with_bind, url, dir.path().join("api.log"));
        let (workers, more_apis) = (Vec::new(), Vec::new());
        let mut app =
            TestApp { workers, more_apis, api, database, engines, pairs, dir, _port: port };
        for _ in 0..self.workers {
            app.spawn_worker();
        }
        app.api.ready().await;
        for (worker, _) in &mut app.workers {
            worker.ready().await;
        }
        app
    }
}

impl TestApp {
    /// One API and one worker on the engines that the run shares.
    pub async fn start() -> Self {
        Self::with().start().await
    }

    /// Anything else.
    pub fn with() -> Setup {
        Setup { workers: 1, extra: Vec::new(), own_engines: false }
    }

    /// Where the API is, without a slash at the end.
    pub fn url(&self) -> &str {
        self.api.url()
    }

    /// The database, to look at and to arrange.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The engines of this test alone; only with [`Setup::own_engines`].
    pub fn engines(&mut self) -> (&mut Pg, &mut Redis) {
        let (pg, redis) = self.engines.as_mut().expect("the test asked for its own engines");
        (pg, redis)
    }

    /// The API's process.
    pub fn api(&mut self) -> &mut Program {
        &mut self.api
    }

    /// Starts one more API on the same engines and waits until it is ready.
    pub async fn add_api(&mut self) -> &mut Program {
        let port = Port::reserve();
        let (pairs, url) = settings::bound(self.pairs.clone(), "SERVER", &port);
        let log = self.dir.path().join(format!("api-{}.log", self.more_apis.len() + 1));
        self.more_apis.push((Program::start("ninja-api", pairs, url, log), port));
        let (api, _) = self.more_apis.last_mut().expect("it was just added");
        api.ready().await;
        api
    }

    /// A worker's process, counted from 0.
    pub fn worker(&mut self, index: usize) -> &mut Program {
        &mut self.workers[index].0
    }

    /// Starts one more worker and waits until it is ready.
    pub async fn add_worker(&mut self) -> &mut Program {
        self.spawn_worker();
        let (worker, _) = self.workers.last_mut().expect("it was just added");
        worker.ready().await;
        worker
    }

    fn spawn_worker(&mut self) {
        let port = Port::reserve();
        let (pairs, url) = settings::bound(self.pairs.clone(), "WORKER", &port);
        let log = self.dir.path().join(format!("worker-{}.log", self.workers.len()));
        self.workers.push((Program::start("ninja-worker", pairs, url, log), port));
    }

    /// The settings that both programs have, for another program of the product.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// A client without an identity.
    pub fn anonymous(&self) -> Client {
        Client::anonymous(self.url())
    }

    /// A new user with this name, registered over HTTP.
    pub async fn user(&self, name: &str) -> Client {
        self.anonymous().registered(name).await
    }

    /// A new administrator: a user whose role is raised behind the API's back.
    pub async fn admin(&self, name: &str) -> Client {
        let user = self.user(name).await;
        let sql = "UPDATE users SET role = 'admin' WHERE email = $1";
        let raised = self.database.client().await.execute(sql, &[&client::email(name)]).await;
        assert_eq!(raised.expect("the role can be changed"), 1);
        drop(user);
        self.anonymous().logged_in(name).await
    }

    /// Tasks, steps, jobs and events as text.
    pub async fn state(&self) -> String {
        self.database.state().await
    }

    /// Fails if the database holds anything that can never be. True at every moment, not only at rest.
    pub async fn invariants(&self) {
        self.database.invariants().await;
    }
}
