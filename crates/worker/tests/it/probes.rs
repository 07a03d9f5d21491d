use ninja_testkit::TestApp;

async fn get(app: &mut TestApp, path: &str) -> (u16, String) {
    let url = format!("{}{path}", app.worker(0).url());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_worker_says_that_it_lives_is_ready_and_what_it_counts() {
    let mut app = TestApp::start().await;
    assert_eq!(
        get(&mut app, "/livez").await,
        (200, r#"{"status":"alive","silent":[]}"#.to_owned())
    );
    let ready = r#"{"status":"ready","missing":[],"degraded":[]}"#.to_owned();
    assert_eq!(get(&mut app, "/readyz").await, (200, ready));
    let (status, metrics) = get(&mut app, "/metrics").await;
    assert_eq!(status, 200);
    assert!(metrics.contains("ninja_worker_permits{state=\"free\"} 16"), "{metrics}");
    assert_eq!(get(&mut app, "/elsewhere").await.0, 404);
}

#[tokio::test]
async fn a_worker_without_redis_is_ready_and_says_what_it_lacks() {
    let mut app = TestApp::with().own_engines().start().await;
    app.engines().1.kill9();
    let ready = r#"{"status":"ready","missing":[],"degraded":["redis"]}"#.to_owned();
    assert_eq!(get(&mut app, "/readyz").await, (200, ready));
}
