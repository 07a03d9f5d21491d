use ninja_testkit::TestApp;
use serde_json::{Value, json};

use super::{PROVIDERS, compatible, path, put};

#[tokio::test]
async fn a_provider_is_made_read_changed_and_removed_and_its_key_is_never_shown() {
    let app = TestApp::with().workers(0).start().await;
    let admin = app.admin("root").await;
    let made = compatible(&admin, "local", "sk-canary-0123456789").await;
    assert_eq!(made["key"], "***6789");
    assert_eq!(made["base_url"], "http://127.0.0.1:9/v1/");
    assert_eq!(
        (&made["source"], &made["enabled"], &made["last_test"]),
        (&json!("database"), &json!(true), &Value::Null)
    );
    let at = path(&made);
    assert_eq!(admin.get(&at).await.json, made);
    let body = json!({
        "enabled": false, "priority": 5, "self_hosted": true, "limits": {"requests_per_minute": 60},
        "models": [{"name": "a", "features": {"tools": true, "context_tokens": 8192, "max_output_tokens": 512},
                    "prices": {"input": 1, "output": 2}}],
    });
    let changed = put(&admin, &at, &body).await.json;
    assert_eq!(
        (&changed["enabled"], &changed["priority"], &changed["self_hosted"], &changed["key"]),
        (&json!(false), &json!(5), &json!(true), &json!("***6789"))
    );
    assert_eq!(changed["limits"], json!({"requests_per_minute": 60, "tokens_per_minute": null}));
    assert_eq!(changed["models"][0]["prices"]["output"], 2);
    let list = admin.get(PROVIDERS).await.json;
    assert_eq!(list["data"], json!([changed]));
    assert_eq!(admin.delete(&at).await.status, 204);
    assert_eq!(admin.get(&at).await.status, 404);
    assert_eq!(admin.delete(&at).await.status, 404);
    let sql =
        "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_log WHERE action LIKE 'provider.%'";
    let acts: String = app.database().client().await.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(acts, "provider.create provider.change provider.delete");
}

#[tokio::test]
async fn another_base_url_clears_the_key_and_null_removes_it() {
    let app = TestApp::with().workers(0).start().await;
    let admin = app.admin("root").await;
    let made = compatible(&admin, "local", "sk-canary-0123456789").await;
    let at = path(&made);
    let same = put(&admin, &at, &json!({"base_url": "http://127.0.0.1:9/v1"})).await.json;
    assert_eq!(same["key"], "***6789", "the same address in another spelling is no other");
    let moved = put(&admin, &at, &json!({"base_url": "http://127.0.0.1:8/v1"})).await.json;
    assert_eq!(moved["key"], Value::Null);
    let anew = put(&admin, &at, &json!({"key": "sk-another-key-4321"})).await.json;
    assert_eq!(anew["key"], "***4321");
    let removed = put(&admin, &at, &json!({"key": null})).await.json;
    assert_eq!(removed["key"], Value::Null);
}

#[tokio::test]
async fn what_cannot_be_a_provider_is_refused_field_by_field() {
    let app = TestApp::with().workers(0).start().await;
    let admin = app.admin("root").await;
    compatible(&admin, "local", "sk-1").await;
    let refused = async |body: Value| {
        let answer = admin.post(PROVIDERS, &body).await;
        assert!(!answer.json.to_string().contains("hunter2"), "{answer}");
        format!("{answer}").lines().next().unwrap_or_default().to_owned()
    };
    let local = json!({"kind": "compatible", "name": "local", "base_url": "http://127.0.0.1:9/"});
    insta::assert_snapshot!(refused(local).await, @"409 name_taken: Another provider has this name: change that one.");
    let metadata = json!({"kind": "openai", "base_url": "http://169.254.169.254/latest"});
    insta::assert_snapshot!(refused(metadata).await, @"422 validation_failed: base_url must not be a link-local address.");
    let nameless = json!({"kind": "compatible", "base_url": "http://127.0.0.1:9/"});
    insta::assert_snapshot!(refused(nameless).await, @"422 validation_failed: name must be given: there may be many of this kind.");
    let addressless = json!({"kind": "compatible", "name": "b"});
    insta::assert_snapshot!(refused(addressless).await, @"422 validation_failed: base_url must be given: this kind has no address of its own.");
    let named = json!({"kind": "openai", "name": "mine"});
    insta::assert_snapshot!(refused(named).await, @"422 validation_failed: name must be left out: this kind is called by its own name.");
    let spaced = json!({"kind": "openai", "key": "hunter2 hunter2"});
    insta::assert_snapshot!(refused(spaced).await, @"422 validation_failed: key must be 1 to 4,096 letters, digits and signs without spaces.");
    let unknown = json!({"kind": "openai", "role": "admin"});
    insta::assert_snapshot!(refused(unknown).await, @"422 validation_failed: role is no field that is known here.");
}

