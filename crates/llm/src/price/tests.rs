use ninja_config::LlmConfig;
use ninja_types::{ProviderId, ProviderKind};
use proptest::prelude::*;

use super::*;
use crate::settings::{ModelSettings, Source};

fn table() -> PriceTable {
    PriceTable::load(&LlmConfig::load(std::iter::empty()).unwrap().calls).unwrap()
}

fn provider(kind: ProviderKind, name: &str) -> ProviderSettings {
    ProviderSettings {
        id: ProviderId::new(),
        kind,
        name: name.to_owned(),
        base_url: "http://127.0.0.1:1/".parse().unwrap(),
        key: None,
        models: Vec::new(),
        self_hosted: false,
        priority: 0,
        limits: crate::RateLimits::default(),
        source: Source::Config,
    }
}

fn flat(input: u64, output: u64) -> Price {
    let prices =
        Prices { input, output, cache_read: None, cache_write_5m: None, cache_write_1h: None };
    Price { prices, assumed: false, version: String::new() }
}

#[test]
fn every_shipped_price_is_dated_named_and_above_zero() {
    let table = table();
    assert!(table.entries.len() >= 15);
    for entry in &table.entries {
        let name = format!("{}/{}", entry.provider, entry.model);
        assert!(entry.date().is_some() && entry.source.len() > 10, "{name}");
        assert!(entry.input > 0 && entry.output > 0 && entry.context_tokens > 8_192, "{name}");
        assert!(entry.cache_read.is_none_or(|read| read < entry.input), "{name}");
        assert!(entry.cache_write_5m.is_none_or(|write| write >= entry.input), "{name}");
    }
}

#[test]
fn every_model_of_the_default_tiers_has_a_price() {
    let config = LlmConfig::load(std::iter::empty()).unwrap();
    let table = table();
    let lists = [&config.models.small, &config.models.standard, &config.models.large];
    for name in lists.into_iter().flat_map(|list| list.iter()) {
        let kind: ProviderKind = name.provider.parse().unwrap();
        let provider = provider(kind, &name.provider);
        assert!(!table.price(&provider, &name.model).assumed, "{name:?}");
        assert!(table.features(&provider, &name.model).tools, "{name:?}");
    }
}

#[test]
fn the_exact_name_wins_over_a_beginning_and_the_longer_beginning_over_the_shorter() {
    let table = table();
    let anthropic = provider(ProviderKind::Anthropic, "anthropic");
    assert_eq!(table.price(&anthropic, "claude-opus-5").prices.input, 5_000_000);
    assert_eq!(table.price(&anthropic, "claude-opus-5-5-20260922").prices.input, 4_000_000);
    assert!(table.price(&anthropic, "claude-opus-7").assumed);
}

#[test]
fn an_unknown_price_is_assumed_flagged_and_never_zero() {
    let table = table();
    let price = table.price(&provider(ProviderKind::Compatible, "router"), "stranger");
    assert!(price.assumed);
    let one = Tokens { input: 1, output: 1, ..Tokens::default() };
    assert_eq!(price.of(&one), Usd::from_micros(90));
}

#[test]
fn what_one_hosts_oneself_costs_nothing() {
    let table = table();
    let mut own = provider(ProviderKind::Compatible, "own");
    own.self_hosted = true;
    let many = Tokens { input: 1_000_000, output: 1_000_000, ..Tokens::default() };
    assert_eq!(table.price(&own, "m").of(&many), Usd::default());
    let ollama = provider(ProviderKind::Ollama, "ollama");
    assert_eq!(table.price(&ollama, "m").of(&many), Usd::default());
}

#[test]
fn the_settings_of_a_provider_win_over_the_table() {
    let table = table();
    let mut openai = provider(ProviderKind::OpenAi, "openai");
    let prices = Some(flat(7, 9).prices);
    openai.models = vec![ModelSettings { name: "gpt-5.4".to_owned(), features: None, prices }];
    assert_eq!(table.price(&openai, "gpt-5.4").prices.input, 7);
    assert!(table.features(&openai, "gpt-5.4").tools);
}

