use ninja_testkit::TestApp;
use serde_json::json;

#[tokio::test]
async fn a_user_sees_where_they_are_logged_in_and_ends_what_they_do_not_know() {
    let app = TestApp::with().workers(0).start().await;
    let here = app.user("alice").await;
    let lost = app.anonymous().logged_in("alice").await;
    let bob = app.user("bob").await;
    let listed = here.get("/api/v1/auth/sessions").await.json;
    let rows = listed["data"].as_array().expect("a list");
    let current: Vec<_> = rows.iter().map(|row| row["current"].as_bool()).collect();
    assert_eq!(current, [Some(false), Some(true)], "the last used comes first: {listed}");
    assert_eq!((&listed["has_more"], &listed["next_cursor"]), (&json!(false), &json!(null)));
    let path = format!("/api/v1/auth/sessions/{}", rows[0]["id"].as_str().expect("an id"));
    assert_eq!(bob.delete(&path).await.status, 404, "it is not his");
    assert_eq!(here.delete(&path).await.status, 204);
    assert_eq!(lost.get("/api/v1/auth/me").await.status, 401);
    assert_eq!(here.delete(&path).await.status, 404, "it has ended");
    let left = here.get("/api/v1/auth/sessions").await.json;
    assert_eq!(left["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_session_that_ended_is_not_listed_and_neither_is_one_whose_tokens_are_too_old() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let other = app.anonymous().logged_in("alice").await;
    other.post_empty("/api/v1/auth/logout").await;
    let _old = app.anonymous().logged_in("alice").await;
    let sql = "UPDATE refresh_tokens SET expires_at = now() WHERE created_at = (SELECT max(created_at) FROM refresh_tokens)";
    app.database().client().await.execute(sql, &[]).await.expect("the row is changed");
    let rows = alice.get("/api/v1/auth/sessions").await.json;
    let current: Vec<_> =
        rows["data"].as_array().expect("a list").iter().map(|row| &row["current"]).collect();
    assert_eq!(current, [true]);
}
