use ninja_testkit::{Answer, TestApp};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn what_is_refused_before_a_handler_runs_is_a_problem_too() {
    let app = TestApp::with().workers(0).start().await;
    let client = app.anonymous();
    let request = |method: &str, path: &str| client.request(method.parse().unwrap(), path);
    let login = || request("POST", "/api/v1/auth/login");
    let long = "x".repeat(9_000);
    let huge = json!({ "username": "x".repeat(1024 * 1024), "password": "p" });
    let cases = [
        request("GET", "/nowhere"),
        request("GET", "/api/v1/nowhere"),
        request("GET", "/api/v1/auth/login"),
        request("TRACE", "/health"),
        request("GET", "/api/v1/auth/me"),
        request("GET", "/?skip=1"),
        request("GET", "/?token=x"),
        request("GET", &format!("/?q={long}")),
        login().header("Content-Type", "text/plain").body("{}"),
        login()
            .header("Content-Type", "application/json")
            .header("Content-Encoding", "gzip")
            .body("{}"),
        login().header("Content-Type", "application/json").body(""),
        login().header("Content-Type", "application/json").body("{\"a\":1,\n\"a\":2}"),
        login().json(&huge),
        request("GET", "/api/v1/auth/me").header("X-API-Key", "itn_live_x"),
        request("GET", "/api/v1/auth/me").bearer_auth("itn_live_x"),
        request("GET", "/api/v1/auth/me").bearer_auth("x").header("X-API-Key", "y"),
        request("GET", "/api/v1/auth/me").header("Authorization", "Basic x"),
    ];
    let mut lines = Vec::new();
    for case in cases {
        let answer = Answer::of(case).await;
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{answer}");
        assert_eq!(answer.json["request_id"], answer.headers["x-request-id"].to_str().unwrap());
        assert_eq!(
            answer.json["type"],
            format!("/docs/errors#{}", answer.json["code"].as_str().unwrap())
        );
        assert!(answer.status != 401 || answer.headers["www-authenticate"] == "Bearer");
        lines.push(answer.to_string());
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones_and_slashes_do_not_matter() {
    let app = TestApp::with().workers(0).start().await;
    let client = app.anonymous();
    let answer = client.delete("/api/v1/auth/login").await;
    assert_eq!((answer.status, answer.headers["allow"].to_str().unwrap()), (405, "OPTIONS, POST"));
    let options = Answer::of(client.request(Method::OPTIONS, "/health")).await;
    assert_eq!(
        (options.status, options.headers["allow"].to_str().unwrap()),
        (204, "GET, HEAD, OPTIONS")
    );
    assert!(!options.headers.contains_key("access-control-allow-origin"));
    assert_eq!(Answer::of(client.request(Method::OPTIONS, "/nowhere")).await.status, 404);
    assert_eq!(client.get("//api//v1/health/").await.status, 200);
    let head = client.request(Method::HEAD, "/openapi.json").send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert!(head.headers()["content-length"].to_str().unwrap().parse::<u32>().unwrap() > 1_000);
    assert!(head.bytes().await.unwrap().is_empty());
}
