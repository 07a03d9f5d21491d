use std::{fmt, time::Duration};

use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

use crate::{Dial, Socket, Sse, ledger};

/// A client that speaks to one API as one user, past no check of the product.
#[derive(Clone, Debug)]
pub struct Client {
    url: String,
    token: Option<String>,
    http: reqwest::Client,
}

impl Client {
    /// A client without an identity.
    pub fn anonymous(url: &str) -> Self {
        Self { url: url.to_owned(), token: None, http: crate::http() }
    }

    /// The same client as whoever `token` is.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Registers a user and becomes that user.
    #[must_use]
    pub async fn registered(self, name: &str) -> Self {
        let who = json!({"email": email(name), "password": PASSWORD, "username": name});
        let answer = self.post("/api/v1/auth/register", &who).await;
        self.with_tokens(&answer)
    }

    /// Logs in with the password of [`Client::registered`].
    #[must_use]
    pub async fn logged_in(self, name: &str) -> Self {
        let who = json!({"email": email(name), "password": PASSWORD});
        let answer = self.post("/api/v1/auth/login", &who).await;
        self.with_tokens(&answer)
    }

    fn with_tokens(self, answer: &Answer) -> Self {
        let token = answer.json["access_token"].as_str();
        let token = token.unwrap_or_else(|| panic!("no token: {answer}")).to_owned();
        self.with_token(&token)
    }

    /// The access token that it shows.
    pub fn token(&self) -> &str {
        self.token.as_deref().expect("this client has an identity")
    }

    pub(crate) fn token_if_any(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Where its API is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The same client at another address: another API process, or a proxy before it.
    #[must_use]
    pub fn at(mut self, url: &str) -> Self {
        url.trim_end_matches('/').clone_into(&mut self.url);
        self
    }

    /// A socket of this client, `Authorization` in its upgrade, at `/ws`.
    pub fn dial(&self) -> Dial {
        Dial::new(self)
    }

    /// Opens it and takes the `hello`.
    pub async fn socket(&self) -> Socket {
        let mut socket = self.dial().open().await;
        socket.expect("hello").await;
        socket
    }

    /// A fresh ticket for a socket.
    pub async fn ticket(&self) -> String {
        let answer = self.post_empty("/api/v1/ws/tickets").await;
        assert_eq!(answer.status, 201, "{answer}");
        answer.json["ticket"].as_str().expect("a ticket").to_owned()
    }

    /// A request that the other methods have no word for; the identity is in it.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    /// POST without a body.
    pub async fn post_empty(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::POST, path)).await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    /// Uploads a file and answers what the API says about it.
    pub async fn upload(&self, filename: &str, bytes: impl Into<Vec<u8>>) -> Answer {
        let part = reqwest::multipart::Part::bytes(bytes.into()).file_name(filename.to_owned());
        let form = reqwest::multipart::Form::new().part("file", part);
        Answer::of(self.request(Method::POST, "/api/v1/files/upload").multipart(form)).await
    }

    /// The bytes behind a path, and the status.
    pub async fn bytes(&self, path: &str) -> (u16, Vec<u8>) {
        let answer = ledger::send(self.request(Method::GET, path)).await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.bytes().await.expect("a body").to_vec())
    }

    /// Creates a task of the drill agent and answers its id.
    pub async fn create_noop(&self, steps: u32, sleep_ms: u64) -> String {
        self.create_drill(json!({"steps": steps, "sleep_ms": sleep_ms})).await
    }

    /// Creates a task of the drill agent with these parameters and answers its id.
    pub async fn create_drill(&self, mut parameters: Value) -> String {
        parameters["agent"] = json!("noop");
        self.create(
            &json!({"description": "A drill", "task_type": "custom", "parameters": parameters}),
        )
        .await
    }

    /// Creates a task and answers its id.
    pub async fn create(&self, body: &Value) -> String {
        let answer = self.post("/api/v1/tasks", body).await;
        assert_eq!(answer.status, 201, "{answer}");
        answer.json["id"].as_str().expect("a task has an id").to_owned()
    }

    /// Waits until the task is in `status`, by the API's long poll, and answers the task.
    pub async fn wait_task(&self, id: &str, status: &str) -> Value {
        let end = tokio::time::Instant::now() + Duration::from_mins(3);
        let mut pause = tokio::time::interval(Duration::from_millis(50));
        loop {
            pause.tick().await;
            // Only terminal statuses and `waiting` end the long poll; others are looked for.
            let wait = if is_terminal(status) || status == "waiting" { 10 } else { 0 };
            let answer = self.get(&format!("/api/v1/tasks/{id}?wait_seconds={wait}")).await;
            let now = answer.json["status"].as_str().unwrap_or_default();
            if now == status {
                return answer.json;
            }
            let over = tokio::time::Instant::now() > end || is_terminal(now);
            assert!(!over, "task {id} did not become {status}: {answer}");
        }
    }

    /// All stored events of a task.
    pub async fn events(&self, id: &str) -> Vec<Value> {
        let mut events = Vec::new();
        let mut after = "0".to_owned();
        loop {
            let path = format!("/api/v1/tasks/{id}/events?after={after}&limit=100");
            let mut page = self.get(&path).await;
            assert_eq!(page.status, 200, "{page}");
            if let Some(data) = page.json["data"].as_array_mut() {
                events.append(data);
            }
            match page.json["next_cursor"].as_str() {
                Some(next) if page.json["has_more"] == true => next.clone_into(&mut after),
                _ => return events,
            }
        }
    }

    /// Opens the task's live stream behind event `after`, without deltas.
    pub async fn sse(&self, id: &str, after: i64) -> Sse {
        Sse::open(self, &format!("/api/v1/tasks/{id}/events?after={after}")).await
    }
}

const PASSWORD: &str = "violet-harbor-lantern-42";

pub(crate) fn email(name: &str) -> String {
    format!("{name}@example.org")
}

fn is_terminal(status: &str) -> bool {
    matches!(status, "completed" | "failed" | "cancelled")
}

/// What the API answered. Prints as `409 wrong_status: A completed task cannot be cancelled.`
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; `null` if it is none or no JSON.
    pub json: Value,
}

impl Answer {
    /// Sends the request and reads the whole answer.
    pub async fn of(request: RequestBuilder) -> Self {
        let answer = ledger::send(request).await.expect("an answer of the API");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().await.expect("the body of the answer");
        let mut json: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        json.sort_all_objects(); // clients rely on no order, and what tests are shown has one
        Self { status, headers, json }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        match (&self.json["code"], &self.json["detail"]) {
            (Value::String(code), Value::String(detail)) if self.status >= 400 => {
                write!(f, " {code}: {detail}")?;
                for error in self.json["errors"].as_array().into_iter().flatten() {
                    let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
                    write!(f, "\n  {} {}: {}", text("field"), text("code"), text("message"))?;
                }
                Ok(())
            }
            _ if self.json.is_null() => Ok(()),
            _ => write!(f, " {}", self.json),
        }
    }
}
