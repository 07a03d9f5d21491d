use std::time::{Duration, Instant};

use ninja_llm::{CallFault, RateLimits};
use ninja_types::ModelErrorClass as Class;

use super::bench::{Bench, busy, fails, request, says};

const NO_WAIT: &[(&str, &str)] = &[("NINJA_LLM__WAIT_IN_CALL_SECONDS", "0")];

#[tokio::test]
async fn one_loop_tries_a_server_error_once_more_and_then_the_next() {
    let bench = Bench::new(&[("a", vec![fails(Class::Server)]), ("b", vec![says(&["yes"])])]);
    assert_eq!(bench.call(&request()).await.unwrap().text, "yes");
    assert_eq!(bench.asked(), "a a b");
}

#[tokio::test]
async fn one_loop_makes_six_attempts_and_no_more() {
    let broken = || vec![fails(Class::Server)];
    let bench = Bench::new(&[("a", broken()), ("b", broken()), ("c", broken())]);
    let error = bench.call(&request()).await.unwrap_err();
    assert!(matches!(error.fault, CallFault::Unavailable { .. }), "{error:?}");
    assert_eq!((bench.asked().as_str(), error.attempts.len()), ("a a b b c c", 6));
}

#[tokio::test]
async fn one_loop_that_may_not_wait_tries_a_broken_server_twice() {
    let bench = Bench::with(&[("a", vec![fails(Class::Server)])], NO_WAIT, |_| {});
    assert!(bench.call(&request()).await.is_err());
    assert_eq!(bench.asked(), "a a");
}

#[tokio::test]
async fn one_loop_ends_where_the_breaker_opens() {
    let bench = Bench::new(&[("a", vec![busy(Class::Overloaded, 1)])]);
    let error = bench.call(&request()).await.unwrap_err();
    assert_eq!(bench.asked(), "a a a a a");
    let CallFault::Unavailable { after } = error.fault else { panic!("{error:?}") };
    assert!(after > Duration::from_secs(20), "until the breaker lets a probe through: {after:?}");
    bench.call(&request()).await.unwrap_err();
    assert_eq!(bench.asked(), "a a a a a", "an open breaker is not asked");
}

#[tokio::test]
async fn a_busy_provider_with_nobody_behind_it_is_waited_for_as_long_as_it_asks() {
    let bench = Bench::new(&[("a", vec![busy(Class::Rate, 150), says(&["yes"])])]);
    let began = Instant::now();
    assert_eq!(bench.call(&request()).await.unwrap().text, "yes");
    assert!(began.elapsed() >= Duration::from_millis(150));
    assert_eq!(bench.asked(), "a a");
}

#[tokio::test]
async fn a_wait_that_is_too_long_for_the_call_is_told_to_the_job() {
    let bench = Bench::new(&[("a", vec![busy(Class::Rate, 100_000)])]);
    let error = bench.call(&request()).await.unwrap_err();
    let CallFault::Unavailable { after } = error.fault else { panic!("{error:?}") };
    assert!((Duration::from_secs(90)..=Duration::from_secs(110)).contains(&after), "{after:?}");
    assert_eq!(bench.asked(), "a");
}

#[tokio::test]
async fn nobody_is_waited_for_while_another_can_be_asked() {
    let bench = Bench::new(&[("a", vec![busy(Class::Rate, 60_000)]), ("b", vec![says(&["yes"])])]);
    bench.call(&request()).await.unwrap();
    bench.call(&request()).await.unwrap();
    assert_eq!(bench.asked(), "a b b");
}

#[tokio::test]
async fn a_stop_ends_a_wait() {
    let bench = Bench::new(&[("a", vec![busy(Class::Rate, 5_000)])]);
    let asked = request();
    let stopped = async {
        while bench.asked().is_empty() {
            tokio::task::yield_now().await;
        }
        bench.stop.cancel();
    };
    let (ended, ()) = tokio::join!(bench.call(&asked), stopped);
    assert!(matches!(ended.unwrap_err().fault, CallFault::Stopped));
}

#[tokio::test]
async fn a_key_without_room_in_this_minute_is_passed_over_and_alone_gives_back_the_permit() {
    let narrow = |settings: &mut ninja_llm::ProviderSettings| {
        if settings.name == "one" {
            settings.limits = RateLimits { requests_per_minute: Some(1), tokens_per_minute: None };
        }
    };
    let replies = [("a", vec![says(&["a"])]), ("b", vec![says(&["b"])])];
    let bench = Bench::with(&replies, &[], narrow);
    assert_eq!(bench.call(&request()).await.unwrap().text, "a");
    assert_eq!(bench.call(&request()).await.unwrap().text, "b");

    let bench = Bench::with(&replies[..1], &[], narrow);
    bench.call(&request()).await.unwrap();
    let error = bench.call(&request()).await.unwrap_err();
    let CallFault::Unavailable { after } = error.fault else { panic!("{error:?}") };
    assert!(after > Duration::from_secs(30) && error.attempts.is_empty(), "{after:?}");
    assert_eq!(bench.asked(), "a");
}
