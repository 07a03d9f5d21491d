use ninja_testkit::TestApp;
use reqwest::Method;
use serde_json::{Value, json};

const CODE: &str = r"mkdir out
printf 'a,b\n1,2\n' > out/table.csv
printf '<script>alert(1)</script>' > page.html";

#[tokio::test]
async fn what_a_program_wrote_is_listed_and_downloaded() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let task = alice
        .create(&json!({"description": "Write", "task_type": "custom", "parameters": {
            "steps": [{"key": "run", "agent_type": "coder", "capability": "code_execution",
                "depends_on": [], "required": true, "description": "Write",
                "parameters": {"language": "bash", "code": CODE}}],
        }}))
        .await;
    alice.wait_task(&task, "completed").await;
    let list = alice.get(&format!("/api/v1/tasks/{task}/artifacts")).await;
    let all = list.json["data"].as_array().unwrap();
    let of = |path: &str| all.iter().find(|one| one["path"] == path).unwrap().clone();
    let table = of("out/table.csv");
    assert_eq!((&table["name"], &table["size"]), (&json!("table.csv"), &json!(8)), "{list}");
    assert_eq!((&table["content_type"], &table["task_id"]), (&json!("text/csv"), &json!(task)));
    let path = format!("/api/v1/artifacts/{}", table["id"].as_str().unwrap());
    assert_eq!(alice.get(&path).await.json, table);
    let (status, bytes) = alice.bytes(table["url"].as_str().unwrap()).await;
    assert_eq!((status, bytes.as_slice()), (200, b"a,b\n1,2\n".as_slice()));
    let shown = |artifact: &Value| {
        let path = format!("{}?disposition=inline", artifact["url"].as_str().unwrap());
        let request = alice.request(Method::GET, &path);
        async move {
            let answer = ninja_testkit::send(request).await.unwrap();
            let told = answer.headers()["content-disposition"].to_str().unwrap();
            told.split(';').next().unwrap().to_owned()
        }
    };
    assert_eq!(shown(&table).await, "inline");
    assert_eq!(shown(&of("page.html")).await, "attachment", "pages run programs");
    let etag = format!("\"{}\"", table["sha256"].as_str().unwrap());
    for (header, value, status) in [
        ("Range", "bytes=0-2", 206),
        ("Range", "bytes=99-", 416),
        ("If-None-Match", etag.as_str(), 304),
    ] {
        let request = alice.request(Method::GET, table["url"].as_str().unwrap());
        let answer = ninja_testkit::send(request.header(header, value)).await.unwrap();
        assert_eq!(answer.status(), status, "{header}: {value}");
    }
    let bob = app.user("bob").await;
    for path in [path.clone(), format!("{path}/content"), format!("/api/v1/tasks/{task}/artifacts")]
    {
        assert_eq!(bob.get(&path).await.status, 404, "{path}");
    }
}
