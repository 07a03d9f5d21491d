use std::sync::atomic::{AtomicBool, Ordering};

use ninja_testkit::TestApp;
use serde_json::json;

use crate::person::Person;

const PASSWORD: &str = "violet-harbor-lantern-42";
const OLD: &str = "m1:Xc1mT6vQeZ0uLr8bNf3yGk5hWj9sDp2aVxE7oYiUqB4=";
const NEW: &str = "m2:Yd2nU7wRfA1vMs9cOg4zHl6iXk0tEq3bWyF8pZjVrC4=";

/// A product whose processes know both master keys and seal under the old one, with root, who is logged in.
async fn with_root() -> (TestApp, Person) {
    let both = format!("{OLD},{NEW}");
    let app = TestApp::with().set("NINJA_SECRETS__MASTER_KEYS", &both).start().await;
    let root = app.admin("root").await;
    let me = root.get("/api/v1/auth/me").await;
    let email = me.json["email"].as_str().expect("an address").to_owned();
    let person = Person::new();
    let url = [("NINJA_API_URL", app.url())];
    let login = person.types(PASSWORD, &url, &["login", &email, "--password-stdin"]);
    assert_eq!(login.code, 0, "{}", login.stderr);
    (app, person)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_is_added_listed_tested_disabled_and_removed() {
    let (_app, root) = with_root().await;
    let key = root.has("key.txt", "sk-canary-0123456789\n");
    let args =
        ["provider", "add", "compatible", "--name", "local", "--base-url", "http://127.0.0.1:9/v1"];
    let more = ["--key-file", key.to_str().unwrap(), "--model", "small", "--json"];
    let added = root.runs(&[&args[..], &more[..]].concat());
    assert_eq!(
        (added.code, added.json()["key"].as_str()),
        (0, Some("***6789")),
        "{}",
        added.stderr
    );
    let list = root.runs(&["provider", "list"]);
    assert!(list.stdout.contains("local") && list.stdout.contains("***6789"), "{}", list.stdout);
    let tested = root.runs(&["provider", "test", "local"]);
    assert!(tested.code == 1 && tested.stderr.contains("does not work"), "{tested:?}");
    assert_eq!(
        root.runs(&["provider", "disable", "local"]).stdout,
        "local is not asked any more.\n"
    );
    assert_eq!(root.runs(&["provider", "enable", "local"]).stdout, "local may be asked.\n");
    let typed = ["provider", "add", "openai", "--key-stdin"];
    assert_eq!(root.types("sk-openai-0123456789\n", &[], &typed).code, 0);
    assert_eq!(root.runs(&["provider", "remove", "local"]).code, 0);
    assert_eq!(root.runs(&["provider", "remove", "local"]).code, 2);
    let args = ["provider", "add", "openai", "--key", "sk-1"];
    assert_eq!(root.runs(&args).code, 2, "a key is no argument");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_under_load_fails_no_test_and_leaves_nothing_under_the_old_key() {
    let (app, root) = with_root().await;
    let admin = app.anonymous().logged_in("root").await;
    let mut ids = Vec::new();
    for n in 0..100 {
        let body = json!({
            "kind": "compatible", "name": format!("p{n}"), "base_url": "http://127.0.0.1:9/v1",
            "key": format!("sk-canary-{n}"), "models": [{"name": "small"}],
        });
        let made = admin.post("/api/v1/admin/providers", &body).await;
        ids.push(made.json["id"].as_str().expect("an id").to_owned());
    }
    let done = AtomicBool::new(false);
    let asking = async {
        let mut asked = 0;
        for id in ids.iter().cycle() {
            let tested = admin.post_empty(&format!("/api/v1/admin/providers/{id}/test")).await;
            // Nobody answers there, which only who has opened the key finds out.
            assert!(tested.status == 200 && tested.json["class"].is_string(), "{tested}");
            asked += 1;
            if done.load(Ordering::Relaxed) && asked > 5 {
                return;
            }
        }
    };
    let rotating = async {
        let keys = format!("{NEW},{OLD}");
        let url = app.database().url().to_owned();
        let ended = tokio::task::spawn_blocking(move || {
            let settings =
                [("NINJA_DATABASE__URL", url.as_str()), ("NINJA_SECRETS__MASTER_KEYS", &keys)];
            root.runs_with(&settings, &["rotate-keys", "--json"])
        });
        let ended = ended.await.expect("it ran");
        done.store(true, Ordering::Relaxed);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        assert_eq!(ended.json(), json!({"active": "m2", "sealed": 100, "left": 0}));
    };
    tokio::join!(asking, rotating);
    let sql = "SELECT count(*) FROM provider_settings WHERE key_sealed NOT LIKE 'v1|m2|%'";
    let left: i64 = app.database().client().await.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_with_another_key_of_a_known_id_does_not_start_and_says_which() {
    let (app, root) = with_root().await;
    let wrong = format!("m1:{}", NEW.trim_start_matches("m2:"));
    let settings =
        [("NINJA_DATABASE__URL", app.database().url()), ("NINJA_SECRETS__MASTER_KEYS", &wrong)];
    let ended = root.runs_with(&settings, &["rotate-keys"]);
    assert!(ended.code == 1 && ended.stderr.contains("the master key `m1`"), "{ended:?}");
    assert!(!ended.stderr.contains("Yd2nU7"), "{ended:?}");
}
