use reqwest::multipart::Form;
use serde_json::Value;

use super::{CSV, PNG, api, kept, part, send};

#[tokio::test]
async fn each_file_of_many_stands_for_itself() {
    let app = api().await;
    let alice = app.user("alice").await;
    let form = || {
        let form = Form::new().part("files", part("a.csv", CSV));
        form.part("files", part("b.png", CSV)).part("files", part("c.png", PNG))
    };
    let some = send(&alice, "upload-multiple", "key", form()).await;
    assert_eq!(some.status, 207, "{some}");
    let data = some.json["data"].as_array().unwrap();
    let name = |line: &Value| line["filename"].as_str().unwrap().to_owned();
    assert_eq!(data.iter().map(name).collect::<Vec<_>>(), ["a.csv", "b.png", "c.png"]);
    assert_eq!(data[0]["file"]["kind"], "table");
    assert_eq!(data[0]["error"], Value::Null);
    assert_eq!(data[1]["file"], Value::Null);
    assert_eq!(data[1]["error"]["code"], "file_type_mismatch");
    assert_eq!(data[2]["file"]["kind"], "image");
    let again = send(&alice, "upload-multiple", "key", form()).await;
    assert_eq!((again.status, &again.json), (207, &some.json));
    assert_eq!((kept(&app, "objects"), kept(&app, "staging")), (2, 0));
}

#[tokio::test]
async fn all_is_201_and_none_is_422_with_an_item_for_each() {
    let app = api().await;
    let alice = app.user("alice").await;
    let good = Form::new().part("files", part("a.csv", CSV)).part("files", part("b.csv", CSV));
    assert_eq!(send(&alice, "upload-multiple", "", good).await.status, 201);
    let bad = Form::new().part("files", part("a.png", CSV)).part("files", part("x.exe", CSV));
    let none = send(&alice, "upload-multiple", "key", bad).await;
    assert_eq!((none.status, &none.json["code"]), (422, &"no_file_stored".into()), "{none}");
    let fields: Vec<_> =
        none.json["errors"].as_array().unwrap().iter().map(|e| &e["field"]).collect();
    assert_eq!(fields, ["files[0]", "files[1]"]);
    let good = Form::new().part("files", part("a.csv", CSV));
    assert_eq!(
        send(&alice, "upload-multiple", "key", good).await.status,
        201,
        "the key is as good as new"
    );
}

#[tokio::test]
async fn eleven_files_are_too_many_and_none_of_them_is_stored() {
    let app = api().await;
    let alice = app.user("alice").await;
    let form =
        (0..11).fold(Form::new(), |form, n| form.part("files", part("a.txt", n.to_string())));
    let answer = send(&alice, "upload-multiple", "", form).await;
    assert_eq!(answer.json["errors"][0]["code"], "too_long", "{answer}");
    assert_eq!((kept(&app, "objects"), kept(&app, "staging")), (0, 0));
}

#[tokio::test]
async fn more_than_200_mib_is_refused_before_it_is_sent() {
    let app = api().await;
    let alice = app.user("alice").await;
    let never = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let request = alice
        .request(reqwest::Method::POST, "/api/v1/files/upload-multiple")
        .header("Content-Type", "multipart/form-data; boundary=x")
        .header("Content-Length", 201 * 1024 * 1024)
        .body(reqwest::Body::wrap_stream(never));
    let answer = ninja_testkit::Answer::of(request).await;
    assert_eq!((answer.status, &answer.json["code"]), (413, &"body_too_large".into()), "{answer}");
}
