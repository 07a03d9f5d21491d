//! Listening, serving, draining.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{NormalizePath, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;
use actix_web::{App as Actix, HttpServer};
use rustix::net::sockopt::set_tcp_user_timeout;
use tokio::signal::unix::{SignalKind, signal};
use utoipa_actix_web::AppExt;

use crate::app::{App, StartError};
use crate::edge::edge;
use crate::gate::gate;
use crate::routes;

const HEAD: Duration = Duration::from_secs(10);
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Milliseconds that a client may acknowledge nothing of what it is sent. The server itself waits for ever for a client that
/// does not read; then the kernel hangs up.
const STUCK_MS: u32 = 60_000;

/// A server that listens already: its address is known, also where port 0 was asked for.
pub struct Listening {
    /// Where it listens.
    pub address: SocketAddr,
    server: Server,
    app: Data<App>,
}

/// Listens on the address of the settings.
pub fn listen(app: App) -> Result<Listening, StartError> {
    let bind = app.config.server.bind;
    let drain = app.config.server.drain_seconds.duration();
    let app = Data::new(app);
    let shared = app.clone();
    let cannot = |error| StartError::Bind(bind, error);
    let listener = TcpListener::bind(bind).map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let server = HttpServer::new(move || {
        Actix::new()
            .app_data(shared.clone())
            .into_utoipa_app()
            .configure(routes::all)
            .into_app()
            .wrap(from_fn(gate))
            .wrap(NormalizePath::trim())
            .wrap(from_fn(edge))
    })
    .on_connect(|connection, _data| {
        if let Some(stream) = connection.downcast_ref::<TcpStream>()
            && let Err(error) = set_tcp_user_timeout(stream, STUCK_MS)
        {
            tracing::debug!(%error, "a connection cannot be given a limit");
        }
    })
    .client_request_timeout(HEAD)
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(drain.as_secs().max(1))
    .disable_signals()
    .listen(listener)
    .map_err(cannot)?
    .run();
    app.health.keep_ticking(&app);
    tracing::info!(%address, "listening");
    Ok(Listening { address, server, app })
}

impl Listening {
    /// Serves until SIGTERM or SIGINT, then drains; a second signal ends it at once.
    pub async fn serve(self) -> std::io::Result<()> {
        let Self { server, app, .. } = self;
        let handle = server.handle();
        let (mut term, mut int) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let stopping = async {
            tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
            let notice = app.config.server.drain_notice_seconds.duration();
            tracing::info!(notice_seconds = notice.as_secs_f64(), "draining: not ready any more");
            app.draining.cancel();
            let again = async {
                tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
            };
            let hurried = tokio::time::timeout(notice, again).await.is_ok();
            app.closing.cancel();
            handle.stop(!hurried).await;
        };
        let (served, ()) = tokio::join!(server, stopping);
        let tracker = app.tracker.clone();
        drop(app); // and with it the hub's subscription, whose task ends only then
        tracker.close();
        if tokio::time::timeout(Duration::from_secs(5), tracker.wait()).await.is_err() {
            tracing::warn!("background tasks did not end in time");
        }
        tracing::info!("stopped");
        served
    }
}
