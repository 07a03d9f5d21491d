use ninja_testkit::Client;
use reqwest::{Method, Response};

use super::{CSV, api, id};

async fn download(client: &Client, id: &str, headers: &[(&str, &str)]) -> Response {
    let request = client.request(Method::GET, &format!("/api/v1/files/{id}/download"));
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    ninja_testkit::send(request).await.unwrap()
}

#[tokio::test]
async fn a_download_is_safe_to_save_and_can_be_asked_again() {
    let app = api().await;
    let alice = app.user("alice").await;
    let uploaded = alice.upload("größe.csv", CSV).await;
    let id = id(&uploaded);
    let whole = download(&alice, &id, &[]).await;
    let etag = format!("\"{}\"", uploaded.json["sha256"].as_str().unwrap());
    for (header, value) in [
        ("etag", etag.as_str()),
        ("accept-ranges", "bytes"),
        ("cache-control", "private, no-cache"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        (
            "content-disposition",
            "attachment; filename=\"gr__e.csv\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.csv",
        ),
        ("content-type", "text/csv"),
        ("content-length", &CSV.len().to_string()),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(whole.headers()[header], value, "{header}");
    }
    let known = download(&alice, &id, &[("If-None-Match", &etag)]).await;
    assert_eq!(
        (known.status().as_u16(), &known.headers()["etag"]),
        (304, &whole.headers()["etag"])
    );
    let head =
        alice.request(Method::HEAD, &format!("/api/v1/files/{id}/download")).send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(head.headers()["content-length"], CSV.len().to_string());
    assert_eq!(head.bytes().await.unwrap().len(), 0);
}

#[tokio::test]
async fn ranges_are_answered_as_the_standard_says() {
    let app = api().await;
    let alice = app.user("alice").await;
    let id = id(&alice.upload("a.csv", CSV).await);
    let etag = download(&alice, &id, &[]).await.headers()["etag"].to_str().unwrap().to_owned();
    let size = CSV.len();
    for (range, status, content_range, body) in [
        ("bytes=0-6", 206, format!("bytes 0-6/{size}"), "species"),
        ("bytes=-5", 206, format!("bytes {}-{}/{size}", size - 5, size - 1), "47.5\n"),
        ("bytes=16-", 206, format!("bytes 16-{}/{size}", size - 1), &CSV[16..]),
        ("bytes=0-1,3-4", 200, String::new(), CSV),
        ("lines=0-1", 200, String::new(), CSV),
    ] {
        let answer = download(&alice, &id, &[("Range", range)]).await;
        assert_eq!(answer.status(), status, "{range}");
        let told =
            answer.headers().get("content-range").map_or("", |value| value.to_str().unwrap());
        assert_eq!(told, content_range, "{range}");
        assert_eq!(answer.text().await.unwrap(), body, "{range}");
    }
    for range in ["bytes=9999-", "bytes=-0", "bytes=5-1", "bytes=x"] {
        let answer = download(&alice, &id, &[("Range", range)]).await;
        assert_eq!(answer.status(), 416, "{range}");
        assert_eq!(answer.headers()["content-range"], format!("bytes */{size}"));
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
    }
    let same = download(&alice, &id, &[("Range", "bytes=0-1"), ("If-Range", &etag)]).await;
    assert_eq!(same.status(), 206);
    let changed = download(&alice, &id, &[("Range", "bytes=0-1"), ("If-Range", "\"other\"")]).await;
    assert_eq!((changed.status().as_u16(), changed.text().await.unwrap().as_str()), (200, CSV));
}

#[tokio::test]
async fn an_empty_file_is_downloaded_as_nothing() {
    let app = api().await;
    let alice = app.user("alice").await;
    let id = id(&alice.upload("empty.csv", "").await);
    let whole = download(&alice, &id, &[]).await;
    assert_eq!((whole.status().as_u16(), whole.text().await.unwrap().as_str()), (200, ""));
    assert_eq!(download(&alice, &id, &[("Range", "bytes=0-")]).await.status(), 416);
}

#[tokio::test]
async fn other_peoples_files_do_not_exist_and_an_administrator_leaves_a_trace() {
    let app = api().await;
    let alice = app.user("alice").await;
    let id = id(&alice.upload("a.csv", CSV).await);
    let (bob, root) = (app.user("bob").await, app.admin("root").await);
    for path in [format!("/api/v1/files/{id}"), format!("/api/v1/files/{id}/download")] {
        assert_eq!(bob.get(&path).await.to_string(), "404 not_found: There is no such object.");
        assert_eq!(app.anonymous().get(&path).await.status, 401);
        assert_eq!(root.bytes(&path).await.0, 200);
    }
    assert_eq!(bob.delete(&format!("/api/v1/files/{id}")).await.status, 404);
    assert_eq!(bob.get("/api/v1/files").await.json["data"].as_array().unwrap().len(), 0);
    assert_eq!(root.get("/api/v1/files").await.json["data"].as_array().unwrap().len(), 0);
    for path in ["x", "00000000-0000-0000-0000-000000000000", "%00"] {
        assert_eq!(alice.get(&format!("/api/v1/files/{path}")).await.status, 404, "{path}");
    }
    let sql = "SELECT count(*) FROM audit_log WHERE action = 'admin.access' AND object_id = $1";
    let rows = app.database().client().await.query_one(sql, &[&id]).await.unwrap();
    assert_eq!(rows.get::<_, i64>(0), 2);
}
