use ninja_llm::{CallFault, ChatRequest, fallbacks};
use ninja_types::ModelErrorClass as Class;

use super::bench::{Bench, fails, request, says};

#[tokio::test]
async fn fallback_asks_the_second_provider_for_its_own_model() {
    for class in
        [Class::Rate, Class::Overloaded, Class::TimeoutFirstByte, Class::Auth, Class::NotFound]
    {
        let bench = Bench::new(&[("a", vec![fails(class)]), ("b", vec![says(&["Hello"])])]);
        let answer = bench.call(&request()).await.unwrap();
        assert_eq!((bench.asked().as_str(), answer.text.as_str()), ("a b", "Hello"), "{class}");
        assert_eq!((answer.provider.as_str(), answer.model.as_str()), ("two", "b"));
        let steps = fallbacks(&answer.attempts);
        assert_eq!(steps.len(), 1);
        assert_eq!(
            (steps[0].from.as_str(), steps[0].to.as_str(), steps[0].class),
            ("one/a", "two/b", class)
        );
    }
}

#[tokio::test]
async fn fallback_is_none_where_the_request_itself_is_refused() {
    for class in [Class::ContentFilter, Class::BadRequest, Class::Malformed] {
        let bench = Bench::new(&[("a", vec![fails(class)]), ("b", vec![says(&["no"])])]);
        let error = bench.call(&request()).await.unwrap_err();
        assert_eq!(bench.asked(), "a", "{class}");
        let told = match error.fault {
            CallFault::ContentRefused(error)
            | CallFault::Rejected(error)
            | CallFault::Malformed(error) => error.class,
            other => panic!("{other:?}"),
        };
        assert_eq!(told, class);
    }
}

#[tokio::test]
async fn fallback_does_not_leave_an_exact_pin() {
    let exact = [("NINJA_LLM__PIN_IS_EXACT", "true"), ("NINJA_LLM__WAIT_IN_CALL_SECONDS", "0")];
    let replies = [("a", vec![says(&["no"])]), ("b", vec![fails(Class::Overloaded)])];
    let bench = Bench::with(&replies, &exact, |_| {});
    let pinned = ChatRequest { model: Some("two/b".parse().unwrap()), ..request() };
    let error = bench.call(&pinned).await.unwrap_err();
    assert!(matches!(error.fault, CallFault::Unavailable { .. }), "{error:?}");
    assert_eq!(bench.asked(), "b");
}

#[tokio::test]
async fn fallback_from_a_pinned_model_goes_on_with_its_tier() {
    let bench = Bench::new(&[("a", vec![says(&["yes"])]), ("b", vec![fails(Class::Rate)])]);
    let pinned = ChatRequest { model: Some("two/b".parse().unwrap()), ..request() };
    assert_eq!(bench.call(&pinned).await.unwrap().text, "yes");
    assert_eq!(bench.asked(), "b a");
}

#[tokio::test]
async fn fallback_never_leaves_the_allow_list() {
    let replies = [("a", vec![fails(Class::Auth)]), ("b", vec![says(&["no"])])];
    let bench = Bench::with(&replies, &[("NINJA_LLM__ALLOW", "one")], |_| {});
    let error = bench.call(&request()).await.unwrap_err();
    assert!(matches!(error.fault, CallFault::Off(ref names) if names == &["one/a"]), "{error:?}");
    assert_eq!(bench.asked(), "a");
}

#[tokio::test]
async fn a_refused_key_is_not_tried_again_by_the_next_call() {
    let bench = Bench::new(&[("a", vec![fails(Class::Billing)]), ("b", vec![says(&["yes"])])]);
    bench.call(&request()).await.unwrap();
    bench.call(&request()).await.unwrap();
    assert_eq!(bench.asked(), "a b b");
}

#[tokio::test]
async fn a_request_that_is_too_long_goes_to_a_larger_window_or_to_nobody() {
    let widen = |settings: &mut ninja_llm::ProviderSettings| {
        if settings.name == "three" {
            settings.models[0].features.as_mut().unwrap().context_tokens = 200_000;
        }
    };
    let long = || vec![fails(Class::ContextLength)];
    let replies = [("a", long()), ("b", vec![says(&["no"])]), ("c", vec![says(&["yes"])])];
    let bench = Bench::with(&replies, &[], widen);
    assert_eq!(bench.call(&request()).await.unwrap().text, "yes");
    assert_eq!(bench.asked(), "a c");

    let bench = Bench::new(&[("a", long()), ("b", vec![says(&["no"])])]);
    let error = bench.call(&request()).await.unwrap_err();
    assert!(matches!(error.fault, CallFault::ContextTooLong), "{error:?}");
}

#[tokio::test]
async fn without_a_provider_there_is_no_model_and_nothing_is_reserved() {
    let bench = Bench::new(&[]);
    let error = bench.call(&request()).await.unwrap_err();
    assert!(matches!(error.fault, CallFault::NoModel), "{error:?}");
    assert!(bench.budget.verbs().is_empty());
}
