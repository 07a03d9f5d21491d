use thiserror::Error;

/// A word that is not in the list it was looked up in: a row, message or parameter from another version.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{value}` is no {kind}")]
pub struct UnknownName {
    /// What was expected, as a noun: `task status`.
    pub kind: &'static str,
    /// What came instead.
    pub value: String,
}

/// Defines an enum whose variants are words of the contract: `as_str`, `ALL`, Display, `FromStr` and serde all speak them.
macro_rules! named {
    ($(#[$meta:meta])* $name:ident ($kind:literal) { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every one of them, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word of the contract, as it stands in rows, events and answers.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownName;
            fn from_str(value: &str) -> Result<Self, Self::Err> {
                match value {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::UnknownName { kind: $kind, value: value.to_owned() }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::UnknownName;
            fn try_from(value: String) -> Result<Self, $crate::UnknownName> {
                value.parse()
            }
        }
    };
}
pub(crate) use named;
