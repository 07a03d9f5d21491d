//! Keys go in and never come out: looked for, in every coding, wherever anybody could look.

use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use ninja_testkit::TestApp;
use serde_json::json;

use super::{PROVIDERS, SETTINGS, compatible, path, put};

/// As a vendor would make one, with signs that a URL must write otherwise.
fn canary(n: usize) -> String {
    format!("sk-canary+{n:02}/Zq7Wv3Kx9Tb5Lm1Rd{n:02}")
}

/// How somebody could write it down.
fn spellings(key: &str) -> Vec<String> {
    let hex = key.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let url = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    vec![
        key.to_owned(),
        STANDARD.encode(key),
        STANDARD_NO_PAD.encode(key),
        URL_SAFE_NO_PAD.encode(key),
        hex.to_uppercase(),
        hex,
        key.bytes().map(url).collect(),
        key.replace('/', "\\/"),
    ]
}

fn output(program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).output().expect("the program is installed");
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[tokio::test]
async fn twenty_keys_are_nowhere_to_be_found() {
    let mut app = TestApp::with()
        .own_engines()
        .set("NINJA_PROVIDERS__ANTHROPIC_API_KEY", &canary(19))
        .set("NINJA_PROVIDERS__ANTHROPIC_BASE_URL", "http://127.0.0.1:9/")
        .set("NINJA_TELEMETRY__LOG_LEVEL", "debug")
        .start()
        .await;
    let admin = app.admin("root").await;
    let mut shown = String::new();
    for n in 0..15 {
        let made = compatible(&admin, &format!("p{n}"), &canary(n)).await;
        shown.push_str(&made.to_string());
        if n < 3 {
            let tested = admin.post_empty(&format!("{}/test", path(&made))).await;
            assert_eq!(tested.status, 200, "{tested}");
            shown.push_str(&tested.json.to_string());
        }
        if n == 3 {
            shown.push_str(
                &put(&admin, &path(&made), &json!({"key": canary(15)})).await.json.to_string(),
            );
        }
    }
    for (url, body) in [
        (
            PROVIDERS,
            json!({"kind": "compatible", "name": "p1", "base_url": "http://a/", "key": canary(16)}),
        ),
        (
            PROVIDERS,
            json!({"kind": "openai", "key": format!("{} with a space", canary(17)), "role": "x"}),
        ),
        (PROVIDERS, json!({"kind": "openai", "key": [canary(17)]})),
        (SETTINGS, json!({"deepseek_api_key": canary(18)})),
    ] {
        shown.push_str(&admin.post(url, &body).await.json.to_string());
    }
    for url in [PROVIDERS, SETTINGS, "/api/v1/providers", "/api/v1/models"] {
        shown.push_str(&admin.get(url).await.json.to_string());
    }
    let look = "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null; env; true";
    let step = json!({
        "key": "run", "agent_type": "coder", "capability": "code_execution",
        "parameters": {"language": "bash", "code": look},
    });
    let task =
        json!({"task_type": "custom", "description": "Look", "parameters": {"steps": [step]}});
    let id = admin.create(&task).await;
    shown.push_str(&admin.wait_task(&id, "completed").await.to_string());
    shown.push_str(&serde_json::to_string(&admin.events(&id).await).unwrap());
    let redis = {
        let (_, redis) = app.engines();
        let dump = std::env::temp_dir().join(format!("canary-{}.rdb", redis.pid()));
        let file = dump.display().to_string();
        output("redis-cli", &["-u", &redis.url(), "--rdb", &file]);
        let bytes = std::fs::read(&dump).expect("the dump is there");
        std::fs::remove_file(dump).expect("the dump is ours");
        bytes
    };
    let rows = output("pg_dump", &["--dbname", app.database().url()]);
    let worker = app.worker(0).log();
    let places = [
        ("answers", shown.into_bytes()),
        ("the log of the API", app.api().log().into_bytes()),
        ("the log of the worker", worker.into_bytes()),
        ("PostgreSQL", rows),
        ("Redis", redis),
    ];
    for (place, bytes) in places {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.is_empty(), "nothing to look at: {place}");
        for n in 0..20 {
            for spelling in spellings(&canary(n)) {
                assert!(!text.contains(&spelling), "key {n} as {spelling} is in {place}");
            }
        }
    }
}
