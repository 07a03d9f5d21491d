//! How a number is written. Digits are dropped by rounding to nearest, never in front of the decimal point.

use serde_json::Value;

/// Defines the formats by the word that a reference names them with.
macro_rules! formats {
    ($($(#[$meta:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// How a referenced value is written.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Format { $($(#[$meta])* $variant),+ }

        impl std::str::FromStr for Format {
            type Err = ();
            fn from_str(word: &str) -> Result<Self, ()> {
                match word { $($word => Ok(Self::$variant),)+ _ => Err(()) }
            }
        }

        impl std::fmt::Display for Format {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self { $(Self::$variant => $word),+ })
            }
        }

        #[cfg(test)]
        const ALL: &[Format] = &[$(Format::$variant),+];
    };
}

formats! {
    /// A whole number, its thousands apart from five digits on.
    Int = "int",
    /// Three significant digits.
    G3 = "g3",
    /// Four significant digits.
    G4 = "g4",
    /// Five significant digits.
    G5 = "g5",
    /// Whole, whatever it is.
    F0 = "f0",
    /// One decimal.
    F1 = "f1",
    /// Two decimals.
    F2 = "f2",
    /// Three decimals.
    F3 = "f3",
    /// A share as percent, one decimal.
    Pct1 = "pct1",
    /// A share as percent, without needless decimals: confidence levels.
    Pct = "pct",
    /// A p value: three significant digits, scientific below a thousandth.
    P = "p",
    /// Every digit there is.
    Exact = "exact",
    /// A date, and its time where it has one.
    Date = "date",
    /// Words as they are.
    Text = "text",
    /// The name of something in the data.
    Name = "name",
}

const THIN: char = '\u{202f}';
const MINUS: char = '\u{2212}';

impl Format {
    /// `value` as it is shown; `None` where there is nothing to show.
    pub(crate) fn write(self, value: &Value) -> Option<String> {
        if let Self::Text | Self::Name | Self::Date | Self::Exact = self {
            return self.words(value);
        }
        let Some(number) = value.as_f64() else {
            // A word where a number was expected is shown as it is rather than hidden.
            return self.words(value);
        };
        Some(match self {
            Self::Int => int(value, number),
            Self::G3 => significant(number, 3),
            Self::G5 => significant(number, 5),
            Self::F0 => decimals(number, 0),
            Self::F1 => decimals(number, 1),
            Self::F2 => decimals(number, 2),
            Self::F3 => decimals(number, 3),
            Self::Pct1 => format!("{}\u{a0}%", decimals(number * 100.0, 1)),
            Self::Pct => format!("{}\u{a0}%", significant(number * 100.0, 4)),
            Self::P => p(number),
            _ => significant(number, 4),
        })
    }

    fn words(self, value: &Value) -> Option<String> {
        match value {
            Value::Null | Value::Array(_) | Value::Object(_) => None,
            Value::String(text) if self == Self::Date => Some(date(text)),
            Value::String(text) => Some(text.clone()),
            Value::Number(number) if self == Self::Exact => Some(number.to_string()),
            Value::Number(number) => {
                let text = number.to_string();
                Some(text.strip_suffix(".0").unwrap_or(&text).to_owned())
            }
            Value::Bool(_) => Some(value.to_string()),
        }
    }
}

fn int(value: &Value, number: f64) -> String {
    if value.is_i64() || value.is_u64() {
        return grouped(&value.to_string());
    }
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return grouped(&format!("{number:.0}"));
    }
    significant(number, 5) // it should have been whole; what it is shows
}

fn significant(number: f64, digits: usize) -> String {
    let rounded = format!("{number:.*e}", digits - 1);
    let Some((mantissa, exponent)) = rounded.split_once('e') else { return rounded };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if number == 0.0 {
        return "0".to_owned();
    }
    if !(-4..15).contains(&exponent) {
        return signed(&format!("{}e{exponent}", trimmed(mantissa)));
    }
    let places = usize::try_from(exponent).map_or_else(
        |_below_one| digits - 1 + usize::try_from(-exponent).unwrap_or_default(),
        |exponent| (digits - 1).saturating_sub(exponent),
    );
    grouped(trimmed(&format!("{number:.places$}")))
}

fn decimals(number: f64, places: usize) -> String {
    if number.abs() >= 1e15 {
        return significant(number, 4);
    }
    grouped(&format!("{number:.places$}"))
}

fn p(number: f64) -> String {
    if number == 0.0 {
        // Smaller than any number that the machine has; no test finds a p of nothing.
        return "≈\u{a0}0".to_owned();
    }
    if number.abs() >= 0.001 {
        return significant(number, 3);
    }
    let text = format!("{number:.2e}");
    text.split_once('e').map_or(text.clone(), |(m, e)| signed(&format!("{}e{e}", trimmed(m))))
}

