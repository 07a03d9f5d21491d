use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// US dollars in whole millionths: sums are exact. Speaks `"0.001250"` in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(i64);

/// Money that is not of the form `123.456789`.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("must be an amount in US dollars such as \"1.50\": up to 9 digits, up to 6 decimals")]
pub struct InvalidMoney;

impl Usd {
    /// From millionths of a dollar.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Millionths of a dollar.
    pub const fn micros(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let abs = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:06}", abs / 1_000_000, abs % 1_000_000)
    }
}

impl FromStr for Usd {
    type Err = InvalidMoney;

    fn from_str(text: &str) -> Result<Self, InvalidMoney> {
        let (whole, part) = match text.split_once('.') {
            Some((_, "")) => return Err(InvalidMoney),
            Some(pair) => pair,
            None => (text, ""),
        };
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || whole.len() > 9 || part.len() > 6 || !digits(whole) || !digits(part)
        {
            return Err(InvalidMoney);
        }
        let whole: i64 = whole.parse().map_err(|_bad| InvalidMoney)?;
        let micros: i64 = format!("{part:0<6}").parse().map_err(|_bad| InvalidMoney)?;
        Ok(Self(whole * 1_000_000 + micros))
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_and_written_with_six_decimals() {
        for (text, shown) in
            [("1", "1.000000"), ("0.00125", "0.001250"), ("999999999.999999", "999999999.999999")]
        {
            assert_eq!(text.parse::<Usd>().map(|usd| usd.to_string()), Ok(shown.to_owned()));
        }
        for bad in ["", ".5", "1.", "-1", "1.0000001", "1234567890", "1e3", " 1", "١"] {
            assert_eq!(bad.parse::<Usd>(), Err(InvalidMoney), "{bad}");
        }
    }
}
