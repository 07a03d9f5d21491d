use std::path::Path;

use ninja_config::{Config, configuration_page, env_example};

fn committed(name: &str) -> std::io::Result<String> {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name))
}

#[test]
fn the_example_of_the_environment_is_not_stale() {
    assert!(
        committed(".env.example").unwrap() == env_example(),
        "run: ninjactl docs env-example > .env.example"
    );
}

#[test]
fn the_page_of_the_settings_is_not_stale() {
    let page = committed("docs/configuration.md").unwrap();
    assert!(
        page == configuration_page(),
        "run: ninjactl docs configuration > docs/configuration.md"
    );
}

#[test]
fn every_default_of_the_example_is_accepted_as_a_value() {
    let example = env_example();
    let lines = example.lines().filter_map(|line| line.strip_prefix('#')?.split_once('='));
    let lines = lines.filter(|(name, _)| name.starts_with("NINJA_"));
    let given: Vec<_> = lines.collect();
    assert!(given.len() >= 40, "only {} options", given.len());
    let config = Config::check(crate::loading::pairs(&given));
    assert_eq!(config.map(|_| ()), Ok(()));
}
