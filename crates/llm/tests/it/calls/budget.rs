use ninja_llm::CallFault;
use ninja_types::{ModelErrorClass as Class, Usd};

use super::bench::{Bench, Reply, Spent, TOKENS, Wallet, breaks, completion, request, says};

#[tokio::test]
async fn the_worst_case_is_reserved_once_for_the_dearest_of_those_that_may_answer() {
    let dear = |settings: &mut ninja_llm::ProviderSettings| {
        if settings.name == "two" {
            settings.models[0].prices.as_mut().unwrap().output = 20_000_000;
        }
    };
    let replies = [("a", vec![says(&["yes"])]), ("b", vec![says(&["no"])])];
    let bench = Bench::with(&replies, &[], dear);
    bench.call(&request()).await.unwrap();
    let asked = bench.budget.asked.lock().unwrap();
    assert_eq!(asked.len(), 1);
    let worst = asked[0].1;
    // 2,000 tokens at 20 micro-dollars, or 512 at 2; and the question.
    assert!((40_000..40_100).contains(&worst.most.cost.micros()), "{worst:?}");
    assert!((1_024..1_100).contains(&worst.least.cost.micros()), "{worst:?}");
}

#[tokio::test]
async fn a_short_budget_shortens_the_answer_but_not_below_512_tokens() {
    let mut bench = Bench::new(&[("a", vec![says(&["yes"])])]);
    bench.budget = Wallet::of(Usd::from_micros(2_000));
    bench.call(&request()).await.unwrap();
    let length = bench.lengths()[0];
    assert!((900..1_000).contains(&length), "{length}");

    bench.budget = Wallet::of(Usd::from_micros(1_000));
    let error = bench.call(&request()).await.unwrap_err();
    let CallFault::Refused(refused) = error.fault else { panic!("{error:?}") };
    assert!(refused.0.downcast_ref::<Spent>().is_some(), "the caller knows its own error again");
    assert_eq!(bench.asked(), "a");
}

#[tokio::test]
async fn a_broken_attempt_that_the_budget_cannot_make_good_ends_the_call_and_is_paid() {
    let long = "word ".repeat(600);
    let long: &'static str = Box::leak(long.into_boxed_str());
    let mut bench = Bench::new(&[("a", vec![breaks(&[long])]), ("b", vec![says(&["no"])])]);
    bench.budget = Wallet::of(Usd::from_micros(1_200));
    let error = bench.call(&request()).await.unwrap_err();
    assert!(
        matches!(error.fault, CallFault::Refused(_))
            || matches!(error.fault, CallFault::Unavailable { .. }),
        "{error:?}"
    );
    assert!(error.charge.cost > Usd::default());
    assert_eq!(bench.asked(), "a", "the budget is never left");
}

#[tokio::test]
async fn a_dear_model_that_the_budget_does_not_reach_gives_way_to_a_cheap_one() {
    let dear = |settings: &mut ninja_llm::ProviderSettings| {
        if settings.name == "one" {
            settings.models[0].prices.as_mut().unwrap().output = 900_000_000;
        }
    };
    let replies = [("a", vec![says(&["no"])]), ("b", vec![says(&["yes"])])];
    let mut bench = Bench::with(&replies, &[], dear);
    bench.budget = Wallet::of(Usd::from_micros(10_000));
    assert_eq!(bench.call(&request()).await.unwrap().text, "yes");
    assert_eq!(bench.asked(), "b");
}

#[tokio::test]
async fn price_is_the_same_whether_an_answer_comes_in_one_piece_or_in_many() {
    let text = "The bell says that there is work.";
    let pieces: Vec<&str> = text.split_inclusive(' ').collect();
    let streamed = Reply::Says(pieces, completion(text));
    let whole = Reply::Says(vec![], completion(text));
    let mut costs = Vec::new();
    for reply in [streamed, whole] {
        let answer = Bench::new(&[("a", vec![reply])]).call(&request()).await.unwrap();
        costs.push((answer.charge, answer.price_version));
    }
    assert_eq!(costs[0], costs[1]);
    assert_eq!(costs[0].0.cost, Usd::from_micros(1_200));
}

#[tokio::test]
async fn price_of_an_answer_without_usage_is_estimated_flagged_and_above_zero() {
    let text = "The bell says that there is work.";
    let zero = ninja_llm::Tokens { output: 0, ..TOKENS };
    for tokens in [None, Some(ninja_llm::Tokens::default()), Some(zero)] {
        let silent = ninja_llm::Completion { tokens, ..completion(text) };
        let bench = Bench::new(&[("a", vec![Reply::Says(vec![], silent)])]);
        let charge = bench.call(&request()).await.unwrap().charge;
        assert!(charge.usage_estimated, "{tokens:?}");
        // 33 bytes at three to a token, and 8.
        assert_eq!(charge.tokens.output, 19, "{tokens:?}");
        assert!(charge.tokens.input > 0 && charge.cost > Usd::default());
    }
}

#[tokio::test]
async fn price_that_nobody_knows_is_assumed_and_flagged() {
    let forget = |settings: &mut ninja_llm::ProviderSettings| settings.models[0].prices = None;
    let bench = Bench::with(&[("a", vec![says(&["yes"])])], &[], forget);
    let charge = bench.call(&request()).await.unwrap().charge;
    assert!(charge.price_assumed);
    assert_eq!(charge.cost, Usd::from_micros(1_000 * 15 + 100 * 75));
}

#[tokio::test]
async fn a_malformed_answer_is_paid_for() {
    let bench = Bench::new(&[("a", vec![super::bench::fails(Class::Malformed)])]);
    assert!(bench.call(&request()).await.is_err());
    let cut = ninja_llm::Completion { stop: ninja_llm::Stop::MaxTokens, ..completion("{\"a\":") };
    let schema = ninja_llm::OutputSchema {
        name: "x".to_owned(),
        schema: serde_json::json!({"type": "object"}),
    };
    let bench = Bench::new(&[("a", vec![Reply::Says(vec![], cut)])]);
    let asked = ninja_llm::ChatRequest { output_schema: Some(schema), ..request() };
    let error = bench.call(&asked).await.unwrap_err();
    assert_eq!(error.charge.cost, Usd::from_micros(1_200));
}
