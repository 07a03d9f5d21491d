use std::path::PathBuf;

use chrono::NaiveDate;
use ninja_config::CallsConfig;
use ninja_types::{ProviderKind, Usd};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::answer::Tokens;
use crate::settings::{Features, Prices, ProviderSettings};

const SHIPPED: &str = include_str!("../data/prices.toml");
const MILLION: u128 = 1_000_000;

/// Prices that cannot be used.
#[derive(Debug, Error)]
pub enum PriceError {
    /// The file of the operator is not there.
    #[error("the file of prices {0} cannot be read")]
    Unreadable(PathBuf, #[source] std::io::Error),
    /// It is no table of prices.
    #[error("the table of prices is broken")]
    Broken(#[source] toml::de::Error),
    /// It is one, with an entry that does not say since when it is true, or who says so.
    #[error("the price of {0} needs `as_of`, a day such as 2026-11-22, and `source`")]
    Undated(String),
}

/// What models cost and can do, as their vendors publish it.
#[derive(Clone, Debug)]
pub struct PriceTable {
    entries: Vec<Entry>,
    assumed: Prices,
}

/// One model, or those whose names begin alike.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own in the file")]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    provider: String,
    model: String,
    input: u64,
    output: u64,
    #[serde(default)]
    cache_read: Option<u64>,
    #[serde(default)]
    cache_write_5m: Option<u64>,
    #[serde(default)]
    cache_write_1h: Option<u64>,
    context_tokens: u64,
    max_output_tokens: u32,
    #[serde(default)]
    tools: bool,
    #[serde(default)]
    json_schema: bool,
    #[serde(default)]
    vision: bool,
    #[serde(default)]
    reasoning: bool,
    as_of: toml::value::Datetime,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    model: Vec<Entry>,
}

/// The price that one model is asked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// Micro-dollars per million tokens.
    pub prices: Prices,
    /// Nobody knows it: the assumed one is taken.
    pub assumed: bool,
    /// Hash of the entry, so that a stored cost can be told from one at another price.
    pub version: String,
}

impl PriceTable {
    /// The shipped table, and over it the operator's own.
    pub fn load(calls: &CallsConfig) -> Result<Self, PriceError> {
        let mut entries = Vec::new();
        if let Some(path) = &calls.prices_file {
            let text = std::fs::read_to_string(path)
                .map_err(|error| PriceError::Unreadable(path.clone(), error))?;
            entries = parse(&text)?;
        }
        entries.extend(parse(SHIPPED)?);
        let (input, output) = (calls.assumed_input_price, calls.assumed_output_price);
        let assumed =
            Prices { input, output, cache_read: None, cache_write_5m: None, cache_write_1h: None };
        Ok(Self { entries, assumed })
    }

    /// What `model` costs: as its provider's settings say, or the table, or what is assumed.
    pub fn price(&self, provider: &ProviderSettings, model: &str) -> Price {
        if provider.self_hosted || provider.kind == ProviderKind::Ollama {
            let version = "free".to_owned();
            return Price { prices: FREE, assumed: false, version };
        }
        let own = provider.models.iter().find(|one| one.name == model).and_then(|one| one.prices);
        let listed = || self.find(&provider.name, model).map(Entry::prices);
        let known = own.or_else(listed);
        let prices = known.unwrap_or(self.assumed);
        Price { prices, assumed: known.is_none(), version: version(&provider.name, model, &prices) }
    }

    /// What `model` can do: as its provider's settings say, or the table, or what is assumed of a stranger.
    pub fn features(&self, provider: &ProviderSettings, model: &str) -> Features {
        let own = provider.models.iter().find(|one| one.name == model).and_then(|one| one.features);
        let listed = || self.find(&provider.name, model).map(Entry::features);
        own.or_else(listed).unwrap_or_default()
    }

    /// Names of the models of `provider` that the table knows whole.
    pub fn models<'a>(&'a self, provider: &'a str) -> impl Iterator<Item = &'a str> {
        let of = move |entry: &&Entry| entry.provider == provider;
        self.entries.iter().filter(of).map(|entry| entry.model.trim_end_matches('*'))
    }

    /// Since when the price of `model` is known to be true; `None`: it is not in the table.
    pub fn as_of(&self, provider: &str, model: &str) -> Option<NaiveDate> {
        self.find(provider, model)?.date()
    }

