use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretSlice};

use crate::setting::Setting;

/// Bytes that a key must have at least.
pub const KEY_BYTES: usize = 32;

/// A secret key with the name under which tokens and hashes refer to it. `Debug` shows the name only.
#[derive(Clone, Debug)]
pub struct Key {
    id: String,
    secret: SecretSlice<u8>,
}

impl Key {
    /// Its public name: the `kid` of a token, the pepper id of a password hash.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The bytes. Whoever calls this answers for where they go.
    pub fn expose(&self) -> &[u8] {
        self.secret.expose_secret()
    }
}

impl Setting for Key {
    const KIND: &'static str = "key";
    const SECRET: bool = true;

    fn parse(text: &str) -> Result<Self, String> {
        let (id, secret) = text.split_once(':').ok_or("must be <id>:<base64>")?;
        let letters = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if id.is_empty() || id.len() > 32 || !id.bytes().all(letters) {
            return Err(
                "must have an id of 1 to 32 letters, digits, - or _ before the colon".into()
            );
        }
        let secret = STANDARD.decode(secret).map_err(|_bad| {
            "must have base64 after the colon: `openssl rand -base64 32` makes it".to_owned()
        })?;
        if secret.len() < KEY_BYTES {
            return Err(format!("must have at least {KEY_BYTES} bytes, it has {}", secret.len()));
        }
        if secret.iter().all(|byte| *byte == secret[0]) {
            return Err("is no secret: `openssl rand -base64 32` makes one".into());
        }
        Ok(Self { id: id.to_owned(), secret: secret.into() })
    }
}

/// One key that is used, and at most one more that is still understood: what is needed to change a key without a break.
#[derive(Clone, Debug)]
pub struct KeyPair {
    active: Key,
    former: Option<Key>,
}

impl KeyPair {
    /// The key that new tokens are signed with.
    pub fn active(&self) -> &Key {
        &self.active
    }

    /// The key with this id, if it is still valid.
    pub fn find(&self, id: &str) -> Option<&Key> {
        self.iter().find(|key| key.id == id)
    }

    /// Both keys, the active one first.
    pub fn iter(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.active).chain(&self.former)
    }
}

impl Setting for KeyPair {
    const KIND: &'static str = "one or two keys";
    const SECRET: bool = true;

    fn parse(text: &str) -> Result<Self, String> {
        let mut keys = crate::List::<Key>::parse(text)?.0.into_iter();
        let active = keys.next().ok_or("must be <id>:<base64>")?;
        let pair = Self { active, former: keys.next() };
        if keys.next().is_some() {
            return Err("must name two keys at most: the active one first, then the former".into());
        }
        match &pair.former {
            Some(former) if former.id == pair.active.id => Err("names one id twice".into()),
            Some(former) if former.expose() == pair.active.expose() => {
                Err("holds the same key twice".into())
            }
            _ => Ok(pair),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str, fill: u8) -> String {
        let bytes: Vec<u8> = (0..32).map(|n| n ^ fill).collect();
        format!("{id}:{}", STANDARD.encode(bytes))
    }

    #[test]
    fn weak_and_example_keys_are_refused() {
        let examples = [
            "k1:".to_owned() + &STANDARD.encode([7; 31]),
            "k1:".to_owned() + &STANDARD.encode([7; 32]),
            "k1:<openssl rand -base64 32>".to_owned(),
            "k1".to_owned(),
            ":".to_owned() + &STANDARD.encode([1; 32]),
            "k1:not base64".to_owned(),
        ];
        for text in examples {
            assert!(Key::parse(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn two_keys_are_valid_at_once_and_no_third() {
        let pair = KeyPair::parse(&format!("{},{}", key("b", 1), key("a", 2))).unwrap();
        assert_eq!(pair.active().id(), "b");
        assert!(pair.find("a").is_some() && pair.find("c").is_none());
        let third = format!("{},{},{}", key("b", 1), key("a", 2), key("c", 3));
        assert!(KeyPair::parse(&third).is_err());
        assert!(KeyPair::parse(&format!("{},{}", key("a", 1), key("a", 2))).is_err());
        assert!(KeyPair::parse(&format!("{},{}", key("a", 1), key("b", 1))).is_err());
    }

    #[test]
    fn a_key_is_not_in_its_debug_text() {
        let pair = KeyPair::parse(&key("k1", 9)).unwrap();
        let shown = format!("{pair:?}");
        assert!(shown.contains("k1") && shown.contains("REDACTED"), "{shown}");
    }
}
