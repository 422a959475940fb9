use std::collections::BTreeMap;

use longshore::run::{Run, State, Wait};
use serde_json::json;

use crate::{
    Handled, Trouble,
    fakes::{Answer, Cloud, about, at_every_call, ready, together, ways},
    ports::Clock,
};

/// Fewer than the events of a storm.
const PER_SECOND: u32 = 4;

/// Most calls of RunTask within a second.
fn fastest(cloud: &Cloud) -> usize {
    let mut seconds: BTreeMap<i64, usize> = BTreeMap::new();
    for call in cloud.ecs.calls() {
        *seconds.entry(call.as_second()).or_default() += 1;
    }
    seconds.into_values().max().unwrap_or_default()
}

fn storm(cloud: &Cloud, events: u32) {
    for nth in 0..events {
        // Another process each time.
        let memory = cloud.fresh();
        let body = about(&format!("object {nth}"), &json!({}));
        let now = cloud.world.now();
        let handled = ready(cloud.delivery(&memory, &body, now));
        assert_eq!(is_launched(&handled), nth < PER_SECOND, "{handled:?}");
    }
}

/// Whether it is launched, or else its message comes back for a permit.
fn is_launched(handled: &Result<Handled, Trouble>) -> bool {
    match handled {
        Ok(Handled::Launched(_)) => true,
        Err(Trouble::Wait { wait_secs: 1, .. }) => false,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_small_burst_needs_no_sweep() {
    let cloud = Cloud::with_permits(PER_SECOND);
    let bodies: Vec<_> = (0..12).map(|nth| about(&format!("object {nth}"), &json!({}))).collect();
    let mut left: Vec<_> = bodies.iter().collect();
    for second in 0..3 {
        left.retain(|body| !is_launched(&cloud.deliver(body)));
        assert_eq!(left.len(), 8 - 4 * second);
        cloud.world.pass(1);
    }
    assert!(fastest(&cloud) <= 4);
}

#[test]
fn a_large_burst_is_the_sweeps() {
    let cloud = Cloud::with_permits(1);
    cloud.deliver(&about("first", &json!({}))).unwrap();
    let waits = about("second", &json!({}));
    cloud.deliver(&waits).unwrap_err();
    let busy = about("third", &json!({"name": "other"}));
    cloud.world.pass(10);
    cloud.deliver(&busy).unwrap();
    assert!(matches!(cloud.deliver(&waits), Ok(Handled::Admitted(_))), "its message is done with");
    cloud.minutes(1);
    assert_eq!(cloud.ecs.tasks().len(), 3);
}

#[test]
fn runs_without_a_permit_wait_and_the_sweep_drains_them_no_faster_than_allowed() {
    let cloud = Cloud::with_permits(PER_SECOND);
    storm(&cloud, 100);
    let waits = |run: &&Run| run.waits == Some(Wait::Permit);
    assert_eq!(cloud.ledger.runs().iter().filter(waits).count(), 96);
    cloud.minutes(1);
    let runs = cloud.ledger.runs();
    assert!(runs.iter().all(|run| run.state == State::Launched), "within one sweep");
    assert_eq!(cloud.ecs.calls().len(), 100);
    assert_eq!(fastest(&cloud), 4, "never more than {PER_SECOND} a second");
}

#[test]
fn what_an_outage_left_under_way_is_repaired_no_faster_than_allowed() {
    let cloud = Cloud::with_permits(1_000);
    cloud.ecs.answers([Answer::TimedOut; 100]);
    for nth in 0..100 {
        cloud.deliver(&about(&format!("object {nth}"), &json!({}))).unwrap();
    }
    cloud.world.pass(121);
    let slow = Cloud::slower(PER_SECOND);
    let swept = ready(cloud.sweeping(&slow, 0..=u8::MAX, 60)).unwrap();
    assert_eq!((swept.launched, swept.troubled), (100, 0));
    assert_eq!(cloud.ecs.tasks().len(), 100, "every one with its token");
    let again = cloud.ecs.calls().split_off(100);
    assert!(again.len() == 100 && again[99].as_second() - again[0].as_second() >= 20, "{again:?}");
}

#[test]
fn a_resumed_trigger_is_drained_within_one_sweep_no_faster_than_allowed() {
    let cloud = Cloud::with_permits(PER_SECOND);
    cloud.deliver(&about("first", &json!({}))).unwrap();
    cloud.ledger.pause("uploads", Some(cloud.world.now()));
    cloud.restart();
    for nth in 0..50 {
        cloud.deliver(&about(&format!("object {nth}"), &json!({}))).unwrap();
    }
    cloud.ledger.pause("uploads", None);
    cloud.minutes(1);
    assert_eq!(cloud.ecs.tasks().len(), 51);
    assert!(fastest(&cloud) <= 4);
}

#[test]
fn a_run_that_waits_for_a_permit_keeps_its_place_in_the_queue() {
    let cloud = Cloud::with_permits(1);
    for nth in 0..4 {
        cloud.world.pass(1);
        cloud.deliver(&about(&format!("object {nth}"), &json!({"concurrency": 1}))).unwrap();
    }
    for nth in 0..3 {
        let task = cloud.ecs.tasks().pop().unwrap();
        assert_eq!(task.launch.environment["LONGSHORE_KEY"], format!("object {nth}"));
        // Another trigger has taken the permit of this second, and then this one's runs go on.
        cloud.world.pass(1);
        cloud.deliver(&about(&format!("other {nth}"), &json!({"name": "other"}))).unwrap();
        cloud.observe(&cloud.exit_of(&task.arn, 0)).unwrap();
        assert_eq!(cloud.run_of(&task.arn).state, State::Succeeded);
        assert!(cloud.ledger.slots().is_empty());
        // Whoever comes next starts the oldest.
        cloud.world.pass(1);
        cloud.deliver(&about(&format!("late {nth}"), &json!({"concurrency": 1}))).unwrap();
    }
}

#[test]
fn two_sweeps_at_once_take_no_more_than_allowed() {
    for way in ways().step_by(7) {
        let cloud = Cloud::with_permits(PER_SECOND);
        storm(&cloud, 20);
        cloud.world.pass(60);
        let (a, b) = (cloud.fresh(), cloud.fresh());
        let all = 0..=u8::MAX;
        let (first, other) =
            together(cloud.sweeping(&a, all.clone(), 60), cloud.sweeping(&b, all, 60), way);
        assert!(first.is_ok() && other.is_ok());
        assert_eq!(cloud.ecs.calls().len(), 20, "{way:?}");
        // One that gave way after its permit calls in another's second.
        assert!(fastest(&cloud) <= 5, "{way:?}");
    }
}

#[test]
fn a_busy_process_takes_more_permits_at_once_and_another_still_gets_some() {
    let cloud = Cloud::with_permits(18);
    for nth in 0..30 {
        let handled = cloud.deliver(&about(&format!("object {nth}"), &json!({})));
        assert_eq!(is_launched(&handled), nth < 18);
    }
    assert_eq!(fastest(&cloud), 18);
    cloud.world.pass(1);
    let other = cloud.fresh();
    let now = cloud.world.now();
    cloud.deliver(&about("mine", &json!({}))).unwrap();
    let body = about("another's", &json!({}));
    let handled = ready(cloud.delivery(&other, &body, now)).unwrap();
    assert!(matches!(handled, Handled::Launched(_)), "{handled:?}");
}

#[test]
fn each_kind_of_capacity_has_its_own_permits() {
    let cloud = Cloud::with_permits(1);
    for provider in ["FARGATE", "FARGATE_SPOT"] {
        let capacity = json!([{"provider": provider, "weight": 1}]);
        let settings = json!({"name": provider, "task": {"capacity": capacity}});
        for nth in 0..2 {
            let handled = cloud.deliver(&about(&format!("object {nth}"), &settings));
            assert_eq!(is_launched(&handled), nth == 0, "{provider}: {handled:?}");
        }
    }
}

#[test]
fn a_death_at_any_call_without_a_permit_loses_nothing() {
    let body = about("second", &json!({}));
    let scene = || {
        let cloud = Cloud::with_permits(1);
        cloud.deliver(&about("first", &json!({}))).unwrap();
        (cloud, ())
    };
    at_every_call(
        scene,
        |cloud, ()| cloud.deliver(&body),
        |cloud, (), first, at| {
            if first.is_err() {
                is_launched(&cloud.deliver(&body));
            }
            cloud.minutes(3);
            let launched = |run: &Run| run.state == State::Launched;
            assert!(cloud.ledger.runs().iter().all(launched), "{at}");
            assert_eq!((cloud.ecs.calls().len(), fastest(cloud)), (2, 1), "{at}");
        },
    );
}

#[test]
fn a_backlog_of_one_trigger_keeps_no_other_waiting() {
    let cloud = Cloud::with_permits(PER_SECOND);
    storm(&cloud, 300);
    let fresh = |nth: u32| about(&format!("fresh {nth}"), &json!({"name": "zebra"}));
    for nth in 0..8 {
        assert!(!is_launched(&cloud.deliver(&fresh(nth))));
    }
    let began = cloud.world.now();
    ready(cloud.sweeping(&cloud.fresh(), 0..=u8::MAX, 120)).unwrap();
    let runs = cloud.ledger.runs();
    assert!(runs.iter().all(|run| run.state == State::Launched), "all within one sweep");
    let waited = |run: &Run| run.since.unwrap().duration_since(began).as_secs();
    let of = |name: &str| runs.iter().filter(move |run| run.trigger == name).map(waited).max();
    assert!(of("uploads") >= Some(70), "the backlog takes its time: {:?}", of("uploads"));
    assert!(of("zebra") <= Some(10), "{:?}", of("zebra"));
}
