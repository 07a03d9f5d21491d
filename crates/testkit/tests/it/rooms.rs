//! No arrow that is not in `docs/architecture.md`, and every heavy library behind its one room.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

use serde_json::Value;

/// Which rooms a room may import. `testkit` may import anything; every room may use it in tests.
const ARROWS: &[(&str, &[&str])] = &[
    ("types", &[]),
    ("config", &["types"]),
    ("db", &["types", "config"]),
    ("queue", &["types", "config"]),
    ("egress", &["types", "config"]),
    ("llm", &["types", "config", "egress"]),
    ("sandbox", &["types", "config"]),
    ("files", &["types", "config"]),
    ("tools", &["types", "config", "files", "sandbox"]),
    ("agents", &["types", "llm", "tools"]),
    ("api", &["types", "config", "db", "queue", "files", "agents", "llm"]),
    (
        "worker",
        &["types", "config", "db", "queue", "sandbox", "files", "egress", "tools", "llm", "agents"],
    ),
    ("cli", &["types", "config", "db", "queue", "api"]),
];

/// Libraries that only these rooms may name.
const OWNERS: &[(&str, &[&str])] = &[
    ("actix-cors", &["api"]),
    ("actix-multipart", &["api"]),
    ("actix-web", &["api"]),
    ("actix-ws", &["api"]),
    ("apalis", &["queue"]),
    ("apalis-core", &["queue"]),
    ("bcrypt", &["api", "cli"]),
    ("chacha20poly1305", &["db"]),
    ("config", &["config"]),
    ("diesel", &["db"]),
    ("diesel-async", &["db"]),
    ("diesel_migrations", &["db"]),
    ("flate2", &["files"]),
    ("genai", &["llm"]),
    ("governor", &["api"]),
    ("indicatif", &["cli"]),
    ("infer", &["files"]),
    ("jsonwebtoken", &["api"]),
    ("landlock", &["sandbox"]),
    ("mime_guess", &["files"]),
    ("object_store", &["files"]),
    ("redis", &["queue"]),
    ("reqwest", &["egress", "llm", "cli"]),
    ("seccompiler", &["sandbox"]),
    ("tar", &["files"]),
    ("tokio-postgres", &["db"]),
    ("tokio-tungstenite", &[]),
    ("utoipa", &["api"]),
    ("zip", &["files"]),
];

#[test]
fn no_room_imports_what_architecture_does_not_allow() {
    let allowed: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (room, dependency) in arrows(false) {
        let Some(imported) = dependency.strip_prefix("ninja-") else { continue };
        match allowed.get(room.as_str()) {
            Some(list) if list.contains(&imported) => {}
            Some(_) => wrong.push(format!("{room} imports {imported}")),
            None => wrong.push(format!("{room} is no room of the table")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn tests_import_nothing_but_the_testkit_and_their_rooms() {
    let allowed: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    let wrong: Vec<_> = arrows(true)
        .into_iter()
        .filter_map(|(room, dependency)| {
            Some((dependency.strip_prefix("ninja-")?.to_owned(), room))
        })
        .filter(|(imported, room)| {
            imported != "testkit"
                && !allowed.get(room.as_str()).is_some_and(|list| list.contains(&imported.as_str()))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn every_heavy_library_stays_in_its_room() {
    let owners: BTreeMap<_, _> = OWNERS.iter().copied().collect();
    let wrong: Vec<_> = arrows(false)
        .into_iter()
        .filter(|(room, library)| {
            owners.get(library.as_str()).is_some_and(|rooms| !rooms.contains(&room.as_str()))
        })
        .map(|(room, library)| format!("{room} uses {library}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_is_apache_licensed_and_never_published() {
    let mut seen = BTreeSet::new();
    for package in packages() {
        assert_eq!(package["license"], "Apache-2.0", "{}", package["name"]);
        assert_eq!(package["publish"], serde_json::json!([]), "{}", package["name"]);
        seen.insert(package["name"].as_str().unwrap_or_default().to_owned());
    }
    let rooms: BTreeSet<_> = ARROWS
        .iter()
        .map(|(room, _)| format!("ninja-{room}"))
        .chain(["ninja-testkit".to_owned()])
        .collect();
    assert_eq!(seen, rooms);
}

/// `(room, dependency)` of every line in a `[dependencies]` or, for `dev`, a
/// `[dev-dependencies]`. The testkit is left out: it may import anything.
fn arrows(dev: bool) -> Vec<(String, String)> {
    let mut arrows = Vec::new();
    for package in packages() {
        let name = package["name"].as_str().unwrap_or_default();
        let room = name.strip_prefix("ninja-").unwrap_or(name);
        if room == "testkit" {
            continue;
        }
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            if (dependency["kind"] == "dev") == dev {
                let library = dependency["name"].as_str().unwrap_or_default().to_owned();
                arrows.push((room.to_owned(), library));
            }
        }
    }
    assert!(!arrows.is_empty(), "cargo metadata lists no dependency");
    arrows
}

fn packages() -> Vec<Value> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--no-deps", "--format-version", "1", "--manifest-path"])
        .arg(manifest)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}
