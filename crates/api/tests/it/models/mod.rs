use ninja_testkit::TestApp;
use serde_json::{Value, json};

#[tokio::test]
async fn everybody_sees_the_models_of_the_providers_and_nobody_their_addresses() {
    let app = TestApp::with().workers(0).start().await;
    let (admin, alice) = (app.admin("root").await, app.user("alice").await);
    assert_eq!(alice.get("/api/v1/models").await.json["data"], json!([]));
    let body = json!({
        "kind": "compatible", "name": "local", "base_url": "http://10.1.2.3/v1", "enabled": false,
        "models": [{"name": "qwen/qwen3",
            "features": {"tools": true, "context_tokens": 32768, "max_output_tokens": 4096},
            "prices": {"input": 250_000, "output": 1_000_000}}, {"name": "stranger"}],
    });
    assert_eq!(admin.post("/api/v1/admin/providers", &body).await.status, 201);
    let models = alice.get("/api/v1/models").await.json;
    assert_eq!(
        models["data"],
        json!([
            {"id": "local/qwen/qwen3", "provider": "local", "context_tokens": 32768, "input_usd_per_mtok": "0.250000",
             "output_usd_per_mtok": "1.000000", "features": ["tools"], "available": false},
            {"id": "local/stranger", "provider": "local", "context_tokens": 8192, "input_usd_per_mtok": null,
             "output_usd_per_mtok": null, "features": [], "available": false},
        ])
    );
    let providers = alice.get("/api/v1/providers").await.json;
    let rows = providers["data"].as_array().unwrap();
    assert_eq!(rows.len(), 6, "{providers}");
    assert_eq!(
        rows[0],
        json!({"provider": "local", "kind": "compatible", "configured": false, "models": 2})
    );
    assert!(!providers.to_string().contains("10.1.2.3"));
}

#[tokio::test]
async fn what_needs_a_model_is_available_once_a_provider_is() {
    let app = TestApp::with().workers(0).start().await;
    let (admin, alice) = (app.admin("root").await, app.user("alice").await);
    let codes = async || {
        let mut codes = Vec::new();
        for agent in ["researcher", "coder", "writer", "analyst", "debugger"] {
            let list = alice.get(&format!("/api/v1/agents/{agent}/capabilities")).await.json;
            let rows = list["data"].as_array().cloned().unwrap_or_default();
            codes.extend(rows.into_iter().filter(|row| row["needs"].to_string().contains("model")));
        }
        codes.into_iter().map(|row| row["unavailable_code"].clone()).collect::<Vec<Value>>()
    };
    let before = codes().await;
    assert!(before.iter().all(|code| code == "no_model"), "{before:?}");
    let made = admin.post("/api/v1/admin/providers", &json!({"kind": "ollama"})).await;
    assert_eq!(made.status, 201);
    let after = codes().await;
    assert!(after.iter().all(|code| code != "no_model"), "{after:?}");
    tokio::time::timeout(std::time::Duration::from_secs(5), async {
        while app.anonymous().get("/health").await.json["providers"] != 1 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("health is asked again within a second");
}
