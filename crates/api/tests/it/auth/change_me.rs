use ninja_testkit::TestApp;
use serde_json::{Value, json};

#[tokio::test]
async fn what_is_given_changes_what_is_null_goes_and_the_rest_stays() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let named = json!({ "full_name": "Alice Liddell", "username": "alice.l" });
    let changed = alice.patch("/api/v1/auth/me", &named).await;
    assert_eq!(changed.status, 200);
    let changed = alice.patch("/api/v1/auth/me", &json!({ "full_name": null })).await.json;
    assert_eq!((&changed["full_name"], &changed["username"]), (&Value::Null, &json!("alice.l")));
    let unchanged = alice.patch("/api/v1/auth/me", &json!({})).await.json;
    assert_eq!(unchanged["username"], "alice.l");
    assert_eq!(alice.get("/api/v1/auth/me").await.json["username"], "alice.l");
}

#[tokio::test]
async fn a_name_in_use_a_role_and_a_model_are_refused() {
    let app = TestApp::with().workers(0).start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    alice.patch("/api/v1/auth/me", &json!({ "username": "alice.l" })).await;
    let taken = bob.patch("/api/v1/auth/me", &json!({ "username": "alice.l" })).await;
    insta::assert_snapshot!(taken, @"409 username_taken: Choose another username.");
    let role = bob.patch("/api/v1/auth/me", &json!({ "role": "admin" })).await;
    insta::assert_snapshot!(role, @r"
    422 validation_failed: role is no field that is known here.
      /role unknown_field: is no field that is known here
    ");
    let model = bob.patch("/api/v1/auth/me", &json!({ "default_model": "openai/gpt-x" })).await;
    insta::assert_snapshot!(model, @r"
    422 validation_failed: default_model cannot be asked in this version; available: null.
      /default_model not_available: cannot be asked in this version; available: null
    ");
}
