use std::fs;
use std::io::{BufRead, BufReader};

use ninja_testkit::TestApp;
use serde_json::json;

use crate::person::Person;

const PASSWORD: &str = "violet-harbor-lantern-42";

/// A product with ada, who is logged in.
async fn with_ada() -> (TestApp, Person) {
    let app = TestApp::start().await;
    let who = json!({ "email": "ada@example.org", "password": PASSWORD });
    let registered = app.anonymous().post("/api/v1/auth/register", &who).await;
    assert_eq!(registered.status, 201, "{registered}");
    let ada = Person::new();
    let url = [("NINJA_API_URL", app.url())];
    let login = ada.types(PASSWORD, &url, &["login", "ada@example.org", "--password-stdin"]);
    assert_eq!(login.code, 0, "{}", login.stderr);
    (app, ada)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_lasts_until_logout() {
    let (_app, ada) = with_ada().await;
    assert_eq!(ada.runs(&["whoami", "--json"]).json()["email"], "ada@example.org");
    let kept = fs::read_to_string(ada.path(".config/ninja/default.json")).unwrap();
    assert_eq!(ada.runs(&["logout"]).code, 0);
    assert_eq!(ada.runs(&["whoami"]).code, 4);
    ada.has(".config/ninja/default.json", &kept); // a thief's copy
    assert_eq!(ada.runs(&["whoami"]).code, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_back_as_it_went() {
    let (_app, ada) = with_ada().await;
    let text = "Adelie,Torgersen,39.1,18.7,181,3750\n".repeat(100_000);
    let path = ada.has("table.csv", &text);
    let uploaded = ada.runs(&["file", "upload", path.to_str().unwrap(), "--json"]);
    assert_eq!(uploaded.code, 0, "{}", uploaded.stderr);
    let id = uploaded.json()["data"][0]["id"].as_str().unwrap().to_owned();
    assert!(ada.runs(&["file", "list"]).stdout.contains(&id));
    let fetched = ada.runs(&["file", "download", &id, "--output", "back.csv"]);
    assert_eq!(fetched.code, 0, "{}", fetched.stderr);
    assert!(fs::read_to_string(ada.path("back.csv")).unwrap() == text);
    assert!(ada.runs(&["file", "download", &id, "-o", "-"]).stdout == text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_created_watched_listed_and_cancelled() {
    let (_app, ada) = with_ada().await;
    let drill = r#"{"agent":"noop","steps":2}"#;
    let args =
        ["task", "create", "--parameters", drill, "--description", "Two steps", "--wait", "--json"];
    let done = ada.runs(&args);
    assert_eq!(
        (done.code, done.json()["status"].as_str()),
        (0, Some("completed")),
        "{}",
        done.stderr
    );
    assert_eq!(done.stderr.matches(" completed: ").count(), 3, "{}", done.stderr);
    let id = done.json()["id"].as_str().unwrap().to_owned();
    assert!(ada.runs(&["task", "list", "--status", "completed"]).stdout.contains(&id));
    assert!(ada.runs(&["task", "get", &id]).stdout.contains("completed (100%)"));
    let late = ada.runs(&["task", "cancel", &id]);
    assert!(late.code == 1 && late.stderr.contains("409 wrong_status"), "{}", late.stderr);
    let long = r#"{"agent":"noop","steps":1,"sleep_ms":600000}"#;
    let args = ["task", "create", "--parameters", long, "--description", "Sleep"];
    let id = ada.runs(&args).stdout.trim().to_owned();
    let cancelled = ada.runs(&["task", "cancel", &id, "--wait"]);
    assert_eq!(cancelled.stdout, format!("{id} cancelled\n"), "{}", cancelled.stderr);
    assert_eq!(ada.runs(&["task", "watch", &id]).code, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_runs_over_a_table_and_what_it_wrote_is_saved() {
    let (_app, ada) = with_ada().await;
    ada.has("penguins.csv", "species,grams\nadelie,3750\ngentoo,5000\n");
    let program = "import csv, sys\n\
                   rows = list(csv.DictReader(open('penguins.csv')))\n\
                   print(len(rows), 'penguins', sys.argv[1], flush=True)\n\
                   open('mean.txt', 'w').write(str(sum(int(r['grams']) for r in rows) / len(rows)))\n";
    ada.has("mean.py", program);
    let args = [
        "task",
        "create",
        "--run",
        "mean.py",
        "--file",
        "penguins.csv",
        "--download",
        "made",
        "--",
        "ok",
    ];
    let ended = ada.runs(&args);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "2 penguins ok\n"), "{}", ended.stderr);
    assert_eq!(fs::read_to_string(ada.path("made/mean.txt")).unwrap(), "4375.0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_ends_badly_ends_the_command_with_1() {
    let (_app, ada) = with_ada().await;
    ada.has("bad.sh", "echo so far; echo trouble >&2; exit 3\n");
    let bad = ada.runs(&["task", "create", "--run", "bad.sh", "--wait"]);
    assert_eq!((bad.code, bad.stdout.as_str()), (1, "so far\n"), "{}", bad.stderr);
    assert!(bad.stderr.contains("trouble\n"), "{}", bad.stderr);
    assert!(bad.stderr.contains("error: The program ended with exit code 3."), "{}", bad.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_outlives_the_api() {
    let (mut app, ada) = with_ada().await;
    let drill = r#"{"agent":"noop","steps":8,"sleep_ms":300}"#;
    let args = ["task", "create", "--parameters", drill, "--description", "Eight steps"];
    let id = ada.runs(&args).stdout.trim().to_owned();
    let mut watch = ada.starts(&["task", "watch", &id]);
    let mut lines = BufReader::new(watch.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut seen: Vec<String> =
        lines.by_ref().take_while(|line| !line.contains("step 2 (noop) started")).collect();
    app.api().sigkill();
    app.api().start_again().await;
    seen.extend(lines);
    assert!(watch.wait().unwrap().success(), "{seen:#?}");
    assert!(seen.iter().any(|line| line.contains("connection lost")), "{seen:#?}");
    for step in 1..=8 {
        let done = format!("step {step} (noop) completed");
        assert_eq!(seen.iter().filter(|line| line.contains(&done)).count(), 1, "{seen:#?}");
    }
}
