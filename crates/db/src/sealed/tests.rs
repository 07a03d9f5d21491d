use super::*;

const ONE: [u8; 32] = [1; 32];
const TWO: [u8; 32] = [2; 32];

fn sealer() -> Sealer {
    Sealer::new([("m1", &ONE[..])])
}

fn place(row: &str) -> Place<'_> {
    Place { table: "provider_settings", row, owner: None, name: "key" }
}

#[test]
fn what_was_sealed_opens_in_its_place_and_nowhere_else() {
    let opener = Opener::new([("m1", &ONE[..])]);
    let sealed = sealer().seal(&"sk-secret".into(), &place("a")).unwrap();
    assert!(sealed.starts_with("v1|m1|") && !sealed.contains("secret"), "{sealed}");
    assert_eq!(opener.open(&sealed, &place("a")).unwrap().expose_secret(), "sk-secret");
    let owner = Some(Uuid::nil());
    for other in [
        place("b"),
        Place { table: "webhooks", ..place("a") },
        Place { name: "secret", ..place("a") },
        Place { owner, ..place("a") },
    ] {
        assert_eq!(opener.open(&sealed, &other).err(), Some(SealError::Broken), "{other:?}");
    }
}

#[test]
fn a_changed_text_does_not_open() {
    let opener = Opener::new([("m1", &ONE[..])]);
    let sealed = sealer().seal(&"sk-secret".into(), &place("a")).unwrap();
    for at in 0..sealed.len() {
        let mut bytes = sealed.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(opener.open(&changed, &place("a")).is_err(), "{changed}");
    }
    for bad in ["", "v1", "v1|m1||", "v1|m1|AAAA|AAAA", "v2|m1|a|b"] {
        assert!(opener.open(bad, &place("a")).is_err(), "{bad}");
    }
}

#[test]
fn a_former_key_still_opens_and_the_first_one_seals() {
    let sealed = sealer().seal(&"sk-secret".into(), &place("a")).unwrap();
    let opener = Opener::new([("m2", &TWO[..]), ("m1", &ONE[..])]);
    let anew = opener.seal_anew(&sealed, &place("a")).unwrap();
    assert!(anew.starts_with("v1|m2|"), "{anew}");
    let later = Opener::new([("m2", &TWO[..])]);
    assert_eq!(later.open(&anew, &place("a")).unwrap().expose_secret(), "sk-secret");
    let unknown = later.open(&sealed, &place("a")).err();
    assert_eq!(unknown, Some(SealError::UnknownKey("m1".into())));
}

#[test]
fn without_a_master_key_nothing_is_sealed() {
    let none = Sealer::default();
    assert!(!none.can_seal());
    assert_eq!(none.seal(&"x".into(), &place("a")).err(), Some(SealError::NoMasterKey));
}

#[test]
fn no_key_is_in_a_debug_text() {
    let shown = format!("{:?} {:?}", sealer(), Opener::new([("m1", &TWO[..])]));
    assert!(shown.contains("m1") && shown.contains("REDACTED"), "{shown}");
}
