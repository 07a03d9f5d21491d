use ninja_testkit::TestApp;
use serde_json::json;

const PATH: &str = "/api/v1/auth/password/change";

#[tokio::test]
async fn a_new_password_ends_every_other_session_and_is_the_only_one() {
    let app = TestApp::with().workers(0).start().await;
    let who = json!({ "email": "ada@example.org", "password": "violet-harbor-lantern-42" });
    let first = app.anonymous().post("/api/v1/auth/register", &who).await.json;
    let second = app.anonymous().post("/api/v1/auth/login", &who).await.json;
    let session = |tokens: &serde_json::Value| {
        app.anonymous().with_token(tokens["access_token"].as_str().expect("a token"))
    };
    let (here, there) = (session(&first), session(&second));
    let change = json!({
        "current_password": "violet-harbor-lantern-42", "new_password": "copper-orchard-signal-7",
    });
    assert_eq!(here.post(PATH, &change).await.status, 204);
    assert_eq!(here.get("/api/v1/auth/me").await.status, 200);
    assert_eq!(there.get("/api/v1/auth/me").await.status, 401);
    let refresh = json!({ "refresh_token": first["refresh_token"] });
    assert_eq!(app.anonymous().post("/api/v1/auth/refresh", &refresh).await.status, 200);
    assert_eq!(app.anonymous().post("/api/v1/auth/login", &who).await.status, 401);
    let new = json!({ "email": "ada@example.org", "password": "copper-orchard-signal-7" });
    assert_eq!(app.anonymous().post("/api/v1/auth/login", &new).await.status, 200);
}

#[tokio::test]
async fn a_wrong_or_a_weak_password_changes_nothing() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let other = app.anonymous().logged_in("alice").await;
    let ask = async |current: &str, new: &str| {
        alice.post(PATH, &json!({ "current_password": current, "new_password": new })).await
    };
    insta::assert_snapshot!(ask("a-guess-of-a-thief", "copper-orchard-signal-7").await, @"401 invalid_credentials: The current password is wrong.");
    insta::assert_snapshot!(ask("x", "short").await, @r"
    422 validation_failed: new_password must have at least 12 characters.
      /new_password too_short: must have at least 12 characters
    ");
    insta::assert_snapshot!(ask("x", "alice@example.org-2026").await, @r"
    422 validation_failed: new_password must not contain the e-mail address, the username or the product's name.
      /new_password contains_context: must not contain the e-mail address, the username or the product's name
    ");
    assert_eq!(other.get("/api/v1/auth/me").await.status, 200);
    let sql = "SELECT count(*) FROM audit_log WHERE action = 'auth.password_changed' AND outcome = 'refused'";
    let rows: i64 = app
        .database()
        .client()
        .await
        .query_one(sql, &[])
        .await
        .expect("the rows are counted")
        .get(0);
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn guesses_of_the_current_password_are_counted() {
    let app = TestApp::with().workers(0).set("NINJA_SECURITY__LOGIN_RATE", "2/15m").start().await;
    let alice = app.user("alice").await;
    let guess = json!({ "current_password": "a-guess-of-a-thief", "new_password": "copper-orchard-signal-7" });
    let statuses = [
        alice.post(PATH, &guess).await.status,
        alice.post(PATH, &guess).await.status,
        alice.post(PATH, &guess).await.status,
    ];
    assert_eq!(statuses, [401, 401, 429]);
}
