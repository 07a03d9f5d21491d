use ninja_testkit::{Answer, TestApp};
use serde_json::{Value, json};

async fn refresh(app: &TestApp, token: &Value) -> Answer {
    app.anonymous().post("/api/v1/auth/refresh", &json!({ "refresh_token": token })).await
}

async fn tokens(app: &TestApp) -> Value {
    let who = json!({ "email": "alice@example.org", "password": "violet-harbor-lantern-42" });
    app.anonymous().post("/api/v1/auth/register", &who).await.json
}

async fn status_of_me(app: &TestApp, tokens: &Value) -> u16 {
    let client = app.anonymous().with_token(tokens["access_token"].as_str().unwrap());
    client.get("/api/v1/auth/me").await.status
}

#[tokio::test]
async fn a_replayed_token_ends_both_branches_and_leaves_an_audit_row() {
    let app = TestApp::with().workers(0).start().await;
    let first = tokens(&app).await;
    let second = refresh(&app, &first["refresh_token"]).await.json;
    let third = refresh(&app, &second["refresh_token"]).await.json;
    assert_eq!(status_of_me(&app, &third).await, 200);
    let replayed = refresh(&app, &first["refresh_token"]).await;
    insta::assert_snapshot!(replayed, @"401 refresh_token_reused: The refresh token was used before, so the session has ended: log in again.");
    insta::assert_snapshot!(refresh(&app, &third["refresh_token"]).await, @"401 session_revoked: The session has ended: log in again.");
    assert_eq!(status_of_me(&app, &third).await, 401);
    let rows = "SELECT count(*) FROM audit_log WHERE action = 'auth.refresh_reuse'";
    let rows: i64 = app.database().client().await.query_one(rows, &[]).await.unwrap().get(0);
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn an_answer_that_got_lost_is_given_again_for_ten_seconds() {
    let app = TestApp::with().workers(0).start().await;
    let first = tokens(&app).await;
    let second = refresh(&app, &first["refresh_token"]).await.json;
    let again = refresh(&app, &first["refresh_token"]).await;
    assert_eq!(again.json["refresh_token"], second["refresh_token"], "{again}");
    let later = "UPDATE refresh_tokens SET rotated_at = rotated_at - interval '11 seconds'";
    app.database().client().await.execute(later, &[]).await.unwrap();
    assert_eq!(refresh(&app, &first["refresh_token"]).await.json["code"], "refresh_token_reused");
}

#[tokio::test]
async fn twenty_refreshes_at_once_leave_one_branch() {
    let app = TestApp::with().workers(0).start().await;
    let first = tokens(&app).await;
    let all = (0..20).map(|_| refresh(&app, &first["refresh_token"]));
    let answers = futures_util::future::join_all(all).await;
    let mut successors: Vec<String> = answers
        .iter()
        .map(|answer| {
            answer.json["refresh_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
        })
        .collect();
    successors.dedup();
    assert_eq!(successors.len(), 1);
    let live = "SELECT count(*) FROM refresh_tokens WHERE rotated_at IS NULL";
    let live: i64 = app.database().client().await.query_one(live, &[]).await.unwrap().get(0);
    assert_eq!(live, 1);
}

#[tokio::test]
async fn an_unknown_or_idle_token_is_refused_without_ending_anything() {
    let app = TestApp::with().workers(0).start().await;
    let first = tokens(&app).await;
    insta::assert_snapshot!(refresh(&app, &json!("itr_nobody")).await, @"401 invalid_refresh_token: The refresh token is unknown or expired: log in again.");
    let idle = "UPDATE refresh_tokens SET expires_at = now() - interval '1 second'";
    app.database().client().await.execute(idle, &[]).await.unwrap();
    assert_eq!(refresh(&app, &first["refresh_token"]).await.json["code"], "invalid_refresh_token");
    assert_eq!(status_of_me(&app, &first).await, 200);
}
