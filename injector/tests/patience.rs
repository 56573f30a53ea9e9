//! When a courier gives up, by a clock that the test sets.

use std::time::{Duration, Instant};

use jackal_injector::commands::courier::patience::Patience;
use jackal_injector::failure::ExitCode;

/// How many seconds after `since` the last attempt begins when each fails after `fails`, and after how many pauses.
fn last_attempt(patience: &mut Patience, since: Instant, fails: Duration) -> (f32, u32) {
    let (mut now, mut pauses) = (since, 0);
    while let Some(pause) = patience.pause(now + fails) {
        (now, pauses) = (now + fails + pause, pauses + 1);
    }
    (now.duration_since(since).as_secs_f32(), pauses)
}

#[test]
fn a_registry_that_was_never_met_is_given_20_s() {
    let start = Instant::now();
    // A port that refuses, and one that drops: a connection is given up after 5 s.
    assert_eq!(last_attempt(&mut Patience::new(start), start, Duration::ZERO), (16.3, 8));
    assert_eq!(last_attempt(&mut Patience::new(start), start, Duration::from_secs(5)), (15.7, 3));
    assert_eq!(Patience::new(start).limit(), Duration::from_secs(20));
    assert_eq!(Patience::new(start).end(), ExitCode::NotReached);
}

#[test]
fn one_that_was_met_is_given_60_s_from_the_last_that_it_took() {
    let start = Instant::now();
    let mut patience = Patience::new(start);
    assert_eq!(last_attempt(&mut patience, start, Duration::ZERO), (16.3, 8));
    patience.meet();
    assert_eq!(patience.limit(), Duration::from_secs(60));
    assert_eq!(patience.end(), ExitCode::NotDelivered);
    let later = start + Duration::from_secs(500);
    patience.renew(later);
    assert_eq!(last_attempt(&mut patience, later, Duration::ZERO), (56.3, 16));
}
