use std::time::Duration;

use ninja_testkit::TestApp;

#[tokio::test]
async fn a_stopping_process_says_so_serves_on_for_a_while_and_ends_well() {
    let mut app =
        TestApp::with().workers(0).set("NINJA_SERVER__DRAIN_NOTICE_SECONDS", "3").start().await;
    let alice = app.user("alice").await;
    app.api().sigterm();
    let mut pause = tokio::time::interval(Duration::from_millis(50));
    let mut ready = alice.get("/readyz").await;
    for _ in 0..20 {
        if ready.status == 503 {
            break;
        }
        pause.tick().await;
        ready = alice.get("/readyz").await;
    }
    insta::assert_snapshot!(ready, @r#"503 {"degraded":[],"missing":["draining"],"ready":false}"#);
    assert_eq!(alice.get("/livez").await.status, 200);
    assert_eq!(alice.get("/api/v1/auth/me").await.status, 200);
    assert!(app.api().exited().await.success());
}

#[tokio::test]
async fn without_postgresql_it_is_not_ready_and_recovers_alone() {
    let mut app = TestApp::with().workers(0).own_engines().start().await;
    let alice = app.user("alice").await;
    app.engines().0.stop();
    let me = alice.get("/api/v1/auth/me").await;
    assert!(me.status == 503 && me.headers.contains_key("retry-after"), "{me}");
    let mut pause = tokio::time::interval(Duration::from_millis(200));
    while alice.get("/readyz").await.status != 503 {
        pause.tick().await;
    }
    assert_eq!(alice.get("/health").await.json["status"], "down");
    assert_eq!(alice.get("/livez").await.status, 200);
    app.engines().0.start_again();
    while alice.get("/readyz").await.status != 200 {
        pause.tick().await;
    }
    assert_eq!(alice.get("/api/v1/auth/me").await.status, 200);
}

#[tokio::test]
async fn without_redis_it_works_on_and_says_what_is_missing() {
    let mut app = TestApp::with().workers(0).own_engines().start().await;
    let alice = app.user("alice").await;
    app.engines().1.stop();
    let mut pause = tokio::time::interval(Duration::from_millis(200));
    while alice.get("/health").await.json["status"] != "degraded" {
        pause.tick().await;
    }
    let ready = alice.get("/readyz").await;
    assert_eq!((ready.status, &ready.json["degraded"]), (200, &serde_json::json!(["redis"])));
    assert_eq!(alice.get("/api/v1/auth/me").await.status, 200);
}