#[tokio::test]
async fn without_a_master_key_no_key_is_stored_and_everything_else_works() {
    let app = TestApp::with().workers(0).set("NINJA_SECRETS__MASTER_KEYS", "").start().await;
    let admin = app.admin("root").await;
    let answer = admin.post(PROVIDERS, &json!({"kind": "openai", "key": "sk-1"})).await;
    insta::assert_snapshot!(answer, @"409 no_master_key: No secret can be stored: set NINJA_SECRETS__MASTER_KEYS for the API and the workers (see docs/secrets.md).");
    let settings = admin.post(super::SETTINGS, &json!({"openai_api_key": "sk-1"})).await;
    assert_eq!((settings.status, &settings.json["code"]), (409, &json!("no_master_key")));
    let keyless = admin.post(PROVIDERS, &json!({"kind": "ollama"})).await;
    assert_eq!(keyless.status, 201, "{keyless}");
    let keyed = put(&admin, &path(&keyless.json), &json!({"key": "sk-1"})).await;
    assert_eq!((keyed.status, &keyed.json["code"]), (409, &json!("no_master_key")));
}

#[tokio::test]
async fn what_the_workers_are_configured_with_is_seen_and_cannot_be_changed() {
    let app = TestApp::with()
        .set("NINJA_PROVIDERS__OPENAI_API_KEY", "sk-of-the-operator-7777")
        .set("NINJA_PROVIDERS__OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
        .start()
        .await;
    let admin = app.admin("root").await;
    let mut pause = tokio::time::interval(std::time::Duration::from_millis(20));
    let row = loop {
        let list = admin.get(PROVIDERS).await.json;
        if let Some(row) = list["data"].as_array().and_then(|rows| rows.first()) {
            break row.clone();
        }
        pause.tick().await;
    };
    assert_eq!(
        (&row["name"], &row["source"], &row["key"], &row["base_url"]),
        (&json!("openai"), &json!("config"), &json!("***7777"), &json!("http://127.0.0.1:9/v1/"))
    );
    let at = path(&row);
    for answer in [
        put(&admin, &at, &json!({"enabled": false})).await,
        admin.delete(&at).await,
        admin.post(super::SETTINGS, &json!({"openai_api_key": "sk-1"})).await,
    ] {
        assert_eq!((answer.status, &answer.json["code"]), (409, &json!("set_by_configuration")));
    }
    let agents = app.user("alice").await.get("/api/v1/providers").await.json;
    let openai = agents["data"].as_array().unwrap().iter().find(|one| one["provider"] == "openai");
    assert_eq!(openai.unwrap()["configured"], true);
    while app.anonymous().get("/health").await.json["providers"] != 1 {
        pause.tick().await; // what it saw is remembered for a second
    }
}

#[tokio::test]
async fn two_api_processes_show_the_same_providers() {
    let mut app = TestApp::with().workers(0).start().await;
    let admin = app.admin("root").await;
    let other = app.add_api().await.url().to_owned();
    let made = compatible(&admin, "local", "sk-canary-0123456789").await;
    let there = admin.clone().at(&other);
    assert_eq!(there.get(&path(&made)).await.json, made);
    put(&there, &path(&made), &json!({"enabled": false})).await;
    assert_eq!(admin.get(&path(&made)).await.json["enabled"], false);
}

#[tokio::test]
async fn the_health_of_each_model_is_told_and_what_is_not_there_is_not_found() {
    let app = TestApp::with().workers(0).start().await;
    let admin = app.admin("root").await;
    compatible(&admin, "local", "sk-1").await;
    let health = admin.get(&format!("{PROVIDERS}/health")).await;
    let told = &health.json["data"][0];
    assert_eq!(
        (health.status, &told["provider"], &told["model"], &told["state"]),
        (200, &json!("local"), &json!("small"), &json!("closed")),
        "{health}"
    );
    let nobody = format!("{PROVIDERS}/01990000-0000-7000-8000-000000000000");
    for answer in [
        put(&admin, &nobody, &json!({"enabled": false})).await,
        admin.post_empty(&format!("{nobody}/test")).await,
    ] {
        assert_eq!((answer.status, &answer.json["code"]), (404, &json!("not_found")), "{answer}");
    }
}
