use ninja_testkit::{Answer, TestApp};
use serde_json::json;

#[tokio::test]
async fn guessing_is_bounded_before_any_password_is_hashed_and_the_owner_is_not_locked_out() {
    let app = TestApp::with()
        .workers(0)
        .set("NINJA_SECURITY__LOGIN_RATE", "10/15m")
        .set("NINJA_SECURITY__LOGIN_ACCOUNT_RATE", "10/1h")
        .set("NINJA_SERVER__TRUSTED_PROXIES", "127.0.0.1")
        .start()
        .await;
    app.user("alice").await;
    let login = |address: String, password: &'static str| {
        let body = json!({ "username": "alice", "password": password });
        let request = app.anonymous().request(reqwest::Method::POST, "/api/v1/auth/login");
        Answer::of(request.header("X-Forwarded-For", address).json(&body))
    };
    let home = login("198.51.100.1".into(), "violet-harbor-lantern-42").await;
    assert_eq!(home.status, 200, "{home}");
    let mut statuses = Vec::new();
    for guess in 0..100 {
        statuses.push(login(format!("203.0.113.{guess}"), "wrong-wrong-wrong").await.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 9, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 91);
    let home = login("198.51.100.1".into(), "violet-harbor-lantern-42").await;
    assert_eq!(home.status, 200, "{home}");
    let refused = login("203.0.113.1".into(), "violet-harbor-lantern-42").await;
    assert!(refused.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 1);
}

#[tokio::test]
async fn a_user_who_asks_too_often_is_told_when_to_come_back() {
    let app = TestApp::with()
        .workers(0)
        .set("NINJA_LIMITS__USER__REQUESTS_PER_MINUTE", "5")
        .start()
        .await;
    let alice = app.user("alice").await;
    let mut last = alice.get("/api/v1/auth/me").await;
    assert_eq!(last.headers["ratelimit"].to_str().unwrap().split(';').nth(1), Some("r=4"));
    for _ in 0..5 {
        last = alice.get("/api/v1/auth/me").await;
    }
    assert_eq!((last.status, &last.json["code"]), (429, &json!("rate_limited")));
    let wait: u32 = last.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert_eq!(app.user("bob").await.get("/api/v1/auth/me").await.status, 200);
}
