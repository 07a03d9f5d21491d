//! Whether every number of a report stands in its `results.json`. Shares no code with what writes reports: it reads the
//! finished text as a person would, and looks each number up at the precision that is shown.

use serde_json::Value;

/// Every number of `text` (Markdown or HTML) that `results` does not hold. A share may be shown as percent; what
/// stands in a string of the results, such as a date, a hash or a name, may be shown as it stands.
pub fn unsupported(text: &str, results: &Value) -> Vec<String> {
    let mut known = Known::default();
    known.collect(results);
    known.numbers.sort_by(f64::total_cmp);
    known.strings.sort_by_key(|text| std::cmp::Reverse(text.len()));
    known.strings.dedup();
    let mut text =
        if text.trim_start().starts_with('<') { of_html(text) } else { of_markdown(text) };
    text = seen(&text);
    for string in &known.strings {
        text = without(&text, string);
    }
    let found = numbers(&text);
    found.into_iter().filter(|number| !known.holds(number)).map(|number| number.shown).collect()
}

#[derive(Default)]
struct Known {
    numbers: Vec<f64>,
    strings: Vec<String>,
}

/// A number as it is shown.
struct Number {
    shown: String,
    value: f64,
    /// Half of its last digit.
    tolerance: f64,
    percent: bool,
}

