//! What the proof at start says, and when it refuses.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use ninja_sandbox::{PublishedReport, Refused, Sandbox};

use crate::cage::{home, settings};
use crate::restricted;

fn refused(more: &[(&str, &str)]) -> Refused {
    Sandbox::prove(&settings(&home().path().join("runs"), more)).unwrap_err()
}

in_every_tier! {
    async fn every_attack_of_the_proof_failed_and_the_report_says_so(cage: &Cage) {
        let report = cage.sandbox.report();
        assert!(report.attacks.len() > cage.either(30, 40));
        assert!(report.attacks.iter().all(|attack| attack.held));
        let published = serde_json::to_value(cage.sandbox.published()).unwrap();
        assert_eq!(published["tier"], cage.place.tier().as_str());
        let python = &published["languages"][0];
        assert_eq!(
            (python["id"].as_str(), python["aliases"][0].as_str()),
            (Some("python"), Some("py"))
        );
        assert!(python["version"].as_str().unwrap().starts_with("3."));
        assert_eq!(python["extensions"][0].as_str(), Some("py"));
    }
}

#[test]
fn a_sandbox_that_cannot_hold_is_refused_with_reasons() {
    let off = refused(&[("NINJA_SANDBOX__MODE", "off")]);
    assert_eq!(off.to_string(), "no code runs on this worker: mode: it is switched off");
    let helper = refused(&[("NINJA_SANDBOX__HELPER", "/nowhere/ninja-sandbox")]);
    // Both tiers lack it: it is said once.
    assert_eq!(helper.reasons.len(), 1);
    assert_eq!(helper.reasons[0].why, "there is no /nowhere/ninja-sandbox");
    // A program that is no helper says nothing that counts.
    let stranger = refused(&[("NINJA_SANDBOX__HELPER", "/usr/bin/true")]);
    assert_eq!(stranger.reasons[0].layer, "proof");
    let published = PublishedReport::from(&off);
    assert_eq!((published.tier, published.reasons.len()), (None, 1));
}

#[test]
fn a_folder_that_runs_cannot_enter_is_refused() {
    // The user of a slot is not the owner, so only a root worker's runs are kept out.
    let home = home();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
    for mode in ["ns", "landlock"] {
        let mode = [("NINJA_SANDBOX__MODE", mode)];
        let proven = Sandbox::prove(&settings(&home.path().join("runs"), &mode));
        let root = fs::metadata("/proc/self").unwrap().uid() == 0;
        assert_eq!(proven.is_err(), root);
        if let Err(refused) = proven {
            assert_eq!(refused.reasons[0].layer, "file_view");
        }
    }
}

#[test]
fn without_namespaces_and_without_landlock_nothing_is_executed() {
    // 46: the worker of `examples/run` under the filter of a container, on a kernel without Landlock.
    if !rustix::process::geteuid().is_root() {
        crate::tiers::skipped("46", "only root can take the rights away");
        return;
    }
    let worker = restricted::worker();
    let home = home();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let run = |flags: &[&str]| {
        // The folders of two users.
        let runs = home.path().join(format!("runs{}", flags.len()));
        let helper = restricted::staged_helper();
        let languages = restricted::known_languages();
        let more = [
            ("NINJA_SANDBOX__ROOT", runs.as_path()),
            ("NINJA_SANDBOX__HELPER", helper.as_path()),
            ("NINJA_SANDBOX__LANGUAGES_FILE", languages.as_path()),
        ];
        restricted::start(flags, &worker, &["bash", "-c", "echo executed"], &more)
    };
    let output = run(&["--without-landlock"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert_eq!(output.stdout, b"", "{said}");
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    let none = format!("the landlock tier needs Landlock; kernel {} has none", kernel.trim());
    assert!(said.contains(&none), "{said}");
    assert!(said.contains("making the namespaces failed"), "{said}");
    // The same, but for that: it runs.
    assert_eq!(String::from_utf8_lossy(&run(&[]).stdout), "executed\n");
}
