use std::time::Duration;

use ninja_llm::CallFault;
use ninja_types::{ModelErrorClass as Class, Usd};

use super::bench::{Bench, Reply, breaks, fails, request, says};

#[tokio::test]
async fn midstream_cut_before_the_first_word_is_silent_and_free() {
    let bench = Bench::new(&[("a", vec![fails(Class::Broken)]), ("b", vec![says(&["He", "llo"])])]);
    let answer = bench.call(&request()).await.unwrap();
    assert_eq!(bench.deltas.all(), "0:He 1:llo");
    assert_eq!(answer.attempts[0].charge.cost, Usd::default());
    // 1,000 tokens read and 100 written.
    assert_eq!(answer.charge.cost, Usd::from_micros(1_200));
    assert!(!answer.charge.usage_estimated);
}

#[tokio::test]
async fn midstream_cut_after_words_begins_anew_pays_for_both_and_uses_nothing_of_the_first() {
    let bench =
        Bench::new(&[("a", vec![breaks(&["Once ", "upon"])]), ("b", vec![says(&["He", "llo"])])]);
    let answer = bench.call(&request()).await.unwrap();
    assert_eq!(bench.deltas.all(), "0:Once  1:upon 0: 1:He 2:llo");
    assert_eq!((answer.text.as_str(), bench.deltas.seen().as_str()), ("Hello", "Hello"));
    let broken = &answer.attempts[0];
    assert!(broken.charge.cost > Usd::default() && broken.charge.usage_estimated);
    assert_eq!(answer.charge.cost.micros(), broken.charge.cost.micros() + 1_200);
    assert!(answer.charge.usage_estimated);
    assert_eq!(bench.budget.verbs(), ["reserve", "extend"]);
}

#[tokio::test]
async fn midstream_stop_cuts_the_stream_and_what_was_written_is_paid() {
    let bench = Bench::new(&[("a", vec![Reply::Hangs(vec!["Once upon a time"])])]);
    let asked = request();
    let stopped = async {
        while bench.deltas.all().is_empty() {
            tokio::task::yield_now().await;
        }
        bench.stop.cancel();
    };
    let (ended, ()) = tokio::join!(bench.call(&asked), stopped);
    let error = ended.unwrap_err();
    assert!(matches!(error.fault, CallFault::Stopped), "{error:?}");
    assert!(error.charge.usage_estimated && error.charge.tokens.output > 0);
    assert!(error.charge.cost > Usd::default());
    assert_eq!(bench.asked(), "a");
}

#[tokio::test]
async fn a_call_ends_at_the_deadline_of_its_step_and_no_other_provider_is_begun() {
    let replies = [("a", vec![Reply::Hangs(vec![])]), ("b", vec![says(&["no"])])];
    let mut bench = Bench::new(&replies);
    bench.patience = Duration::from_millis(50);
    let error = bench.call(&request()).await.unwrap_err();
    assert!(matches!(error.fault, CallFault::Unavailable { .. }), "{error:?}");
    assert_eq!(bench.asked(), "a");
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_broken_off_for_the_next_provider() {
    let replies = [("a", vec![Reply::Hangs(vec!["…"])]), ("b", vec![says(&["Hello"])])];
    let bench = Bench::with(&replies, &[("NINJA_LLM__CALL_SECONDS", "0.05")], |_| {});
    let answer = bench.call(&request()).await.unwrap();
    assert_eq!(answer.attempts[0].class, Some(Class::TimeoutIdle));
    assert_eq!(bench.deltas.seen(), "Hello");
}
