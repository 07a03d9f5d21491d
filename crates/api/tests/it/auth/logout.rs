use ninja_testkit::TestApp;
use serde_json::json;

#[tokio::test]
async fn a_session_ends_with_its_tokens() {
    let app = TestApp::with().workers(0).start().await;
    let who = json!({ "email": "alice@example.org", "password": "violet-harbor-lantern-42" });
    let tokens = app.anonymous().post("/api/v1/auth/register", &who).await.json;
    let alice = app.anonymous().with_token(tokens["access_token"].as_str().unwrap());
    assert_eq!(alice.post_empty("/api/v1/auth/logout").await.status, 204);
    insta::assert_snapshot!(alice.get("/api/v1/auth/me").await, @"401 session_revoked: The session has ended: log in again.");
    let refresh = json!({ "refresh_token": tokens["refresh_token"] });
    let refreshed = app.anonymous().post("/api/v1/auth/refresh", &refresh).await;
    insta::assert_snapshot!(refreshed, @"401 session_revoked: The session has ended: log in again.");
}

#[tokio::test]
async fn all_sessions_end_at_once_when_asked() {
    let app = TestApp::with().workers(0).start().await;
    let first = app.user("alice").await;
    let second = app.anonymous().logged_in("alice").await;
    let third = app.anonymous().logged_in("alice").await;
    let bob = app.user("bob").await;
    assert_eq!(first.post("/api/v1/auth/logout", &json!({})).await.status, 204);
    assert_eq!(second.get("/api/v1/auth/me").await.status, 200);
    let all = json!({ "all_sessions": true });
    assert_eq!(second.post("/api/v1/auth/logout", &all).await.status, 204);
    assert_eq!(third.get("/api/v1/auth/me").await.status, 401);
    assert_eq!(bob.get("/api/v1/auth/me").await.status, 200);
}
