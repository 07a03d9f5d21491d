use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::SystemTime,
};

use ninja_types::ProviderKind;
use serde_json::{Value, json};
use tokio_postgres::Client;

use super::http::Request;
use crate::Database;

/// One request that the server got, in the order in which they came.
#[derive(Clone, Debug)]
pub struct Entry {
    /// From 1.
    pub n: u64,
    /// Whose format.
    pub kind: ProviderKind,
    /// As it came.
    pub path: String,
    /// Empty where none was named.
    pub model: String,
    /// What `X-Client-Request-Id` said: `<step>.<call>.<epoch>`.
    pub request_id: Option<String>,
    /// The key, without what stands before it.
    pub key: Option<String>,
    /// All headers, names in small letters and sorted.
    pub headers: Vec<(String, String)>,
    /// `Null` where it is no JSON.
    pub body: Value,
    /// Equal bodies have equal ones.
    pub body_hash: u64,
    /// A stream was asked for.
    pub streamed: bool,
    /// When its last byte had come.
    pub received: SystemTime,
    /// When its answer had ended; `None`: it goes on.
    pub ended: Option<SystemTime>,
    /// Of the answer.
    pub status: u16,
    /// Of the body of the answer.
    pub bytes_sent: u64,
    /// Pieces of text, reasoning and arguments.
    pub pieces_sent: u64,
    /// The client left before the answer ended.
    pub left_early: bool,
    /// Why the vendor would have refused it. A fault of the product.
    pub invalid: Option<String>,
}

impl Entry {
    pub(super) fn new(kind: ProviderKind, request: &Request, body: Value, keep: bool) -> Self {
        let mut hasher = DefaultHasher::new();
        request.body.hash(&mut hasher);
        let mut headers = Vec::new();
        if keep {
            headers.extend(request.headers.iter().map(|(n, v)| (n.clone(), v.clone())));
        }
        Self {
            n: 0,
            kind,
            path: request.path.clone(),
            model: String::new(),
            request_id: request.header("x-client-request-id").map(str::to_owned),
            key: None,
            headers,
            body_hash: hasher.finish(),
            body: if keep { body } else { Value::Null },
            streamed: false,
            received: SystemTime::now(),
            ended: None,
            status: 0,
            bytes_sent: 0,
            pieces_sent: 0,
            left_early: false,
            invalid: None,
        }
    }

    /// Step, call and epoch of its request id.
    pub fn call(&self) -> Option<(&str, u32, u64)> {
        let mut parts = self.request_id.as_deref()?.rsplitn(3, '.');
        let (epoch, call) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some((parts.next()?, call, epoch))
    }

    /// For people and scripts.
    pub(super) fn shown(&self) -> Value {
        let since = |time: SystemTime| {
            time.duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
        };
        json!({"n": self.n, "kind": self.kind.as_str(), "path": self.path, "model": self.model,
            "request_id": self.request_id, "body": self.body, "body_hash": format!("{:016x}", self.body_hash),
            "streamed": self.streamed, "received": since(self.received),
            "ended": self.ended.map(since), "status": self.status, "bytes_sent": self.bytes_sent,
            "pieces_sent": self.pieces_sent, "left_early": self.left_early, "invalid": self.invalid})
    }
}

const TABLE: &str = "CREATE TEMPORARY TABLE ledger (n bigint PRIMARY KEY, step_id uuid, call_no integer, epoch bigint,
    kind text NOT NULL, model text NOT NULL, status integer NOT NULL, received_at timestamptz NOT NULL,
    ended_at timestamptz, body_hash text NOT NULL, left_early boolean NOT NULL)";

/// Puts the entries into the table `ledger` of this session, beside the product's own.
pub(crate) async fn load(client: &Client, entries: &[Entry]) {
    client.batch_execute(TABLE).await.expect("the table of the ledger");
    let insert =
        "INSERT INTO ledger VALUES ($1, $2::text::uuid, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let insert = client.prepare(insert).await.expect("an insert into the ledger");
    for entry in entries {
        let call = entry.call();
        let step = call.map(|(step, _, _)| step).filter(|step| step.parse::<uuid::Uuid>().is_ok());
        let number = call.and_then(|(_, number, _)| i32::try_from(number).ok());
        let epoch = call.and_then(|(_, _, epoch)| i64::try_from(epoch).ok());
        let n = i64::try_from(entry.n).expect("a small number");
        let (kind, hash) = (entry.kind.as_str(), format!("{:016x}", entry.body_hash));
        let status = i32::from(entry.status);
        let row: [&(dyn tokio_postgres::types::ToSql + Sync); 11] = [
            &n,
            &step,
            &number,
            &epoch,
            &kind,
            &entry.model,
            &status,
            &entry.received,
            &entry.ended,
            &hash,
            &entry.left_early,
        ];
        client.execute(&insert, &row).await.expect("a row of the ledger");
    }
}

impl Database {
    /// [`Database::invariants`], and that no answer that was stored was bought again.
    pub async fn invariants_with(&self, entries: &[Entry]) {
        let client = self.client().await;
        load(&client, entries).await;
        let bought = client.query(include_str!("ledger.sql"), &[]).await;
        let bought = bought.expect("a look at the ledger");
        assert!(bought.is_empty(), "{} calls were bought twice: {bought:?}", bought.len());
        self.invariants().await;
    }
}
