//! A TCP proxy that does to a connection what networks do: cut it, refuse it, swallow it, slow it down. Own
//! code, because the kernel's `netem` may be missing. It runs on a thread of its own, so that a test that
//! blocks does not stop it.

mod resp;

use std::{net::TcpListener as StdListener, thread::JoinHandle, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::watch,
};

use self::resp::Sieve;
use crate::engine::Port;

/// What the proxy does to its connections now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mode {
    Pass,
    Refuse,
    Blackhole,
    Delay(Duration),
}

#[derive(Clone, Copy, Debug)]
struct Rules {
    mode: Mode,
    /// Of 100 messages to Redis subscribers, so many are lost.
    lost_percent: u32,
    /// Connections made under another number are cut.
    generation: u64,
}

type Heard = watch::Receiver<Rules>;

/// Stands between a program and an engine under an address of its own, until it is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    port: Port,
    rules: Option<watch::Sender<Rules>>,
    thread: Option<JoinHandle<()>>,
}

impl FaultProxy {
    /// A proxy in front of the engine at `url`, which passes everything on.
    pub fn before(url: &str) -> Self {
        Self::start(url, false)
    }

    /// The same in front of a Redis, whose messages to subscribers it can lose.
    pub fn before_redis(url: &str) -> Self {
        Self::start(url, true)
    }

    fn start(url: &str, redis: bool) -> Self {
        let url = url::Url::parse(url).expect("an address");
        let target = (url.host_str().zip(url.port())).expect("an address with host and port");
        let target = format!("{}:{}", target.0, target.1);
        let port = Port::reserve();
        let (rules, heard) =
            watch::channel(Rules { mode: Mode::Pass, lost_percent: 0, generation: 0 });
        let listener = bind(port.number());
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(serve(listener, &target, redis, heard));
        });
        Self { port, rules: Some(rules), thread: Some(thread) }
    }

    /// `url` with the proxy in the place of its host and port.
    pub fn url(&self, url: &str) -> String {
        let mut url = url::Url::parse(url).expect("an address");
        url.set_host(Some("127.0.0.1")).expect("an address with a host");
        url.set_port(Some(self.port.number())).expect("an address with a port");
        url.to_string()
    }

    /// Resets every open connection; new ones are served.
    pub fn cut(&self) {
        self.change(|rules| rules.generation += 1);
    }

    /// Resets every open connection and refuses new ones, as a machine without the service does.
    pub fn refuse(&self) {
        self.change(|rules| {
            rules.mode = Mode::Refuse;
            rules.generation += 1;
        });
    }

    /// Passes nothing on, and says nothing about it.
    pub fn blackhole(&self) {
        self.change(|rules| rules.mode = Mode::Blackhole);
    }

    /// Holds each piece back for so long.
    pub fn delay(&self, time: Duration) {
        self.change(|rules| rules.mode = Mode::Delay(time));
    }

    /// Loses so many of 100 messages to subscribers, and nothing else.
    pub fn lose_messages(&self, percent: u32) {
        self.change(|rules| rules.lost_percent = percent);
    }

    /// Passes everything on again.
    pub fn heal(&self) {
        self.change(|rules| {
            rules.mode = Mode::Pass;
            rules.lost_percent = 0;
        });
    }

    fn change(&self, how: impl FnOnce(&mut Rules)) {
        self.rules.as_ref().expect("the proxy lives").send_modify(how);
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.rules.take(); // ends `serve`, and its runtime takes the connections along
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

fn bind(port: u16) -> StdListener {
    let listener = StdListener::bind(("127.0.0.1", port)).expect("a reserved port is free");
    listener.set_nonblocking(true).expect("a socket can be asynchronous");
    listener
}

async fn serve(first: StdListener, target: &str, redis: bool, mut heard: Heard) {
    let port = first.local_addr().expect("a bound socket has an address").port();
    let mut first = Some(first);
    while heard.wait_for(|rules| rules.mode != Mode::Refuse).await.is_ok() {
        let listener = first.take().unwrap_or_else(|| bind(port));
        let listener = TcpListener::from_std(listener).expect("a listening socket");
        let mut refuse = heard.clone();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let Ok((client, _)) = accepted else { continue };
                    let connection = connection(client, target.to_owned(), redis, heard.clone());
                    #[expect(clippy::disallowed_methods, reason = "ends with the proxy's runtime")]
                    tokio::spawn(connection);
                }
                refused = async { refuse.wait_for(|r| r.mode == Mode::Refuse).await.is_ok() } => {
                    if !refused {
                        return; // the proxy was dropped
                    }
                    break; // without a listener the kernel refuses
                }
            }
        }
    }
}

async fn connection(mut client: TcpStream, target: String, redis: bool, mut heard: Heard) {
    let generation = heard.borrow_and_update().generation;
    let server = TcpStream::connect(target).await;
    let Ok(mut server) = server else {
        client.set_zero_linger().ok();
        return;
    };
    client.set_nodelay(true).ok();
    server.set_nodelay(true).ok();
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let (up, down) = (heard.clone(), heard.clone());
    let cut = tokio::select! {
        () = pass(from_client, to_server, up, None) => false,
        () = pass(from_server, to_client, down, redis.then(Sieve::default)) => false,
        _ = heard.wait_for(|rules| rules.generation != generation) => true,
    };
    if cut {
        client.set_zero_linger().ok();
        server.set_zero_linger().ok();
    }
}

/// One direction of a connection, until either end closes.
async fn pass(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut heard: Heard,
    mut sieve: Option<Sieve>,
) {
    let mut piece = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        let Ok(rules) = heard.wait_for(|rules| rules.mode != Mode::Blackhole).await.map(|r| *r)
        else {
            return;
        };
        if let Mode::Delay(time) = rules.mode {
            #[expect(clippy::disallowed_methods, reason = "the delay is what was asked for")]
            tokio::time::sleep(time).await;
        }
        let sent = match &mut sieve {
            Some(sieve) => to.write_all(&sieve.pass(&piece[..length], rules.lost_percent)).await,
            None => to.write_all(&piece[..length]).await,
        };
        if sent.is_err() {
            return;
        }
    }
}
