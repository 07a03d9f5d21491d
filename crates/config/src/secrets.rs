use crate::keys::Key;
use crate::section::{optional, section};
use crate::setting::{List, Setting};

section! {
    /// `NINJA_SECRETS__*`: what seals the secrets that PostgreSQL keeps, such as the keys of providers.
    SecretsConfig {
        /// Master keys, `<id>:<base64 of 32 bytes or more>` (`openssl rand -base64 32`), by commas: the first seals, the others still open what they sealed
        /// until `ninjactl rotate-keys` has run. Without one no secret can be stored; if one is lost, what it sealed
        /// must be entered again.
        master_keys: MasterKeys = optional("");
    }
}

/// Keys that seal: the first is active, the others only open. May be none.
#[derive(Clone, Debug, Default)]
pub struct MasterKeys(Vec<Key>);

impl MasterKeys {
    /// All of them, the active one first.
    pub fn iter(&self) -> impl Iterator<Item = &Key> {
        self.0.iter()
    }
}

impl Setting for MasterKeys {
    const KIND: &'static str = "keys";
    const SECRET: bool = true;

    fn parse(text: &str) -> Result<Self, String> {
        let keys = List::<Key>::parse(text)?.0;
        for (at, key) in keys.iter().enumerate() {
            let before = &keys[..at];
            if before.iter().any(|other| other.id() == key.id()) {
                return Err("names one id twice".into());
            }
            if before.iter().any(|other| other.expose() == key.expose()) {
                return Err("holds the same key twice".into());
            }
        }
        Ok(Self(keys))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn key(id: &str, fill: u8) -> String {
        let bytes: Vec<u8> = (0..32).map(|n| n ^ fill).collect();
        format!("{id}:{}", STANDARD.encode(bytes))
    }

    #[test]
    fn the_first_of_many_keys_is_active_and_none_is_no_fault() {
        let keys =
            MasterKeys::parse(&[key("c", 1), key("b", 2), key("a", 3)].join(",")).expect("good");
        assert_eq!(keys.iter().map(Key::id).collect::<Vec<_>>(), ["c", "b", "a"]);
        assert_eq!(MasterKeys::parse("").expect("none is none").iter().count(), 0);
        assert!(!format!("{keys:?}").contains("AAEC"), "{keys:?}");
    }

    #[test]
    fn doubled_ids_and_doubled_keys_are_refused() {
        for bad in [
            [key("a", 1), key("a", 2)].join(","),
            [key("a", 1), key("b", 1)].join(","),
            "m1:<openssl rand -base64 32>".into(),
        ] {
            assert!(MasterKeys::parse(&bad).is_err(), "{bad}");
        }
    }
}
