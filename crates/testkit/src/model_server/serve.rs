//! A connection: requests come in, are noted, and are answered as the script says.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, SystemTime},
};

use ninja_types::ProviderKind;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

use super::{
    formats::{self, Format, Route},
    http::{Request, Wire},
    ledger::Entry,
    plan::{End, Part, Plan},
    reply::{Refusal, Reply},
    script::{Rule, Script},
};

/// What the connections and the test share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) script: Mutex<Script>,
    pub(super) ledger: Mutex<Vec<Entry>>,
    pub(super) settings: Mutex<Settings>,
    /// Moves with every change of the ledger.
    pub(super) changes: watch::Sender<u64>,
}

/// What is always so.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// `None`: every key is good.
    pub(super) keys: Option<Vec<String>>,
    pub(super) models: Vec<String>,
    /// Only the models of the list are answered.
    pub(super) only_listed: bool,
    /// Bodies and headers stay in the ledger; else only figures.
    pub(super) keep_bodies: bool,
}

/// For the length of a statement.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panicked with it")
}

pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        #[expect(clippy::disallowed_methods, reason = "ends with the server's runtime")]
        tokio::spawn(connection(stream, Arc::clone(&shared)));
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let mut wire = Wire::new(stream);
    while let Some(request) = wire.request().await {
        let (plan, number) = match control(&request, &shared) {
            Some(plan) => (plan, None),
            None => plan(&request, &shared),
        };
        let sent = send(&mut wire, &plan).await;
        if let Some(number) = number {
            note(&shared, number, &plan, &sent);
        }
        match plan.end {
            _ if sent.left => return,
            End::Whole => {}
            End::Silence => return,
            End::Reset => return wire.reset(),
        }
    }
}

/// What the request is answered with, and its number in the ledger.
fn plan(request: &Request, shared: &Shared) -> (Plan, Option<u64>) {
    let Some((kind, path)) = formats::kind_of(&request.path) else {
        return (Plan::json(404, &json!({"error": "no such path"}), &[]), None);
    };
    let format = formats::of(kind);
    let settings = lock(&shared.settings).clone();
    let body = serde_json::from_slice::<Value>(&request.body).unwrap_or(Value::Null);
    let mut entry = Entry::new(kind, request, Value::Null, settings.keep_bodies);
    entry.key = key(format, request);
    let plan = answer(
        &Question { format, request, path, body: &body, settings: &settings },
        shared,
        &mut entry,
    );
    if settings.keep_bodies {
        entry.body = body;
    }
    entry.status = plan.status;
    let mut ledger = lock(&shared.ledger);
    let number = u64::try_from(ledger.len()).expect("a small number") + 1;
    entry.n = number;
    ledger.push(entry);
    drop(ledger);
    shared.changes.send_modify(|count| *count += 1);
    (plan, Some(number))
}

#[derive(Clone, Copy)]
struct Question<'a> {
    format: &'static dyn Format,
    request: &'a Request,
    path: &'a str,
    body: &'a Value,
    settings: &'a Settings,
}

fn answer(question: &Question<'_>, shared: &Shared, entry: &mut Entry) -> Plan {
    let Question { format, request, path, body, settings } = *question;
    let refuse = |status, model: &str| {
        let refusal = Refusal { status, ..Refusal::default() };
        Plan::refusal(format, &refusal, model, &Reply::default())
    };
    if !may_enter(format, entry, settings) {
        return refuse(401, "");
    }
    match format.route(request, path) {
        Route::Unknown => {
            entry.invalid = Some(format!("{} {} is no path of this vendor", request.method, path));
            refuse(404, path)
        }
        Route::Models => Plan::json(200, &format.models(&settings.models), &[]),
        Route::Show => {
            let name = body["model"].as_str().unwrap_or_default();
            let known = settings.models.iter().any(|model| model == name);
            if known { Plan::json(200, &format.show(name), &[]) } else { refuse(404, name) }
        }
        Route::Chat => match format.check(request, path, body) {
            Err(sentence) => {
                let message = Some(sentence.clone());
                entry.invalid = Some(sentence);
                let refusal = Refusal { status: 400, message, ..Refusal::default() };
                Plan::refusal(format, &refusal, "", &Reply::default())
            }
            Ok(mut asked) => {
                asked.call_no = entry.call().map(|(_, call, _)| call);
                entry.model.clone_from(&asked.model);
                entry.streamed = asked.stream;
                let scripted = lock(&shared.script).answer(&asked);
                let unknown = settings.only_listed && !settings.models.contains(&asked.model);
                match scripted {
                    None if unknown => refuse(404, &asked.model),
                    reply => {
                        let number = u64::try_from(lock(&shared.ledger).len()).unwrap_or(0) + 1;
                        Plan::answer(format, &asked, &reply.unwrap_or_default(), number)
                    }
                }
            }
        },
    }
}

