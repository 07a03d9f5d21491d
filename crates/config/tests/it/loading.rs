use std::time::Duration;

use ninja_config::{Config, MigrateSettings, WorkerRole, WorkerSettings};
use ninja_types::{Pool, Role};
use secrecy::ExposeSecret;

/// The four settings without which nothing starts.
pub(crate) const NEEDED: &[(&str, &str)] = &[
    ("NINJA_DATABASE__URL", "postgres://ninja:p4ss-canary@127.0.0.1:5432/ninja"),
    ("NINJA_REDIS__URL", "redis://:r3dis-canary@127.0.0.1:6379/0"),
    ("NINJA_AUTH__JWT_KEYS", "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
    ("NINJA_AUTH__PEPPER", "p1:Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA="),
];

pub(crate) fn pairs(more: &[(&str, &str)]) -> std::vec::IntoIter<(String, String)> {
    let all = NEEDED.iter().chain(more);
    all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect::<Vec<_>>()
        .into_iter()
}

#[test]
fn four_settings_are_enough() {
    let config = Config::load(pairs(&[])).unwrap();
    assert_eq!(config.server.bind.to_string(), "127.0.0.1:8080");
    assert_eq!(config.worker.lease_seconds.duration(), Duration::from_secs(15));
    assert_eq!(config.limits.of(Role::Premium).concurrent_steps, 16);
    assert_eq!(config.sandbox.limits.most.processes, 512);
    assert!(config.worker.pools.has(Pool::Coder) && config.worker.roles.has(WorkerRole::Sweeper));
    assert!(config.unknown.is_empty());
}

#[test]
fn values_replace_defaults_and_times_take_decimals() {
    let more = [
        ("NINJA_WORKER__RENEW_SECONDS", "0.3"),
        ("NINJA_WORKER__LEASE_SECONDS", "1.5"),
        ("NINJA_WORKER__POOLS", "coder, debugger"),
        ("NINJA_LIMITS__USER__CONCURRENT_STEPS", "7"),
        ("NINJA_SANDBOX__LIMITS__RUN__WALL_MS", "5000"),
        ("NINJA_REDIS__PREFIX", ""),
    ];
    let config = Config::load(pairs(&more)).unwrap();
    assert_eq!(config.worker.lease_seconds.duration(), Duration::from_millis(1500));
    assert_eq!(config.worker.pools.list(), [Pool::Coder, Pool::Debugger]);
    assert_eq!(config.limits.user.concurrent_steps, 7);
    assert_eq!(config.sandbox.limits.run.wall_ms, 5000);
    assert_eq!(config.redis.prefix, "ninja", "an empty value counts as none");
}

#[test]
fn a_process_is_not_asked_for_what_it_does_not_need() {
    let some = |names: &[&str]| {
        let found = NEEDED.iter().filter(|(name, _)| names.contains(name));
        found.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
    };
    let migrate = some(&["NINJA_DATABASE__URL"]);
    assert!(MigrateSettings::load(migrate.into_iter()).is_ok());
    let worker = some(&["NINJA_DATABASE__URL", "NINJA_REDIS__URL"]);
    assert!(WorkerSettings::load(worker.into_iter()).is_ok());
}

#[test]
fn a_value_may_stand_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("password");
    std::fs::write(&path, "from file\n").unwrap();
    let path = path.to_str().unwrap();
    let config = Config::load(pairs(&[("NINJA_REDIS__PASSWORD_FILE", path)])).unwrap();
    assert_eq!(config.redis.full_url().expose_secret(), "redis://:from%20file@127.0.0.1:6379/0");
    let twice = [("NINJA_REDIS__PASSWORD_FILE", path), ("NINJA_REDIS__PASSWORD", "x")];
    let faults = Config::load(pairs(&twice)).unwrap_err();
    insta::assert_snapshot!(faults, @"NINJA_REDIS__PASSWORD is set twice: by itself and by NINJA_REDIS__PASSWORD_FILE");
}

#[test]
fn no_secret_is_in_the_debug_text() {
    let more = [("NINJA_METRICS__TOKEN", "m3trics-canary")];
    let shown = format!("{:?}", Config::load(pairs(&more)).unwrap());
    for canary in ["canary", "AAECAwQF", "Hx4dHBsa", "[0, 1, 2, 3"] {
        assert!(!shown.contains(canary), "{canary} in {shown}");
    }
}
