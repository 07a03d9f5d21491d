use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use url::Url;

use super::problem::Problem;
use crate::error::{CliError, CliResult};

/// Waits between the tries of one request.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(200),
    Duration::from_millis(600),
    Duration::from_millis(1500),
    Duration::from_secs(3),
];

/// Longest `Retry-After` that is obeyed without asking.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether a request may be sent twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// It reads, or repeats harmlessly.
    Safe,
    /// It might act twice.
    Never,
}

/// HTTP without an identity: connect, repeat what may be repeated, tell failures in words.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    client: Client,
    base: Url,
}

impl Http {
    /// Speaks to the API at `base`. Proxies of the environment are not obeyed, redirects not followed.
    pub(crate) fn new(mut base: Url) -> CliResult<Self> {
        base.set_path("/");
        base.set_query(None);
        base.set_fragment(None);
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .tcp_keepalive(Duration::from_secs(20))
            .tcp_user_timeout(Duration::from_secs(30))
            .no_gzip()
            .user_agent(concat!("ninjactl/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| CliError::Internal(innermost(&error)))?;
        Ok(Self { client, base })
    }

    /// To build a request with.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Where the API is.
    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    /// The URL of a path of the API.
    pub(crate) fn url(&self, path: &str) -> CliResult<Url> {
        self.base.join(path).map_err(|error| CliError::Internal(format!("{path}: {error}")))
    }

    /// Sends what `make` builds, again after a pause where that is safe and may help.
    pub(crate) async fn send(
        &self,
        again: Again,
        make: impl AsyncFn() -> CliResult<RequestBuilder>,
    ) -> CliResult<Response> {
        let mut pauses = PAUSES.iter();
        loop {
            let answer = make().await?.send().await;
            let (may_help, told) = match &answer {
                Ok(response) => (again == Again::Safe && is_passing(response), told(response)),
                // What never reached the server may be repeated by everybody.
                Err(error) => (again == Again::Safe || error.is_connect(), None),
            };
            match pauses.next() {
                Some(pause) if may_help && told.is_none_or(|wait| wait <= PATIENCE) => {
                    back_off(told.unwrap_or(*pause)).await;
                }
                _ => return answer.map_err(|error| self.unreachable(&error)),
            }
        }
    }

    /// An answer that is no success, as an error.
    pub(crate) async fn refused(&self, response: Response) -> CliResult<Response> {
        if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
            return Ok(response);
        }
        Err(CliError::Refused(Box::new(Problem::of(response).await)))
    }

    /// The body, as what it should be.
    pub(crate) async fn json<T: DeserializeOwned>(&self, response: Response) -> CliResult<T> {
        let body = response.bytes().await.map_err(|error| self.unreachable(&error))?;
        serde_json::from_slice(&body).map_err(|error| self.strange(&error.to_string()))
    }

    /// Something came that our API would not send.
    pub(crate) fn strange(&self, what: &str) -> CliError {
        CliError::Strange { url: self.base.to_string(), what: what.to_owned() }
    }

    /// A failure of the connection, in words.
    pub(crate) fn unreachable(&self, error: &reqwest::Error) -> CliError {
        CliError::Unreachable { url: self.base.to_string(), cause: innermost(error) }
    }
}

/// Whether the refusal may be over soon.
fn is_passing(response: &Response) -> bool {
    matches!(response.status().as_u16(), 429 | 502 | 503 | 504)
}

/// The wait that the server asks for.
fn told(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    value.parse().ok().map(Duration::from_secs)
}

/// Waits before another try.
#[expect(clippy::disallowed_methods, reason = "a back-off: there is nothing to wait for")]
pub(crate) async fn back_off(pause: Duration) {
    tokio::time::sleep(pause).await;
}

/// The last cause of an error: reqwest's own text only says that sending failed.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error.to_string()
}