impl Known {
    fn collect(&mut self, value: &Value) {
        match value {
            Value::Number(number) => self.numbers.extend(number.as_f64()),
            Value::String(text) => self.string(text),
            Value::Array(items) => items.iter().for_each(|item| self.collect(item)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.string(name);
                    self.collect(value);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// On one line, and as date and time are shown.
    fn string(&mut self, text: &str) {
        if !text.contains(|c: char| c.is_ascii_digit()) {
            return;
        }
        let line = seen(text).split_whitespace().collect::<Vec<_>>().join(" ");
        if let Ok(number) = line.parse::<f64>() {
            return self.numbers.push(number);
        }
        if let Some((day, time)) = line.split_once('T') {
            self.strings.extend([format!("{day} {time}"), day.to_owned()]);
        }
        // A long name is shown with its end cut.
        self.strings.extend(line.char_indices().nth(240).map(|(at, _)| line[..at].to_owned()));
        self.strings.push(line);
    }

    fn holds(&self, number: &Number) -> bool {
        let scale = if number.percent { 100.0 } else { 1.0 };
        let (low, high) = (number.value - number.tolerance, number.value + number.tolerance);
        let from = self.numbers.partition_point(|known| known * scale < low);
        self.numbers.get(from).is_some_and(|known| known * scale <= high)
    }
}

/// `text` without signs that are not seen.
fn seen(text: &str) -> String {
    let hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}');
    let plain = |c: char| if c.is_control() && c != '\n' { ' ' } else { c };
    text.chars().filter(|c| !hidden(*c)).map(plain).collect()
}

/// `text` without `string`, where it is no part of a longer word or number.
fn without(text: &str, string: &str) -> String {
    let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find(string) {
        let end = at + string.len();
        let before = rest[..at].chars().next_back().or_else(|| out.chars().next_back());
        let inside = joins(before) && joins(string.chars().next())
            || joins(rest[end..].chars().next()) && joins(string.chars().next_back());
        out.push_str(&rest[..at]);
        out.push_str(if inside { &rest[at..end] } else { " " });
        rest = &rest[end..];
    }
    out + rest
}

/// Every number: digits with thousands apart, a decimal point, an exponent, a percent sign.
fn numbers(text: &str) -> Vec<Number> {
    let signs: Vec<char> = text.chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < signs.len() {
        if !signs[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        let digit = |at: usize| signs.get(at).is_some_and(char::is_ascii_digit);
        while digit(at) || matches!(signs.get(at), Some('\u{202f}' | '.')) && digit(at + 1) {
            at += 1;
        }
        let signed = matches!(signs.get(at + 1), Some('-' | '+' | '\u{2212}'));
        if signs.get(at) == Some(&'e') && (digit(at + 1) || signed && digit(at + 2)) {
            at += 2;
            while digit(at) {
                at += 1;
            }
        }
        let minus = start > 0 && matches!(signs[start - 1], '-' | '\u{2212}');
        let percent = matches!(
            (signs.get(at), signs.get(at + 1)),
            (Some('%'), _) | (Some('\u{a0}' | ' '), Some('%'))
        );
        let shown: String = signs[start..at].iter().collect();
        found.extend(read(&shown, minus, percent));
    }
    found
}

fn read(shown: &str, minus: bool, percent: bool) -> Option<Number> {
    let plain = shown.replace('\u{202f}', "").replace('\u{2212}', "-");
    // Something like 1.2.3 is no number; it is unsupported unless a string holds it.
    let value: f64 = plain.parse().unwrap_or(f64::NAN);
    let (mantissa, exponent) = plain.split_once('e').unwrap_or((&plain, "0"));
    let decimals = mantissa.split_once('.').map_or(0, |(_, part)| part.len());
    let exponent: i32 = exponent.parse().ok()?;
    let last = 10_f64.powi(exponent - i32::try_from(decimals).ok()?);
    // Decimal halves are not exact in binary, and scaling by a hundred rounds once more.
    let tolerance = last * 0.5 + value.abs() * 1e-12;
    let value = if minus { -value } else { value };
    Some(Number { shown: shown.to_owned(), value, tolerance, percent })
}

/// What a reader of the page sees or is read: texts and alternative texts.
fn of_html(html: &str) -> String {
    let body = html.split_once("</head>").map_or(html, |(_, body)| body);
    let (mut out, mut rest) = (String::new(), body);
    while let Some((text, tag)) = rest.split_once('<') {
        out.push_str(text);
        let (tag, after) = tag.split_once('>').unwrap_or((tag, ""));
        let alt = tag.split_once("alt=\"").and_then(|(_, alt)| alt.split_once('"'));
        out.push_str(alt.map_or(" ", |(alt, _)| alt));
        rest = after;
    }
    out.push_str(rest);
    for (entity, sign) in
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&amp;", "&")]
    {
        out = out.replace(entity, sign);
    }
    out.split([' ', '\n']).collect::<Vec<_>>().join(" ")
}

/// The text of `markdown`: escapes undone, addresses of links left out.
fn of_markdown(markdown: &str) -> String {
    let (mut out, mut signs) = (String::new(), markdown.chars().peekable());
    while let Some(sign) = signs.next() {
        match sign {
            '\\' if signs.peek().is_some_and(char::is_ascii_punctuation) => {
                out.extend(signs.next());
            }
            ']' if signs.peek() == Some(&'(') => {
                let _address = signs.by_ref().find(|sign| *sign == ')');
            }
            '*' | '\n' => out.push(' '),
            '\u{2068}' | '\u{2069}' => {}
            sign => out.push(sign),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn results() -> Value {
        json!({ "steps": { "a": { "mean": 4201.754, "p": 2.441e-9, "share": 0.1254, "n": 12_345_678, "low": -0.5,
            "sha256": "f204db2c", "day": "2024-03-01T00:00:00", "version": "1.5.3", "column": "q25|x" } } })
    }

    #[test]
    fn numbers_are_found_at_the_precision_shown() {
        for text in [
            "mean 4202, 4201.8, 4201.754",
            "p = 2.44e−9 or 2.4e-9, share 12.5\u{a0}%",
            "12\u{202f}345\u{202f}678 rows from −0.5",
            "hash f204db2c, day 2024-03-01, pandas 1.5.3",
            "| q25\\|x | 4202 | [PNG](charts/7.png)",
            "<html><head><title>77</title></head><p class=\"x9\">4202</p><img alt=\"12.5\u{a0}%\" src=\"8\">q25|x</html>",
        ] {
            assert_eq!(unsupported(text, &results()), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_number_that_nobody_computed_is_found() {
        for (text, planted) in [
            ("mean 4203", "4203"),
            ("mean 4201.76", "4201.76"),
            ("p = 2.45e−9", "2.45e−9"),
            ("share 12.6\u{a0}%", "12.6"),
            ("from 0.6", "0.6"),
            ("pandas 1.5.4", "1.5.4"),
            ("day 2024-03-02", "2024"),
            ("<p>4203</p>", "4203"),
            ("<img alt=\"7 bars\">", "7"),
        ] {
            assert_eq!(
                unsupported(text, &results()).first().map(String::as_str),
                Some(planted),
                "{text}"
            );
        }
    }
}
