use ninja_testkit::TestApp;
use serde_json::{Value, json};

#[tokio::test]
async fn a_table_is_shown_to_its_owner_before_anybody_analyses_it() {
    let app = TestApp::with().workers(0).start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let file = alice.upload("sales.csv", "month;sales\n2026-01;120,5\n2026-02;\n").await;
    let path = format!("/api/v1/files/{}/preview", file.json["id"].as_str().expect("an id"));
    let shown = alice.get(&path).await.json;
    assert_eq!(
        shown,
        json!({
            "kind": "table", "truncated": false, "text": null, "image": null, "archive": null,
            "table": {
                "columns": [{ "name": "month", "type": "text" }, { "name": "sales", "type": "number" }],
                "rows": [["2026-01", "120,5"], ["2026-02", null]],
                "rows_total": 2,
            },
        })
    );
    assert_eq!(bob.get(&path).await.status, 404);
}

#[tokio::test]
async fn every_kind_shows_what_it_has() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let mut shown = Vec::new();
    for (name, text) in [
        ("a.py", "print(1)\n"),
        ("a.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.jsonl", "{\"n\": 1}\n"),
        ("a.md", ""),
    ] {
        let file = alice.upload(name, text).await;
        let id = file.json["id"].as_str().expect("it is taken");
        let preview = alice.get(&format!("/api/v1/files/{id}/preview")).await.json;
        let has = |field: &&str| preview[*field] != Value::Null;
        let has: Vec<_> = ["text", "table", "image", "archive"].into_iter().filter(has).collect();
        shown.push(format!("{name}: {} with {}", preview["kind"], has.join(", ")));
    }
    insta::assert_snapshot!(shown.join("\n"), @r#"
    a.py: "code" with text
    a.svg: "image" with text
    a.jsonl: "table" with table
    a.md: "text" with text
    "#);
}
