//! Ticks that come too early for their place in the jitter, or too late to start.

use super::*;

#[test]
fn a_tick_that_comes_too_late_is_missed() {
    let settings = json!({"startWithin": "5m"});
    let (cloud, first) = at_work(&settings);
    ends(&cloud, &first);
    cloud.world.pass(299);
    let second = next(&cloud, "01:00:00", &settings);
    assert_eq!(cloud.known(&second).state, State::Launched, "it is in time");
    ends(&cloud, &second);
    cloud.world.pass(HOUR + 1);
    let third = next(&cloud, "02:00:00", &settings);
    assert_eq!(class(&cloud, &third), Class::Missed);
    assert_eq!(cloud.ecs.tasks().len(), 2);
}

#[test]
fn a_tick_that_waited_too_long_is_missed() {
    let settings = json!({"startWithin": "5m", "overlap": "queue"});
    let (cloud, first) = at_work(&settings);
    let second = next(&cloud, "01:00:00", &settings);
    cloud.world.pass(301);
    ends(&cloud, &first);
    assert_eq!(class(&cloud, &second), Class::Missed);
    let third = next(&cloud, "01:05:00", &settings);
    assert_eq!(cloud.known(&third).state, State::Launched, "and it bars nobody");
}

#[test]
fn a_tick_that_waits_is_missed_as_soon_as_it_is_too_late() {
    let settings = json!({"startWithin": "5m", "overlap": "queue"});
    for is_paused in [false, true] {
        let (cloud, first) = at_work(&settings);
        if is_paused {
            cloud.ledger.pause("hourly", Some(cloud.world.now()));
            cloud.restart();
        }
        let waiting = ["01:00:00", "01:01:00"].map(|time| next(&cloud, time, &settings));
        cloud.minutes(4);
        assert!(waiting.iter().all(|run| cloud.known(run).state == State::Admitted));
        cloud.minutes(3);
        assert_eq!(waiting.each_ref().map(|run| class(&cloud, run)), [Class::Missed; 2]);
        assert!(!cloud.known(&first).state.is_terminal(), "paused: {is_paused}");
    }
}

/// Settings of which the tick of one o'clock begins later than that.
fn late() -> Value {
    json!({"jitter": "10m", "overlap": "skip"})
}

/// When the tick of one o'clock is to begin, in seconds after its time.
fn place(cloud: &Cloud, run: &RunId) -> i64 {
    match cloud.known(run).waits {
        Some(Wait::Until(begins)) => begins.duration_since(cloud.world.now()).as_secs(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_tick_begins_at_its_place_in_the_jitter() {
    let cloud = Cloud::new();
    cloud.world.pass(HOUR);
    let run = next(&cloud, "01:00:00", &late());
    let place = place(&cloud, &run);
    assert!((61..600).contains(&place), "{place}: a sample that proves nothing");
    cloud.world.pass(place - 1);
    cloud.sweep().unwrap();
    assert_eq!(cloud.ecs.tasks().len(), 0, "not yet");
    cloud.world.pass(1);
    cloud.sweep().unwrap();
    assert_eq!(cloud.known(&run).state, State::Launched);
    assert_eq!(next(&cloud, "01:00:00", &late()), run, "an event that comes again changes nothing");
    assert_eq!(cloud.ecs.tasks().len(), 1);
}

#[test]
fn overlap_is_judged_when_a_tick_begins_and_not_before() {
    let (cloud, first) = at_work(&overlap("skip"));
    let second = next(&cloud, "01:00:00", &late());
    assert_eq!(cloud.known(&second).state, State::Admitted, "the first may be over by then");
    ends(&cloud, &first);
    cloud.minutes(11);
    assert_eq!(cloud.known(&second).state, State::Launched);
}
