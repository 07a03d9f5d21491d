use ninja_config::WorkerSettings;

use super::*;

fn refused(mode: &str, landlock_abi: u8) -> Refused {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("runs").to_string_lossy().into_owned();
    let pairs = [
        ("NINJA_DATABASE__URL", "postgres://nobody@localhost/none"),
        ("NINJA_REDIS__URL", "redis://localhost"),
        ("NINJA_SANDBOX__MODE", mode),
        ("NINJA_SANDBOX__ROOT", &root),
        // So that the other tier is refused too, whatever this machine can do.
        ("NINJA_SANDBOX__HELPER", "/nowhere/ninja-sandbox"),
    ];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config = WorkerSettings::load(pairs.into_iter()).unwrap().sandbox;
    let machine = Machine { landlock_abi, kernel: "6.10.3-test".to_owned() };
    prove_on(&config, &machine).unwrap_err()
}

#[test]
fn a_kernel_with_too_little_landlock_is_named_with_its_abi() {
    // 47
    let reasons = refused("auto", 5).reasons;
    let layers: Vec<&str> = reasons.iter().map(|reason| reason.layer.as_str()).collect();
    assert_eq!(layers, ["helper", "landlock"]);
    assert_eq!(
        reasons[1].why,
        "the landlock tier needs Landlock ABI 6; kernel 6.10.3-test has ABI 5"
    );
    let reasons = refused("landlock", 0).reasons;
    assert_eq!(reasons.len(), 1);
    assert_eq!(reasons[0].why, "the landlock tier needs Landlock; kernel 6.10.3-test has none");
}

#[test]
fn a_named_tier_is_never_replaced() {
    let layers = |mode| refused(mode, 3).reasons.into_iter().map(|reason| reason.layer);
    assert_eq!(layers("ns").collect::<Vec<_>>(), ["helper"]);
    assert_eq!(layers("landlock").collect::<Vec<_>>(), ["landlock"]);
    assert_eq!(layers("off").collect::<Vec<_>>(), ["mode"]);
}
