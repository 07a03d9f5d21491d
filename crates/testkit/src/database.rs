use std::{future::Future, time::Duration};

use ninja_db::ConnectOptions;
use tokio_postgres::{Client, NoTls};

use crate::{
    Pg,
    engine::{once_per_run, postgres_url},
};

const TEMPLATE: &str = "template_migrated";

/// A database of one test, dropped with this value.
#[derive(Debug)]
pub struct Database {
    server: String,
    name: String,
    url: String,
}

impl Database {
    /// A migrated database on the engine that the run shares, cloned from a template in about 50 ms.
    pub async fn fresh() -> Self {
        let server = postgres_url().to_owned();
        once_per_run("template", |_| {
            let server = server.clone();
            let template = with_name(&server, TEMPLATE);
            apart(async move { execute(&server, &format!("CREATE DATABASE {TEMPLATE}")).await });
            migrate(&template);
        });
        Self::create(server, &format!("TEMPLATE {TEMPLATE}")).await
    }

    /// A database without any table, for tests of the migrations themselves.
    pub async fn empty() -> Self {
        Self::create(postgres_url().to_owned(), "").await
    }

    /// A migrated database on an engine that the test may hurt.
    pub async fn on(engine: &Pg) -> Self {
        let database = Self::create(engine.url(), "").await;
        migrate(&database.url);
        database
    }

    async fn create(server: String, how: &str) -> Self {
        let name = format!("t{}", uuid::Uuid::now_v7().simple());
        execute(&server, &format!("CREATE DATABASE {name} {how}")).await;
        let url = with_name(&server, &name);
        Self { server, name, url }
    }

    /// Its address, as `database.url` wants it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection past the product, to look and to arrange.
    pub async fn client(&self) -> Client {
        connect(&self.url).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        apart(async move {
            // An engine of the test's own may be gone by now, and the database with it.
            if let Ok((client, connection)) = tokio_postgres::connect(&server, NoTls).await {
                let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                let work = async { client.batch_execute(&drop).await };
                tokio::select! { _ = work => {}, _ = connection => {} }
            }
        });
    }
}

fn migrate(url: &str) {
    let options = ConnectOptions {
        url: url.into(),
        pool_size: 1,
        acquire: Duration::from_secs(30),
        statement: Duration::from_mins(1),
        lock: Duration::from_mins(1),
        name: "ninja-testkit",
    };
    // The migration harness blocks in place, which a test's own runtime may not allow.
    apart(async move {
        ninja_db::migrate::run(&options).await.expect("the migrations run");
    });
}

async fn execute(url: &str, sql: &str) {
    connect(url).await.batch_execute(sql).await.expect("a statement about a database");
}

#[expect(clippy::disallowed_methods, reason = "the connection's task ends with its client")]
async fn connect(url: &str) -> Client {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.expect("a connection to PostgreSQL");
    tokio::spawn(connection);
    client
}

fn with_name(server: &str, name: &str) -> String {
    let mut url = url::Url::parse(server).expect("an address");
    url.set_path(name);
    url.to_string()
}

/// Runs `work` on a thread and runtime of its own: drops and run-wide locks are not async.
fn apart(work: impl Future<Output = ()> + Send + 'static) {
    let thread = std::thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build();
        runtime.expect("a runtime").block_on(work);
    });
    if let Err(cause) = thread.join()
        && !std::thread::panicking()
    {
        std::panic::resume_unwind(cause);
    }
}
