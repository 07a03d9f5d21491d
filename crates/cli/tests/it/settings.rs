use std::fs;
use std::os::unix::fs::PermissionsExt;

use insta::assert_snapshot;

use crate::person::Person;

#[test]
fn check_config_tells_all_faults_and_ends_with_78() {
    let variables = [
        ("NINJA_DATABASE__URL", "postgres://ninja:canary@db/ninja"),
        ("NINJA_AUTH__JWT_KEYS", "canary"),
        ("NINJA_REDIS__PREFXI", "x"),
    ];
    let ended = Person::new().runs_with(&variables, &["check-config"]);
    assert_eq!(ended.code, 78);
    assert_snapshot!(ended.stderr, @r#"
    error: The settings cannot be used:
    NINJA_AUTH__JWT_KEYS must be <id>:<base64> (example: k1:<openssl rand -base64 32>)
    NINJA_AUTH__PEPPER is missing (example: p1:<openssl rand -base64 32>)
    NINJA_REDIS__URL is missing (example: redis://:secret@127.0.0.1:6379/0)
    NINJA_REDIS__PREFXI is no setting; did you mean NINJA_REDIS__PREFIX?
    "#);
}

#[test]
fn the_secrets_of_an_installation_are_made_once_and_are_good_settings() {
    let ada = Person::new();
    let folder = ada.path("secrets");
    let named = folder.to_str().unwrap();
    let first = ada.runs(&["init-secrets", named]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert_snapshot!(first.stdout, @r#"
    made postgres-password
    made redis-password
    made redis.conf
    made database-url
    made redis-url
    made jwt-keys
    made pepper
    made master-keys
    "#);
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let password = read("redis-password");
    assert_eq!(read("redis-url"), format!("redis://:{}@redis:6379/0\n", password.trim_end()));
    let conf = read("redis.conf");
    assert!(
        conf.starts_with(&format!("requirepass {password}")) && conf.ends_with("appendonly no\n")
    );
    let mode = fs::metadata(folder.join("pepper")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o444);
    let before = read("jwt-keys") + &read("database-url");
    let second = ada.runs(&["init-secrets", named]);
    assert!(second.stdout.lines().all(|line| line.starts_with("kept ")), "{}", second.stdout);
    assert_eq!(read("jwt-keys") + &read("database-url"), before);
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let settings = [
        ("NINJA_DATABASE__URL_FILE", file("database-url")),
        ("NINJA_REDIS__URL_FILE", file("redis-url")),
        ("NINJA_AUTH__JWT_KEYS_FILE", file("jwt-keys")),
        ("NINJA_AUTH__PEPPER_FILE", file("pepper")),
    ];
    let settings: Vec<_> = settings.iter().map(|(name, path)| (*name, path.as_str())).collect();
    let checked = ada.runs_with(&settings, &["check-config"]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
}

#[test]
fn a_wrong_command_line_ends_with_2_and_a_silent_api_with_1() {
    let ada = Person::new();
    assert_eq!(ada.runs(&["task", "fly"]).code, 2);
    assert_eq!(ada.runs(&["task", "create"]).code, 2);
    ada.logged_in("http://127.0.0.1:9/", "first", 600);
    let ended = ada.runs(&["whoami"]);
    assert_eq!(ended.code, 1);
    assert!(
        ended.stderr.starts_with("error: http://127.0.0.1:9/ does not answer"),
        "{}",
        ended.stderr
    );
}