#[test]
fn each_part_of_a_call_has_its_price_and_the_sum_is_rounded_up_once() {
    let prices = Prices {
        input: 3_000_000,
        output: 15_000_000,
        cache_read: Some(300_000),
        cache_write_5m: Some(3_750_000),
        cache_write_1h: Some(6_000_000),
    };
    let price = Price { prices, assumed: false, version: String::new() };
    let tokens = Tokens {
        input: 1_000,
        cache_read: 500,
        cache_write_5m: 100,
        cache_write_1h: 50,
        output: 200,
        reasoning: 150,
    };
    // 350 × 3 + 500 × 0.3 + 100 × 3.75 + 50 × 6 + 200 × 15 = 1,050 + 150 + 375 + 300 + 3,000
    assert_eq!(price.of(&tokens), Usd::from_micros(4_875));
    let third = flat(333_333, 0);
    assert_eq!(third.of(&Tokens { input: 2, ..Tokens::default() }), Usd::from_micros(1));
}

#[test]
fn a_file_of_prices_wins_and_one_without_dates_is_refused() {
    let home = std::env::temp_dir().join(format!("ninja-prices-{}", std::process::id()));
    let load = |text: &str| {
        std::fs::write(&home, text).unwrap();
        let pairs = [("NINJA_LLM__PRICES_FILE", home.to_str().unwrap())];
        let pairs = pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
        PriceTable::load(&LlmConfig::load(pairs).unwrap().calls)
    };
    let entry = "[[model]]\nprovider = \"openai\"\nmodel = \"gpt-5.4\"\ninput = 1\noutput = 2\n\
                 context_tokens = 9000\nmax_output_tokens = 100\nas_of = 2026-01-01\nsource = \"contract\"\n";
    let openai = provider(ProviderKind::OpenAi, "openai");
    assert_eq!(load(entry).unwrap().price(&openai, "gpt-5.4").prices.output, 2);
    let undated = load(&entry.replace("\"contract\"", "\"\"")).unwrap_err();
    assert_eq!(
        undated.to_string(),
        "the price of openai/gpt-5.4 needs `as_of`, a day such as 2026-11-22, and `source`"
    );
    assert!(matches!(load("[[model]]\n"), Err(PriceError::Broken(_))));
    std::fs::remove_file(&home).unwrap();
}

fn tokens() -> impl Strategy<Value = Tokens> {
    let part = || prop_oneof![0_u64..5_000, Just(u64::MAX)];
    (part(), part(), part(), part(), part()).prop_map(|(input, read, write, hour, output)| Tokens {
        input,
        cache_read: read,
        cache_write_5m: write,
        cache_write_1h: hour,
        output,
        reasoning: 0,
    })
}

proptest! {
    #[test]
    fn price_is_never_negative_and_more_tokens_never_cost_less(
        tokens in tokens(),
        more in 0_u64..10_000,
        (input, output) in (0_u64..100_000_000, 0_u64..100_000_000),
    ) {
        let price = flat(input, output);
        let cost = price.of(&tokens);
        prop_assert!(cost.micros() >= 0);
        let read = Tokens { input: tokens.input.saturating_add(more), ..tokens };
        let written = Tokens { output: tokens.output.saturating_add(more), ..tokens };
        prop_assert!(price.of(&read) >= cost && price.of(&written) >= cost);
    }

    #[test]
    fn the_longest_answer_for_some_money_is_paid_by_it_and_one_token_more_is_not(
        money in 0_i64..1_000_000,
        input in 0_u64..10_000,
        (read, write) in (1_u64..20_000_000, 1_000_000_u64..90_000_000),
    ) {
        let (price, money) = (flat(read, write), Usd::from_micros(money));
        let longest = price.longest(input, money);
        prop_assume!(price.worst(input, 0) <= money);
        prop_assert!(price.worst(input, longest) <= money);
        prop_assert!(price.worst(input, longest + 1) > money);
    }
}
