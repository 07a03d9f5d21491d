//! Providers of models as administrators set them.

mod keys;
mod providers;
mod settings;
mod test;

use ninja_testkit::{Answer, Client};
use reqwest::Method;
use serde_json::{Value, json};

const PROVIDERS: &str = "/api/v1/admin/providers";
const SETTINGS: &str = "/api/v1/admin/settings/ai-providers";

async fn put(client: &Client, path: &str, body: &Value) -> Answer {
    Answer::of(client.request(Method::PUT, path).json(body)).await
}

/// A provider of this name at an address that nobody answers at.
async fn compatible(admin: &Client, name: &str, key: &str) -> Value {
    let body = json!({
        "kind": "compatible", "name": name, "base_url": "http://127.0.0.1:9/v1", "key": key,
        "models": [{"name": "small"}],
    });
    let made = admin.post(PROVIDERS, &body).await;
    assert_eq!(made.status, 201, "{made}");
    made.json
}

fn path(provider: &Value) -> String {
    format!("{PROVIDERS}/{}", provider["id"].as_str().expect("an id"))
}