    /// The exact entry, else the longest beginning; of two alike the operator's, which stand first.
    fn find(&self, provider: &str, model: &str) -> Option<&Entry> {
        let mut best: Option<(usize, &Entry)> = None;
        for entry in self.entries.iter().filter(|entry| entry.provider == provider) {
            let weight = match entry.model.strip_suffix('*') {
                Some(begin) if model.starts_with(begin) => begin.len(),
                None if entry.model == model => usize::MAX,
                _ => continue,
            };
            if best.is_none_or(|(so_far, _)| weight > so_far) {
                best = Some((weight, entry));
            }
        }
        best.map(|(_, entry)| entry)
    }
}

const FREE: Prices =
    Prices { input: 0, output: 0, cache_read: None, cache_write_5m: None, cache_write_1h: None };

impl Price {
    /// What an attempt costs, rounded up once to a micro-dollar.
    pub fn of(&self, tokens: &Tokens) -> Usd {
        let prices = &self.prices;
        let read = prices.cache_read.unwrap_or(prices.input);
        let write = prices.cache_write_5m.unwrap_or(prices.input);
        let write_long = prices.cache_write_1h.unwrap_or(write);
        let parts = [
            (tokens.cache_read, read),
            (tokens.cache_write_5m, write),
            (tokens.cache_write_1h, write_long),
            (tokens.output, prices.output),
        ];
        let cached: u128 = parts[..3].iter().map(|(count, _)| u128::from(*count)).sum();
        let fresh = u128::from(tokens.input).saturating_sub(cached);
        let sum = parts.iter().fold(fresh.saturating_mul(prices.input.into()), |sum, part| {
            sum.saturating_add(u128::from(part.0).saturating_mul(part.1.into()))
        });
        Usd::from_micros(i64::try_from(sum.div_ceil(MILLION)).unwrap_or(i64::MAX))
    }

    /// Tokens that an answer may have at most, if that and `input` are to be paid with `money`.
    pub fn longest(&self, input: u64, money: Usd) -> u64 {
        let money = u128::try_from(money.micros()).unwrap_or(0).saturating_mul(MILLION);
        let read = u128::from(input).saturating_mul(self.dearest_input().into());
        match (money.checked_sub(read), self.prices.output) {
            (None, _) => 0,
            (Some(_), 0) => u64::MAX,
            (Some(left), output) => u64::try_from(left / u128::from(output)).unwrap_or(u64::MAX),
        }
    }

    /// What it may cost at most to have `input` read and `output` written: nothing was cached, or all is written to a
    /// cache.
    pub fn worst(&self, input: u64, output: u64) -> Usd {
        let prices = Prices { input: self.dearest_input(), ..self.prices };
        let tokens = Tokens { input, output, ..Tokens::default() };
        Self { prices, ..self.clone() }.of(&tokens)
    }

    fn dearest_input(&self) -> u64 {
        let writes = [self.prices.cache_write_5m, self.prices.cache_write_1h];
        writes.into_iter().flatten().fold(self.prices.input, u64::max)
    }
}

impl Entry {
    const fn prices(&self) -> Prices {
        Prices {
            input: self.input,
            output: self.output,
            cache_read: self.cache_read,
            cache_write_5m: self.cache_write_5m,
            cache_write_1h: self.cache_write_1h,
        }
    }

    const fn features(&self) -> Features {
        Features {
            tools: self.tools,
            json_schema: self.json_schema,
            vision: self.vision,
            reasoning: self.reasoning,
            context_tokens: self.context_tokens,
            max_output_tokens: self.max_output_tokens,
        }
    }

    fn date(&self) -> Option<NaiveDate> {
        let date = self.as_of.date?;
        NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
    }
}

fn parse(text: &str) -> Result<Vec<Entry>, PriceError> {
    let table: Table = toml::from_str(text).map_err(PriceError::Broken)?;
    for entry in &table.model {
        if entry.date().is_none() || entry.source.trim().is_empty() {
            return Err(PriceError::Undated(format!("{}/{}", entry.provider, entry.model)));
        }
    }
    Ok(table.model)
}

fn version(provider: &str, model: &str, prices: &Prices) -> String {
    let text = format!("{provider}/{model}:{prices:?}");
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().take(6).fold(String::with_capacity(12), |mut hex, byte| {
        for four in [byte >> 4, byte & 15] {
            hex.push(char::from_digit(u32::from(four), 16).unwrap_or('0'));
        }
        hex
    })
}

#[cfg(test)]
mod tests;