/// The key of a request. A key where the vendor does not look for it is none.
fn key(format: &dyn Format, request: &Request) -> Option<String> {
    let (header, before) = format.key().unwrap_or(("authorization", "Bearer "));
    let key = request.header(header)?.strip_prefix(before)?;
    Some(key.to_owned()).filter(|key| !key.is_empty())
}

fn may_enter(format: &dyn Format, entry: &Entry, settings: &Settings) -> bool {
    match (&settings.keys, &entry.key) {
        (Some(good), Some(key)) => good.contains(key),
        (None, Some(_)) => true,
        (_, None) => format.key().is_none(),
    }
}

/// What became of an answer.
#[derive(Debug, Default)]
struct Sent {
    bytes: u64,
    pieces: u64,
    left: bool,
}

async fn send(wire: &mut Wire, plan: &Plan) -> Sent {
    let mut sent = Sent::default();
    if !wait(wire, plan.before).await {
        return Sent { left: true, ..sent };
    }
    let mut together = plan.head.clone();
    let mut waiting: Vec<&Part> = Vec::new();
    for part in &plan.parts {
        let go_on = part.pause.is_zero()
            || (flush(wire, &mut together, &mut waiting, &mut sent).await
                && wait(wire, part.pause).await);
        if !go_on {
            return Sent { left: true, ..sent };
        }
        together.extend_from_slice(&part.bytes);
        waiting.push(part);
    }
    sent.left = !flush(wire, &mut together, &mut waiting, &mut sent).await;
    if !sent.left && plan.end == End::Silence {
        wire.left().await;
        sent.left = true;
    }
    sent
}

/// Sends what has gathered; false: the client is gone.
async fn flush(
    wire: &mut Wire,
    bytes: &mut Vec<u8>,
    parts: &mut Vec<&Part>,
    sent: &mut Sent,
) -> bool {
    if wire.send(&std::mem::take(bytes)).await.is_err() {
        return false;
    }
    for part in parts.drain(..) {
        sent.bytes += u64::try_from(part.length).unwrap_or(0);
        sent.pieces += part.pieces;
    }
    true
}

/// Waits as the script says; false: the client left meanwhile.
async fn wait(wire: &mut Wire, pause: Duration) -> bool {
    if pause.is_zero() {
        return true;
    }
    #[expect(clippy::disallowed_methods, reason = "the delay is what was asked for")]
    let over = tokio::time::sleep(pause);
    tokio::select! {
        () = over => true,
        () = wire.left() => false,
    }
}

fn note(shared: &Shared, number: u64, plan: &Plan, sent: &Sent) {
    let place = usize::try_from(number - 1).expect("a small number");
    // A test may have emptied the ledger meanwhile.
    if let Some(entry) = lock(&shared.ledger).get_mut(place) {
        entry.ended = Some(SystemTime::now());
        entry.bytes_sent = sent.bytes;
        entry.pieces_sent = sent.pieces;
        entry.left_early = sent.left;
        entry.status = plan.status;
    }
    shared.changes.send_modify(|count| *count += 1);
}

/// For scripts and people: `GET /control/ledger`, `GET /control/count`, `POST /control/script`.
fn control(request: &Request, shared: &Shared) -> Option<Plan> {
    let path = request.path.strip_prefix("/control/")?;
    let body = match (request.method.as_str(), path) {
        ("GET", "ledger") => lock(&shared.ledger).iter().map(Entry::shown).collect(),
        ("GET", "count") => {
            let ledger = lock(&shared.ledger);
            let invalid = ledger.iter().filter(|entry| entry.invalid.is_some()).count();
            json!({"requests": ledger.len(), "invalid": invalid})
        }
        ("POST", "script") => match serde_json::from_slice::<Vec<Rule>>(&request.body) {
            Ok(rules) => {
                lock(&shared.script).set(rules);
                json!({})
            }
            Err(error) => return Some(Plan::json(400, &json!({"error": error.to_string()}), &[])),
        },
        _ => return Some(Plan::json(404, &json!({"error": "no such control"}), &[])),
    };
    Some(Plan::json(200, &body, &[]))
}

/// The kinds by the word that scripts use.
pub(super) fn address(port: u16, kind: ProviderKind) -> String {
    format!("http://127.0.0.1:{port}{}", formats::base(kind))
}
