use ninja_testkit::{Answer, TestApp};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn fields_that_a_caller_may_not_set_are_refused_and_change_nothing() {
    let app = TestApp::with().workers(0).start().await;
    for field in ["role", "is_admin", "user_id", "is_active", "id", "password_hash"] {
        let mut body =
            json!({ "email": "eve@example.org", "password": "violet-harbor-lantern-42" });
        body[field] = json!("admin");
        let answer = app.anonymous().post("/api/v1/auth/register", &body).await;
        assert_eq!(answer.status, 422, "{answer}");
        assert_eq!(answer.json["errors"][0]["code"], "unknown_field");
        assert_eq!(answer.json["errors"][0]["field"], format!("/{field}"));
    }
    let users: i64 = app
        .database()
        .client()
        .await
        .query_one("SELECT count(*) FROM users", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(users, 0);
}

#[tokio::test]
async fn broken_bodies_are_refused_with_the_place_of_the_fault() {
    let app = TestApp::with().workers(0).start().await;
    let send = |body: String| {
        let request = app.anonymous().request(Method::POST, "/api/v1/auth/login");
        Answer::of(
            request.header("Content-Type", "application/vnd.ninja+json; charset=utf-8").body(body),
        )
    };
    for (body, told) in [
        ("{".to_owned(), "line 1 column 1"),
        ("{\"username\":\"a\",\n \"username\":\"b\"}".to_owned(), "line 2 column 11"),
        (format!("{}{}", "[".repeat(70), "]".repeat(70)), "64 levels"),
        ("[".repeat(100_000), "64 levels"),
        ("\u{feff}{}".to_owned(), "line 1 column 1"),
        ("1e999".to_owned(), "out of range"),
    ] {
        let answer = send(body).await;
        assert_eq!(
            (answer.status, &answer.json["code"]),
            (400, &json!("malformed_request")),
            "{answer}"
        );
        assert!(answer.json["detail"].as_str().unwrap().contains(told), "{answer}");
    }
    for (body, field) in
        [("[]", ""), ("{\"username\":1,\"password\":\"p\"}", "/username"), ("{}", "/password")]
    {
        let answer = send(body.to_owned()).await;
        assert_eq!(
            (answer.status, &answer.json["errors"][0]["field"]),
            (422, &json!(field)),
            "{answer}"
        );
    }
    let nul = send("{\"username\":\"a\\u0000b\",\"password\":\"p\"}".to_owned()).await;
    assert_eq!(nul.status, 422, "{nul}");
}
