use serde_json::Value;

use super::{CSV, PNG, api, id};

fn names(page: &Value) -> Vec<&str> {
    let data = page["data"].as_array().unwrap();
    data.iter().map(|file| file["filename"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn files_are_listed_newest_first_and_a_page_never_shifts() {
    let app = api().await;
    let alice = app.user("alice").await;
    for name in ["1.csv", "2.csv", "3.csv"] {
        id(&alice.upload(name, CSV).await);
    }
    let first = alice.get("/api/v1/files?limit=2").await.json;
    assert_eq!((names(&first), &first["has_more"]), (vec!["3.csv", "2.csv"], &Value::Bool(true)));
    id(&alice.upload("4.csv", CSV).await);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = alice.get(&format!("/api/v1/files?limit=2&cursor={cursor}")).await.json;
    assert_eq!((names(&second), &second["next_cursor"]), (vec!["1.csv"], &Value::Null));
    let other = alice.get(&format!("/api/v1/files?kind=table&cursor={cursor}")).await;
    assert_eq!(other.json["code"], "invalid_cursor", "{other}");
}

#[tokio::test]
async fn a_list_is_narrowed_by_kind_and_by_a_part_of_the_name() {
    let app = api().await;
    let alice = app.user("alice").await;
    id(&alice.upload("Ergebnis_100%.CSV", CSV).await);
    id(&alice.upload("plot.png", PNG).await);
    for (query, found) in [
        ("kind=image", vec!["plot.png"]),
        ("q=ergebnis", vec!["Ergebnis_100%.CSV"]),
        ("q=100%25", vec!["Ergebnis_100%.CSV"]),
        ("q=_", vec!["Ergebnis_100%.CSV"]),
        ("q=%25", vec!["Ergebnis_100%.CSV"]),
        ("kind=image&q=csv", vec![]),
    ] {
        let page = alice.get(&format!("/api/v1/files?{query}")).await;
        assert_eq!(names(&page.json), found, "{query}");
    }
    for (query, field, code) in [
        ("kind=music", "query:kind", "not_in_enum"),
        ("limit=0", "query:limit", "too_small"),
        ("skip=1", "query:skip", "unknown_field"),
    ] {
        let refused = alice.get(&format!("/api/v1/files?{query}")).await;
        let error = &refused.json["errors"][0];
        assert_eq!((&error["field"], &error["code"]), (&field.into(), &code.into()), "{refused}");
    }
}
