use ninja_testkit::{Answer, TestApp};
use reqwest::Method;
use serde_json::json;

const PASSWORD: &str = "violet-harbor-lantern-42";

#[tokio::test]
async fn an_account_is_found_by_its_address_or_its_name_in_json_or_a_form() {
    let app = TestApp::with().workers(0).start().await;
    app.user("alice").await;
    for name in ["alice", "ALICE", "alice@example.org", "Alice@Example.org"] {
        let answer = app
            .anonymous()
            .post("/api/v1/auth/login", &json!({"username": name, "password": PASSWORD}))
            .await;
        assert_eq!(answer.status, 200, "{name}: {answer}");
    }
    let form = [("username", "alice"), ("password", PASSWORD), ("grant_type", "password")];
    let form = app.anonymous().request(Method::POST, "/api/v1/auth/login").form(&form);
    let answer = Answer::of(form).await;
    assert_eq!(
        (answer.status, answer.json["token_type"].as_str()),
        (200, Some("bearer")),
        "{answer}"
    );
}

#[tokio::test]
async fn an_unknown_account_and_a_wrong_password_are_answered_alike() {
    let app = TestApp::with().workers(0).start().await;
    app.user("alice").await;
    let mut bodies = Vec::new();
    for name in ["alice", "nobody"] {
        let who = json!({ "username": name, "password": "wrong-wrong-wrong" });
        let mut answer = app.anonymous().post("/api/v1/auth/login", &who).await;
        answer.json["request_id"] = json!(null);
        bodies.push((answer.status, answer.json));
    }
    assert_eq!(bodies[0], bodies[1]);
    assert_eq!(bodies[0].1["code"], "invalid_credentials");
    let rows = "SELECT count(*) FROM audit_log WHERE action = 'auth.login' AND outcome = 'refused'";
    let rows: i64 = app.database().client().await.query_one(rows, &[]).await.unwrap().get(0);
    assert_eq!(rows, 2);
}

#[tokio::test]
async fn a_disabled_account_is_told_so_only_to_who_knows_its_password() {
    let app = TestApp::with().workers(0).start().await;
    app.user("alice").await;
    app.database().client().await.execute("UPDATE users SET is_active = false", &[]).await.unwrap();
    let login = async |password: &str| {
        let who = json!({ "username": "alice", "password": password });
        app.anonymous().post("/api/v1/auth/login", &who).await
    };
    insta::assert_snapshot!(login(PASSWORD).await, @"403 account_disabled: The account is disabled: ask an administrator.");
    insta::assert_snapshot!(login("wrong-wrong-wrong").await, @"401 invalid_credentials: The account or the password is wrong.");
}

#[tokio::test]
async fn a_hash_of_a_former_cost_is_replaced_at_the_next_login() {
    let app = TestApp::with().workers(0).start().await;
    app.user("alice").await;
    let database = app.database().client().await;
    let cost = async || {
        let sql = "SELECT split_part(password_hash, '$', 6), password_hash FROM users";
        let row = database.query_one(sql, &[]).await.unwrap();
        (row.get::<_, String>(0), row.get::<_, String>(1))
    };
    let (new, hash) = cost().await;
    assert_eq!(new, "04", "{hash}");
    // The same password at cost 5, made by the same pepper.
    let mut auth = ninja_config::Config::load(app.pairs().iter().cloned()).unwrap().auth;
    auth.bcrypt_cost = 5;
    let passwords = ninja_api::password::Passwords::new(&auth).unwrap();
    let older = passwords.hash_here(&PASSWORD.into()).unwrap();
    database.execute("UPDATE users SET password_hash = $1", &[&older]).await.unwrap();
    let who = json!({ "username": "alice", "password": PASSWORD });
    assert_eq!(app.anonymous().post("/api/v1/auth/login", &who).await.status, 200);
    assert_eq!(cost().await.0, "04");
    assert_eq!(app.anonymous().post("/api/v1/auth/login", &who).await.status, 200);
}
