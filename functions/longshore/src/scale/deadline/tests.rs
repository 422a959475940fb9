use super::*;
use crate::{
    scale::{
        policy::{Bias, Settings},
        state::News,
    },
    trigger::Seconds,
};

/// Tasks that are needed at second 100 by messages of so many seconds' age, of 2 s each, where
/// `running` tasks work on one at once and a new one takes 40 s.
fn check(max_wait: u32, running: f64, backlog: &[(f64, f64)], expected: (f64, f64)) {
    let settings = Settings { max_wait: Seconds::new(max_wait), ..Settings::default() };
    let policy = Policy::new("queue", &settings).unwrap();
    let (mut segments, mut visible) = (Backlog::default(), 0.0);
    for &(age_secs, messages) in backlog {
        visible += messages;
        let news = News { at_secs: 100.0 - age_secs, visible, ..News::default() };
        segments.follow(&news, messages, 0.0);
    }
    let load = Load {
        policy: &policy,
        tuning: Bias::Balanced.tuning(),
        supply: &Supply::new(1.0, running, &[], 40.0),
        at_secs: 100.0,
        visible,
        in_flight: 0.0,
        service_secs: 2.0,
        launch_secs: 40.0,
    };
    let (tasks, urgent) = deadline(&segments, &load);
    let age = urgent.map_or(0.0, |segment| 100.0 - segment.at_secs);
    assert!((tasks - expected.0).abs() < 0.01, "{tasks} tasks, {age} s");
    assert!((age - expected.1).abs() < 0.01, "{tasks} tasks, {age} s");
}

#[test]
fn without_a_backlog_nothing_is_needed() {
    check(60, 3.0, &[], (0.0, 0.0));
}

#[test]
fn a_backlog_is_worked_off_by_its_deadline() {
    // 0.8 × 300 = 240 s, of which a new task works 200: 1,000 × 2 s / 200 s.
    check(300, 0.0, &[(0.0, 1_000.0)], (10.0, 0.0));
    check(300, 0.0, &[(100.0, 1_000.0)], (20.0, 100.0));
    // Five tasks do 1,200 s of it; the missing 800 take four more.
    check(300, 5.0, &[(0.0, 1_000.0)], (9.0, 0.0));
}

#[test]
fn a_deadline_that_cannot_be_met_is_planned_as_soon_as_it_pays() {
    // A task that is launched now works for 37 s, or its minute would be wasted.
    check(60, 0.0, &[(300.0, 37.0)], (2.0, 300.0));
    check(60, 0.0, &[(0.0, 37.0)], (2.0, 0.0));
}

#[test]
fn the_segment_that_needs_most_decides() {
    check(300, 0.0, &[(100.0, 100.0), (0.0, 2_000.0)], (21.0, 0.0));
    check(300, 0.0, &[(100.0, 1_000.0), (0.0, 10.0)], (20.0, 100.0));
}

#[test]
fn tasks_that_have_work_are_kept_until_its_deadline() {
    // 1,200 × 2 s are spread over 240 s: 10 of the 50 tasks stay.
    check(300, 50.0, &[(0.0, 1_200.0)], (10.0, 0.0));
    // It is overdue: all that are there stay.
    check(300, 50.0, &[(400.0, 1_200.0)], (50.0, 400.0));
}
