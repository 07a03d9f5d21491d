use insta::assert_snapshot;
use ninja_config::{Config, WorkerSettings};

use crate::loading::pairs;

#[test]
fn all_faults_are_told_at_once_and_no_secret_with_them() {
    let pairs = [
        ("NINJA_SERVER__BIND", "localhost"),
        ("NINJA_SERVER__CORS_ORIGINS", "*"),
        ("NINJA_AUTH__JWT_KEYS", "k1:dG9vIHNob3J0IGNhbmFyeQ=="),
        ("NINJA_DATABASE__URL", "mysql://canary@db/x"),
        ("NINJA_WORKER__LEASE_SECONDS", "5"),
        ("NINJA_FILES__BACKEND", "tape"),
        ("NINJA_DRILL__ENABLED", "yes"),
    ];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_snapshot!(Config::load(pairs.into_iter()).unwrap_err(), @r#"
    NINJA_SERVER__BIND must be an address and a port, not "localhost" (example: 127.0.0.1:8080)
    NINJA_SERVER__CORS_ORIGINS must be origins: scheme, host and port, no path, and never *, not "*" (example: https://app.example.org)
    NINJA_AUTH__JWT_KEYS must have at least 32 bytes, it has 16 (example: k1:<openssl rand -base64 32>)
    NINJA_AUTH__PEPPER is missing (example: p1:<openssl rand -base64 32>)
    NINJA_DATABASE__URL must be a URL that begins with postgres://
    NINJA_REDIS__URL is missing (example: redis://:secret@127.0.0.1:6379/0)
    NINJA_WORKER__LEASE_SECONDS must be at least twice NINJA_WORKER__RENEW_SECONDS: one lost renewal must not end a lease
    NINJA_FILES__BACKEND must be one of: local s3, not "tape" (example: local)
    NINJA_DRILL__ENABLED must be true or false, not "yes" (example: false)
    "#);
}

#[test]
fn a_misspelt_name_is_a_fault_of_check_config_and_a_warning_at_start() {
    let more = [
        ("NINJA_WORKER__CONCURENCY", "8"),
        ("NINJA_WEBHOOKS__ENABLED", "true"),
        ("NINJA_API_PORT", "tcp://10.0.0.1:80"),
    ];
    assert_snapshot!(Config::check(pairs(&more)).unwrap_err(), @r#"
    NINJA_WEBHOOKS__ENABLED is no setting
    NINJA_WORKER__CONCURENCY is no setting; did you mean NINJA_WORKER__CONCURRENCY?
    "#);
    assert_eq!(Config::load(pairs(&more)).unwrap().unknown.len(), 2);
    assert_eq!(WorkerSettings::load(pairs(&more)).unwrap().unknown.len(), 2);
}

#[test]
fn production_refuses_plain_http_and_the_secrets_of_the_examples() {
    let more = [
        ("NINJA_SERVER__ENVIRONMENT", "production"),
        ("NINJA_SERVER__PUBLIC_URL", "http://ninja.example.org"),
        ("NINJA_METRICS__TOKEN", "a-long-random-text-for-prometheus"),
        ("NINJA_REDIS__URL", "redis://:secret@127.0.0.1:6379/0"),
    ];
    assert_snapshot!(Config::load(pairs(&more)).unwrap_err(), @r#"
    NINJA_SERVER__PUBLIC_URL must begin with https:// in production
    NINJA_METRICS__TOKEN is the value of the example, which everybody knows
    NINJA_REDIS__URL is the value of the example, which everybody knows
    "#);
}

#[test]
fn one_key_may_not_serve_two_purposes() {
    let same = "p1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let faults = Config::load(pairs(&[("NINJA_AUTH__PEPPER", same)])).unwrap_err();
    assert_snapshot!(faults, @"NINJA_AUTH__PEPPER must not be one of the keys of NINJA_AUTH__JWT_KEYS");
}
