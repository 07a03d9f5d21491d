use ninja_testkit::TestApp;
use serde_json::{Value, json};

use super::{SETTINGS, compatible};

#[tokio::test]
async fn the_short_form_sets_and_removes_keys_and_says_whom_to_ask_first() {
    let app = TestApp::with().workers(0).start().await;
    let admin = app.admin("root").await;
    compatible(&admin, "local", "sk-canary-0123456789").await;
    let body = json!({
        "openai_api_key": "sk-openai-0123456789", "ollama_base_url": "http://10.0.0.7:11434",
        "default_provider": "openai", "default_model": "openai/gpt-5.4", "fallback_order": ["openai", "local"],
    });
    let set = admin.post(SETTINGS, &body).await;
    assert_eq!(set.status, 200, "{set}");
    assert_eq!(admin.get(SETTINGS).await.json, set.json);
    let row = |name: &str, key: Value, url: Value, source: Value| json!({"provider": name, "configured": source != Value::Null, "key_last4": key, "base_url": url, "source": source});
    let none = |name| row(name, Value::Null, Value::Null, Value::Null);
    let wanted = json!([
        row("openai", json!("6789"), json!("https://api.openai.com/v1/"), json!("database")),
        none("anthropic"),
        none("google"),
        none("deepseek"),
        row("ollama", Value::Null, json!("http://10.0.0.7:11434/"), json!("database")),
        row("local", json!("6789"), json!("http://127.0.0.1:9/v1/"), json!("database")),
    ]);
    assert_eq!(set.json["providers"], wanted);
    assert_eq!(
        (&set.json["default_provider"], &set.json["default_model"], &set.json["fallback_order"]),
        (&json!("openai"), &json!("openai/gpt-5.4"), &json!(["openai", "local"]))
    );
    let removed = json!({"openai_api_key": null, "ollama_base_url": null, "default_model": null, "fallback_order": null});
    let removed = admin.post(SETTINGS, &removed).await.json;
    assert_eq!(removed["providers"][0], none("openai"));
    assert_eq!(removed["providers"][4], none("ollama"));
    assert_eq!((&removed["default_model"], &removed["fallback_order"]), (&Value::Null, &json!([])));
    assert_eq!(removed["default_provider"], "openai", "what is left out stays");
    let bad = admin.post(SETTINGS, &json!({"default_model": "gpt"})).await;
    insta::assert_snapshot!(bad, @r"
    422 validation_failed: default_model must be `provider/model`, such as `openai/gpt-5.4`.
      /default_model pattern: must be `provider/model`, such as `openai/gpt-5.4`
    ");
}

#[tokio::test]
async fn a_refused_setting_changes_nothing() {
    let app = TestApp::with().workers(0).start().await;
    let admin = app.admin("root").await;
    let before = admin.get(SETTINGS).await.json;
    let bad =
        json!({"openai_api_key": "sk-openai-0123456789", "ollama_base_url": "http://169.254.1.1/"});
    assert_eq!(admin.post(SETTINGS, &bad).await.status, 422);
    assert_eq!(admin.get(SETTINGS).await.json, before);
}
