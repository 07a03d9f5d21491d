use ninja_testkit::{Answer, TestApp};
use reqwest::Method;

const PAGE: &str = "https://app.example.org";

#[tokio::test]
async fn every_answer_has_the_headers_of_the_contract_and_none_that_tells_too_much() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    for path in
        ["/", "/health", "/docs/errors", "/openapi.json", "/nowhere", "/api/v1/auth/me", "/metrics"]
    {
        let answer = alice.get(path).await;
        let header =
            |name: &str| answer.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"), "{path}");
        assert_eq!(header("referrer-policy").as_deref(), Some("no-referrer"), "{path}");
        assert!(
            header("content-security-policy")
                .is_some_and(|csp| csp.contains("frame-ancestors 'none'")),
            "{path}"
        );
        assert_eq!(
            header("cache-control").as_deref() == Some("no-store"),
            path.starts_with("/api/"),
            "{path}"
        );
        assert_eq!(header("x-request-id").unwrap().len(), 36, "{path}");
        for absent in
            ["server", "x-powered-by", "strict-transport-security", "access-control-allow-origin"]
        {
            assert_eq!(header(absent), None, "{path}");
        }
    }
    let me = alice.get("/api/v1/auth/me").await;
    assert_eq!(me.headers["ratelimit-policy"], "\"user\";q=1000000;w=60");
    assert!(me.headers["ratelimit"].to_str().unwrap().starts_with("\"user\";r="));
}

#[tokio::test]
async fn a_request_id_is_taken_over_only_if_it_is_well_formed() {
    let app = TestApp::with().workers(0).start().await;
    for (given, kept) in [("my-request_1", true), ("short", false), ("has space in it", false)] {
        let request = app.anonymous().request(Method::GET, "/health").header("X-Request-Id", given);
        let answer = Answer::of(request).await;
        assert_eq!(answer.headers["x-request-id"] == given, kept, "{given}");
    }
}

#[tokio::test]
async fn only_pages_on_the_list_may_read_answers() {
    let app = TestApp::with().workers(0).set("NINJA_SERVER__CORS_ORIGINS", PAGE).start().await;
    let preflight = |origin: &'static str| {
        app.anonymous()
            .request(Method::OPTIONS, "/api/v1/auth/login")
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "content-type")
    };
    let good = Answer::of(preflight(PAGE)).await;
    assert_eq!(
        (good.status, good.headers["access-control-allow-origin"].to_str().unwrap()),
        (204, PAGE)
    );
    assert_eq!(good.headers["access-control-allow-headers"], "content-type");
    for evil in ["https://evil.example.org", "null", "https://app.example.org.evil.org"] {
        let refused = Answer::of(preflight(evil)).await;
        assert_eq!(refused.status, 204);
        assert!(!refused.headers.contains_key("access-control-allow-origin"), "{evil}");
    }
    let read = app.anonymous().request(Method::GET, "/nowhere").header("Origin", PAGE);
    let read = Answer::of(read).await;
    assert_eq!(read.headers["access-control-allow-origin"], PAGE);
    assert!(
        read.headers["access-control-expose-headers"].to_str().unwrap().contains("X-Request-Id")
    );
}