/// Without zeros that only fill up.
fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// Thousands apart, from five digits on: four are read without help, and may be a year.
fn grouped(text: &str) -> String {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, part) = rest.split_once('.').map_or((rest, None), |(w, p)| (w, Some(p)));
    let mut out = sign.to_owned();
    for (i, digit) in whole.chars().enumerate() {
        if whole.len() > 4 && i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(THIN);
        }
        out.push(digit);
    }
    if let Some(part) = part {
        out.push('.');
        out.push_str(part);
    }
    signed(&out)
}

/// With a real minus; nothing rounded away is negative.
fn signed(text: &str) -> String {
    let nothing = !text.contains(|c: char| ('1'..='9').contains(&c));
    match text.strip_prefix('-') {
        Some(rest) if nothing => rest.to_owned(),
        Some(rest) => format!("{MINUS}{}", rest.replace("e-", "e\u{2212}")),
        None => text.replace("e-", "e\u{2212}"),
    }
}

/// `2024-03-01T00:00:00` is a day; `2024-03-01T08:30:00` is not.
fn date(text: &str) -> String {
    match text.split_once(['T', ' ']) {
        Some((day, time)) if time.trim_matches(['0', ':', '.', 'Z', '+']).is_empty() => {
            day.to_owned()
        }
        Some((day, time)) => format!("{day} {time}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(format: Format, values: &[Value]) -> String {
        let one = |value: &Value| format.write(value).unwrap_or_else(|| "nothing".to_owned());
        values.iter().map(one).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn numbers_are_rounded_as_their_format_says() {
        let numbers =
            [json!(4201.754), json!(0.05), json!(-0.000_123_45), json!(1_234_567.8), json!(9.9996)];
        insta::assert_snapshot!(told(Format::G4, &numbers), @"4202 | 0.05 | −0.0001234 | 1\u{202f}234\u{202f}568 | 10");
        insta::assert_snapshot!(told(Format::G3, &numbers), @"4202 | 0.05 | −0.000123 | 1\u{202f}234\u{202f}568 | 10");
        insta::assert_snapshot!(told(Format::F2, &numbers), @"4201.75 | 0.05 | 0.00 | 1\u{202f}234\u{202f}567.80 | 10.00");
        insta::assert_snapshot!(
            told(Format::G4, &[json!(1e300), json!(5e-324), json!(0), json!(-2.5e15), json!(1e-5)]),
            @"1e300 | 4.941e−324 | 0 | −2.5e15 | 1e−5"
        );
        insta::assert_snapshot!(
            told(Format::P, &[json!(0.042), json!(2.44e-9), json!(1), json!(0.0), json!(0.000_999_9)]),
            @"0.042 | 2.44e−9 | 1 | ≈\u{a0}0 | 1e−3"
        );
        insta::assert_snapshot!(
            told(Format::Int, &[json!(9999), json!(10_000), json!(u64::MAX), json!(-12_345), json!(3.0), json!(3.5)]),
            @"9999 | 10\u{202f}000 | 18\u{202f}446\u{202f}744\u{202f}073\u{202f}709\u{202f}551\u{202f}615 | −12\u{202f}345 | 3 | 3.5"
        );
        insta::assert_snapshot!(told(Format::Pct1, &[json!(0.125), json!(1)]), @"12.5\u{a0}% | 100.0\u{a0}%");
        insta::assert_snapshot!(told(Format::Pct, &[json!(0.95), json!(0.999)]), @"95\u{a0}% | 99.9\u{a0}%");
    }

    #[test]
    fn words_and_dates_stay_what_they_are() {
        let dates =
            [json!("2024-03-01"), json!("2024-03-01T00:00:00"), json!("2024-03-01T08:30:00")];
        insta::assert_snapshot!(told(Format::Date, &dates), @"2024-03-01 | 2024-03-01 | 2024-03-01 08:30:00");
        insta::assert_snapshot!(told(Format::Text, &[json!("a|b"), json!(2.0), json!(true), json!(null)]), @"a|b | 2 | true | nothing");
    }

    #[test]
    fn nothing_and_everything_can_be_written_in_every_format() {
        let odd = [
            json!(null),
            json!([]),
            json!({}),
            json!(""),
            json!("1"),
            json!(f64::MAX),
            json!(f64::MIN_POSITIVE),
            json!(-0.0),
        ];
        for format in ALL {
            assert_eq!(format.to_string().parse(), Ok(*format));
            for value in &odd {
                assert_eq!(
                    format.write(value).is_none(),
                    value.is_null() || value.is_array() || value.is_object()
                );
            }
        }
    }
}
