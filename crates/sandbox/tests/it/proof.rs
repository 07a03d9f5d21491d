//! What the proof at start says, and when it refuses.

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use ninja_sandbox::{PublishedReport, Sandbox, Tier};

use crate::cage::{Cage, home, settings};

#[test]
fn every_attack_of_the_proof_failed_and_the_report_says_so() {
    let cage = Cage::new();
    let report = cage.sandbox.report();
    assert_eq!(report.tier, Tier::Ns);
    assert!(report.attacks.len() > 30);
    assert!(report.attacks.iter().all(|attack| attack.held));
    let published = serde_json::to_value(cage.sandbox.published()).unwrap();
    assert_eq!(published["tier"], "ns");
    let python = &published["languages"][0];
    assert_eq!(
        (python["id"].as_str(), python["aliases"][0].as_str()),
        (Some("python"), Some("py"))
    );
    assert!(python["version"].as_str().unwrap().starts_with("3."));
}

#[test]
fn a_sandbox_that_cannot_hold_is_refused_with_reasons() {
    let home = home();
    let refused = |more: &[(&str, &str)]| {
        Sandbox::prove(&settings(&home.path().join("runs"), more)).unwrap_err()
    };
    let landlock = refused(&[("NINJA_SANDBOX__MODE", "landlock")]);
    assert_eq!(
        landlock.to_string(),
        "no code runs on this worker: mode: the landlock tier is not built in this release"
    );
    assert_eq!(refused(&[("NINJA_SANDBOX__MODE", "off")]).reasons[0].layer, "mode");
    let helper = refused(&[("NINJA_SANDBOX__HELPER", "/nowhere/ninja-sandbox")]);
    assert_eq!(helper.reasons[0].why, "there is no /nowhere/ninja-sandbox");
    // A program that is no helper says nothing that counts.
    let stranger = refused(&[("NINJA_SANDBOX__HELPER", "/usr/bin/true")]);
    assert_eq!(stranger.reasons[0].layer, "proof");
    let published = PublishedReport::from(&landlock);
    assert_eq!((published.tier, published.reasons.len()), (None, 1));
}

#[test]
fn a_folder_that_runs_cannot_enter_is_refused() {
    // The user of a slot is not the owner, so only a root worker's runs are kept out.
    let home = home();
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let proven = Sandbox::prove(&settings(&home.path().join("runs"), &[]));
    let root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
    assert_eq!(proven.is_err(), root);
    if let Err(refused) = proven {
        assert_eq!(refused.reasons[0].layer, "file_view");
    }
}
