use proptest::prelude::*;

use super::*;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn ill(breaker: &mut Breaker, at: &[u64]) {
    for at in at {
        breaker.note(Mark::Ill, s(*at));
    }
}

#[test]
fn five_failures_within_thirty_seconds_open_the_breaker_for_thirty() {
    let mut breaker = Breaker::default();
    ill(&mut breaker, &[0, 5, 10, 15]);
    assert_eq!(breaker.look(s(15)), Health::Closed);
    ill(&mut breaker, &[20]);
    assert_eq!(breaker.look(s(20)), Health::Open(s(30)));
    assert_eq!(breaker.look(s(50)), Health::HalfOpen);
}

#[test]
fn failures_that_are_far_apart_do_not_add_up() {
    let mut breaker = Breaker::default();
    ill(&mut breaker, &[0, 10, 20, 30, 40, 50, 60]);
    assert_eq!(breaker.look(s(60)), Health::Closed);
}

#[test]
fn an_answer_forgets_the_failures() {
    let mut breaker = Breaker::default();
    ill(&mut breaker, &[0, 1, 2, 3]);
    breaker.note(Mark::Well, s(4));
    ill(&mut breaker, &[5, 6, 7, 8]);
    assert_eq!(breaker.look(s(8)), Health::Closed);
}

#[test]
fn a_probe_decides_and_nobody_else_asks_meanwhile() {
    let mut breaker = Breaker::default();
    ill(&mut breaker, &[0, 0, 0, 0, 0]);
    assert!(breaker.claim(s(30)) && !breaker.claim(s(31)));
    assert_eq!(breaker.look(s(31)), Health::Open(s(29)));
    breaker.note(Mark::Ill, s(32));
    assert_eq!(breaker.look(s(32)), Health::Open(s(30)));
    assert!(breaker.claim(s(62)));
    breaker.note(Mark::Well, s(63));
    assert_eq!(breaker.look(s(63)), Health::Closed);
}

#[test]
fn a_probe_that_tells_nothing_gives_way_to_another() {
    let mut breaker = Breaker::default();
    ill(&mut breaker, &[0, 0, 0, 0, 0]);
    assert!(breaker.claim(s(30)) && !breaker.claim(s(59)) && breaker.claim(s(60)));
}

#[test]
fn too_many_requests_rest_as_long_as_asked_and_then_one_probe_goes_first() {
    let mut breaker = Breaker::default();
    breaker.note(Mark::Busy(Some(s(7))), s(0));
    assert_eq!(breaker.look(s(0)), Health::Cooling(s(7)));
    assert!(!breaker.claim(s(6)) && breaker.claim(s(7)) && !breaker.claim(s(7)));
    breaker.note(Mark::Busy(Some(Duration::from_hours(1))), s(8));
    assert_eq!(breaker.look(s(8)), Health::Cooling(COOL_ASKED));
}

#[test]
fn a_rest_that_nobody_asked_for_doubles_from_five_seconds_to_sixty() {
    let mut breaker = Breaker::default();
    let mut now = s(0);
    for rest in [5, 10, 20, 40, 60, 60] {
        breaker.note(Mark::Busy(None), now);
        assert_eq!(breaker.look(now), Health::Cooling(s(rest)));
        now += s(rest);
    }
}

#[test]
fn a_refused_key_and_a_missing_model_rest_five_minutes() {
    for mark in [Mark::Gone, Mark::Barred] {
        let mut breaker = Breaker::default();
        breaker.note(mark, s(0));
        assert_eq!(breaker.look(s(1)), Health::Off(OFF.saturating_sub(s(1))));
    }
}

#[test]
fn every_class_has_its_mark() {
    let marks = ModelErrorClass::ALL.iter().map(|class| {
        let mark = Mark::of(Outcome::Failed { class: *class, retry_after: None });
        format!("{class} {mark:?}")
    });
    insta::assert_snapshot!(marks.collect::<Vec<_>>().join("\n"), @r"
    auth Barred
    billing Barred
    rate Busy(None)
    overloaded Ill
    server Ill
    timeout_connect Ill
    timeout_first_byte Ill
    timeout_idle Ill
    broken Ill
    context_length Well
    content_filter Well
    not_found Gone
    bad_request Well
    malformed Well
    ");
}

fn mark() -> impl Strategy<Value = Mark> {
    let asked = prop::option::of((0_u64..900).prop_map(s));
    prop_oneof![
        3 => Just(Mark::Ill),
        2 => Just(Mark::Well),
        1 => asked.prop_map(Mark::Busy),
        1 => Just(Mark::Gone),
    ]
}

proptest! {
    /// Whatever is told in whatever order: while it rests nobody is let through, between two probes lies a report or
    /// the time of a probe, and it never rests longer than anybody may ask for.
    #[test]
    fn breaker_lets_one_probe_through(steps in prop::collection::vec((0_u64..40, prop::option::of(mark())), 1..200)) {
        let mut breaker = Breaker::default();
        let (mut now, mut probing) = (s(0), None::<Duration>);
        for (later, told) in steps {
            now += s(later);
            let before = breaker.look(now);
            if let Some(mark) = told {
                breaker.note(mark, now);
                probing = None;
            } else {
                let let_through = breaker.claim(now);
                prop_assert_eq!(let_through, matches!(before, Health::Closed | Health::HalfOpen));
                if before == Health::HalfOpen {
                    prop_assert!(probing.is_none_or(|since| now >= since + PROBE));
                    probing = Some(now);
                }
            }
            match breaker.look(now) {
                Health::Open(left) | Health::Cooling(left) | Health::Off(left) => {
                    prop_assert!(left > Duration::ZERO && left <= COOL_ASKED);
                }
                Health::Closed | Health::HalfOpen => {}
            }
        }
    }
}
