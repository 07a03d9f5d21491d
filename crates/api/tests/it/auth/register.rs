use ninja_testkit::TestApp;
use serde_json::{Value, json};

fn body(password: &str) -> Value {
    json!({ "email": "Ada@Example.org", "password": password, "username": "ada", "full_name": "Ada" })
}

#[tokio::test]
async fn a_new_account_is_signed_in_at_once_and_leaves_an_audit_row() {
    let app = TestApp::with().workers(0).start().await;
    let answer =
        app.anonymous().post("/api/v1/auth/register", &body("violet-harbor-lantern-42")).await;
    assert_eq!(answer.status, 201, "{answer}");
    assert_eq!(answer.json["user"]["email"], "ada@example.org");
    assert_eq!(answer.json["user"]["role"], "user");
    assert_eq!(answer.json["expires_in"], 600);
    let me = app.anonymous().with_token(answer.json["access_token"].as_str().unwrap());
    let me = me.get("/api/v1/auth/me").await;
    assert_eq!(me.json["id"], answer.json["user"]["id"]);
    assert_eq!(
        me.json["scopes"],
        json!(["tasks:read", "tasks:write", "files:read", "files:write"])
    );
    assert_eq!(
        me.json["usage_today"],
        json!({"tasks": 0, "cost_usd": "0.000000", "storage_bytes": 0})
    );
    let again =
        app.anonymous().post("/api/v1/auth/register", &body("violet-harbor-lantern-42")).await;
    insta::assert_snapshot!(again, @"409 email_taken: Log in, or use another e-mail address.");
    let mut other = body("violet-harbor-lantern-42");
    other["email"] = json!("other@example.org");
    let again = app.anonymous().post("/api/v1/auth/register", &other).await;
    insta::assert_snapshot!(again, @"409 username_taken: Choose another username.");
    let actions = "SELECT string_agg(action || ' ' || outcome, ', ' ORDER BY id) FROM audit_log";
    let actions: String =
        app.database().client().await.query_one(actions, &[]).await.unwrap().get(0);
    assert_eq!(actions, "auth.register ok");
}

#[tokio::test]
async fn weak_passwords_are_refused_with_the_rule_that_they_break() {
    let app = TestApp::with().workers(0).start().await;
    let mut told = Vec::new();
    for password in
        ["short", "123456789012", "Ada-is-ada@example.org", "my-ninja-password", &"x".repeat(1_025)]
    {
        told.push(app.anonymous().post("/api/v1/auth/register", &body(password)).await.to_string());
    }
    let mut all = body("short");
    all["email"] = json!("nobody");
    all["username"] = json!("-");
    told.push(app.anonymous().post("/api/v1/auth/register", &all).await.to_string());
    insta::assert_snapshot!(told.join("\n"));
}

#[tokio::test]
async fn every_byte_of_a_password_counts() {
    let app = TestApp::with().workers(0).start().await;
    let long = "w".repeat(99);
    let cases = [
        ("emoji", "🦊".repeat(64), "🦊".repeat(63)),
        ("bytes", format!("{long}a"), format!("{long}b")),
        ("nul", "before\u{0}after-1".to_owned(), "before\u{0}after-2".to_owned()),
    ];
    for (name, right, wrong) in cases {
        let email = format!("{name}@example.org");
        let who = json!({ "email": email, "password": right });
        assert_eq!(app.anonymous().post("/api/v1/auth/register", &who).await.status, 201, "{name}");
        assert_eq!(app.anonymous().post("/api/v1/auth/login", &who).await.status, 200, "{name}");
        let other = json!({ "email": email, "password": wrong });
        assert_eq!(app.anonymous().post("/api/v1/auth/login", &other).await.status, 401, "{name}");
    }
}

#[tokio::test]
async fn a_closed_installation_takes_no_strangers() {
    let app = TestApp::with().workers(0).set("NINJA_AUTH__REGISTRATION", "closed").start().await;
    let answer =
        app.anonymous().post("/api/v1/auth/register", &body("violet-harbor-lantern-42")).await;
    insta::assert_snapshot!(answer, @"403 registration_closed: Ask an administrator for an account.");
}
