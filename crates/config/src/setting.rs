use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use ninja_types::{Pool, Usd};
use secrecy::SecretString;
use url::Url;

/// A type that a setting can have. `parse` answers the rest of a sentence ("must be …") and never repeats what it read.
pub trait Setting: Sized {
    /// What the documentation calls it.
    const KIND: &'static str;
    /// Whether its value must never be shown.
    const SECRET: bool = false;

    /// Reads the text of the environment variable.
    fn parse(text: &str) -> Result<Self, String>;
}

/// Settings whose text `FromStr` understands, with the words for those that it does not.
macro_rules! plain {
    ($($type:ty: $kind:literal, $must:literal;)+) => {
        $(impl Setting for $type {
            const KIND: &'static str = $kind;
            fn parse(text: &str) -> Result<Self, String> {
                text.parse().map_err(|_bad| $must.to_owned())
            }
        })+
    };
}

plain! {
    u8: "number", "must be a whole number from 0 to 255";
    u16: "number", "must be a whole number from 0 to 65535";
    u32: "number", "must be a whole number of at least 0";
    u64: "number", "must be a whole number of at least 0";
    usize: "number", "must be a whole number of at least 0";
    bool: "true or false", "must be true or false";
    SocketAddr: "address", "must be an address and a port";
    PathBuf: "path", "must be a path";
    String: "text", "must be text";
    Usd: "US dollars", "must be an amount in US dollars such as 1.50";
    Pool: "pool", "must be a pool";
}

impl Setting for f64 {
    const KIND: &'static str = "decimal number";

    fn parse(text: &str) -> Result<Self, String> {
        match Self::from_str(text) {
            Ok(number) if number.is_finite() && number > 0.0 => Ok(number),
            _ => Err("must be a decimal number above 0".to_owned()),
        }
    }
}

impl Setting for Url {
    const KIND: &'static str = "URL";

    fn parse(text: &str) -> Result<Self, String> {
        match Self::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
            _ => Err("must be a URL that begins with https:// or http://".to_owned()),
        }
    }
}

impl Setting for SecretString {
    const KIND: &'static str = "secret";
    const SECRET: bool = true;

    fn parse(text: &str) -> Result<Self, String> {
        Ok(Self::from(text))
    }
}

/// A setting that may be left out. The empty text is the same as nothing.
impl<T: Setting> Setting for Option<T> {
    const KIND: &'static str = T::KIND;
    const SECRET: bool = T::SECRET;

    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() { Ok(None) } else { T::parse(text).map(Some) }
    }
}

/// Several values, separated by commas or white space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T>(pub Vec<T>);

impl<T> std::ops::Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Setting> Setting for List<T> {
    const KIND: &'static str = "list";
    const SECRET: bool = T::SECRET;

    fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split([',', ' ', '\t', '\n']).filter(|part| !part.is_empty());
        parts.map(T::parse).collect::<Result<_, _>>().map(Self)
    }
}

/// A type with a fixed list of words: `all` in a [`Chosen`] stands for every one.
pub trait Word: Setting + Copy + PartialEq + 'static {
    /// Every word.
    const EVERY: &'static [Self];
}

impl Word for Pool {
    const EVERY: &'static [Self] = Self::ALL;
}

/// A choice out of all words of a kind; `all` takes every one, also those of a later version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen<T>(Vec<T>);

impl<T: Word> Chosen<T> {
    /// Whether `word` was chosen.
    pub fn has(&self, word: T) -> bool {
        self.0.contains(&word)
    }

    /// What was chosen.
    pub fn list(&self) -> &[T] {
        &self.0
    }
}

impl<T: Word> Setting for Chosen<T> {
    const KIND: &'static str = "list, or all";

    fn parse(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self(T::EVERY.to_vec()));
        }
        List::parse(text).map(|list| Self(list.0))
    }
}

/// An enum whose variants are the words that a setting may say.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $crate::setting::Setting for $name {
            const KIND: &'static str = concat!("one of:", $(" ", $word),+);

            fn parse(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(concat!("must be one of:", $(" ", $word),+).to_owned()),
                }
            }
        }

        impl $crate::setting::Word for $name {
            const EVERY: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}
pub(crate) use words;
