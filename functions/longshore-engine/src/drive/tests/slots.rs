//! Runs of a trigger that allows only so many at once.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::{
    fakes::{Death, about, event, ready, together, ways},
    ports::Clock,
};

/// Delivers an event of the trigger, a second after whatever came before.
fn one_of(cloud: &Cloud, limit: u32, key: &str) -> Handled {
    cloud.world.pass(1);
    cloud.deliver(&about(key, &json!({"concurrency": limit, "retry": {"attempts": 1}}))).unwrap()
}

/// Objects in the order in which their tasks were started.
fn started(cloud: &Cloud) -> Vec<String> {
    let key = |task: &crate::fakes::FakeTask| task.launch.environment["LONGSHORE_KEY"].clone();
    cloud.ecs.tasks().iter().map(key).collect()
}

fn live(cloud: &Cloud) -> Vec<Run> {
    let is_live =
        |run: &Run| matches!(run.state, State::Launching | State::Launched | State::Running);
    cloud.ledger.runs().into_iter().filter(is_live).collect()
}

/// A cloud with a limit of one, where the first of three runs is launched; its task.
fn three_at_a_limit_of_one() -> (Cloud, String) {
    let cloud = Cloud::new();
    let keys = ["a", "b", "c"].map(str::to_owned);
    for key in &keys {
        one_of(&cloud, 1, key);
    }
    assert_eq!(started(&cloud), ["a"]);
    let task = cloud.task().arn;
    (cloud, task)
}

#[test]
fn ten_events_at_a_limit_of_one_run_strictly_one_at_a_time_and_in_order() {
    let cloud = Cloud::new();
    let keys: Vec<_> = (0..10).map(|nth| format!("object {nth}")).collect();
    for (nth, key) in keys.iter().enumerate() {
        let handled = one_of(&cloud, 1, key);
        assert_eq!(matches!(handled, Handled::Launched(_)), nth == 0, "{handled:?}");
    }
    for nth in 0..keys.len() {
        assert_eq!((live(&cloud).len(), cloud.ledger.slots().len()), (1, 1));
        let task = cloud.ecs.tasks().pop().unwrap().arn;
        let stopped = cloud.exit_of(&task, i32::try_from(nth % 2).unwrap());
        for _ in 0..2 {
            cloud.observe(&stopped).unwrap();
        }
    }
    assert_eq!(started(&cloud), keys);
    assert!(live(&cloud).is_empty() && cloud.ledger.slots().is_empty());
}

#[test]
fn a_limit_lets_as_many_run_at_once() {
    let cloud = Cloud::new();
    for nth in 0..10 {
        one_of(&cloud, 3, &format!("object {nth}"));
        assert_eq!(live(&cloud).len(), 3.min(nth + 1));
    }
    let task = cloud.ecs.tasks().remove(1).arn;
    cloud.observe(&cloud.exit_of(&task, 0)).unwrap();
    assert_eq!((started(&cloud).len(), live(&cloud).len()), (4, 3));
}

#[test]
fn a_run_keeps_its_slot_between_its_attempts() {
    let (cloud, task) =
        Cloud::with_a_launch_of(&about("a", &json!({"concurrency": 1, "retry": {"attempts": 2}})));
    cloud.deliver(&about("b", &json!({"concurrency": 1}))).unwrap();
    let stopped = cloud.exit_of(&task, 1);
    assert!(cloud.observe(&stopped).is_err(), "it comes back as a timer");
    assert_eq!(live(&cloud), []);
    cloud.minutes(1);
    assert_eq!(started(&cloud), ["a", "a"]);
}

#[test]
fn a_death_at_any_call_of_an_end_starts_the_next_one_once() {
    let observe = |cloud: &Cloud, task: &String| {
        let body = cloud.exit_of(task, 1);
        (cloud.observe(&body).is_ok(), body)
    };
    at_every_call(three_at_a_limit_of_one, observe, |cloud, _, (is_heard, body), at| {
        if !is_heard {
            cloud.observe(&body).unwrap();
        }
        cloud.minutes(3);
        assert_eq!(started(cloud), ["a", "b"], "{at}");
        assert_eq!((live(cloud).len(), cloud.ledger.slots().len()), (1, 1), "{at}");
        assert_eq!(cloud.outlet.read(Addressee::Failed).len(), 1, "{at}");
    });
}

#[test]
fn a_slot_freed_by_a_process_that_died_before_it_told_is_found_by_the_sweep() {
    let (cloud, task) = three_at_a_limit_of_one();
    let stopped = cloud.exit_of(&task, 0);
    // Read, settle.
    cloud.process.at(1, Death::After);
    cloud.observe(&stopped).unwrap_err();
    cloud.restart();
    assert_eq!((cloud.ledger.slots().len(), started(&cloud).len()), (0, 1));
    cloud.minutes(1);
    assert_eq!(started(&cloud), ["a", "b"]);
}

#[test]
fn a_new_event_does_not_overtake_those_who_wait() {
    let (cloud, task) = three_at_a_limit_of_one();
    let stopped = cloud.exit_of(&task, 0);
    cloud.process.at(1, Death::After);
    cloud.observe(&stopped).unwrap_err();
    cloud.restart();
    let handled = one_of(&cloud, 1, "d");
    assert!(matches!(handled, Handled::Admitted(_)), "{handled:?}");
    assert_eq!(started(&cloud), ["a", "b"]);
}

#[test]
fn a_death_at_any_call_of_the_sweep_that_starts_the_next_one_starts_it_once() {
    let scene = || {
        let (cloud, task) = three_at_a_limit_of_one();
        let stopped = cloud.exit_of(&task, 0);
        cloud.process.at(1, Death::After);
        cloud.observe(&stopped).unwrap_err();
        cloud.restart();
        (cloud, ())
    };
    let sweep = |cloud: &Cloud, (): &()| ready(cloud.sweeping(&cloud.fresh(), 0..=0, 60)).is_ok();
    at_every_call(scene, sweep, |cloud, (), _, at| {
        cloud.minutes(3);
        assert_eq!(started(cloud), ["a", "b"], "{at}");
        assert_eq!((live(cloud).len(), cloud.ledger.slots().len()), (1, 1), "{at}");
    });
}

#[test]
fn two_ends_and_a_new_event_at_once_never_exceed_the_limit() {
    for way in ways() {
        let cloud = Cloud::new();
        for key in ["a", "b", "c", "d"] {
            one_of(&cloud, 2, key);
        }
        let tasks = cloud.ecs.tasks();
        let [first, other] = [&tasks[0], &tasks[1]].map(|task| cloud.exit_of(&task.arn, 0));
        let (a, b) = (cloud.fresh(), cloud.fresh());
        let (first, other) =
            together(cloud.observation(&a, &first), cloud.observation(&b, &other), way);
        assert!(first.is_ok() && other.is_ok(), "{way:?}");
        assert!(live(&cloud).len() <= 2, "{way:?}");
        cloud.minutes(1);
        let keys: BTreeSet<_> = started(&cloud).into_iter().collect();
        assert_eq!(keys.len(), 4, "nobody is left waiting, {way:?}");
        assert_eq!(cloud.ecs.tasks().len(), 4, "and nobody comes twice, {way:?}");
    }
}

#[test]
fn two_new_events_at_once_fill_the_room_there_is_and_never_exceed_it() {
    for (limit, way) in [2, 3].into_iter().flat_map(|limit| ways().map(move |way| (limit, way))) {
        let cloud = Cloud::new();
        one_of(&cloud, limit, "a");
        let (a, b, now) = (cloud.fresh(), cloud.fresh(), cloud.world.now());
        let bodies = ["b", "c"].map(|key| about(key, &json!({"concurrency": limit})));
        let (first, other) =
            together(cloud.delivery(&a, &bodies[0], now), cloud.delivery(&b, &bodies[1], now), way);
        assert!(first.is_ok() && other.is_ok(), "{way:?}");
        let room = usize::try_from(limit).unwrap();
        assert_eq!(live(&cloud).len(), room, "at once, {way:?}");
        cloud.minutes(1);
        assert_eq!((live(&cloud).len(), cloud.ledger.slots().len()), (room, room), "{way:?}");
    }
}

#[test]
fn a_run_that_the_index_does_not_show_yet_is_started_all_the_same() {
    let cloud = Cloud::new();
    cloud.ledger.lags(true);
    let handled = one_of(&cloud, 1, "a");
    assert!(matches!(handled, Handled::Launched(_)), "{handled:?}");
    let running = event(&cloud.run(), &cloud.task().arn, "RUNNING", 3, 0);
    cloud.observe(&running).unwrap();
    one_of(&cloud, 1, "b");
    let task = cloud.task().arn;
    cloud.observe(&cloud.exit_of(&task, 0)).unwrap();
    cloud.ledger.lags(false);
    cloud.minutes(1);
    assert_eq!(started(&cloud), ["a", "b"]);
}

#[test]
fn a_refused_run_lets_the_next_one_go_first() {
    let cloud = Cloud::new();
    cloud.ecs.answers([crate::fakes::Answer::Refused(longshore::run::RefusalKind::Capacity)]);
    cloud.world.pass(1);
    let refused = cloud.deliver(&about("a", &json!({"concurrency": 2})));
    assert!(refused.is_err(), "it comes back as a timer");
    one_of(&cloud, 2, "b");
    assert_eq!(started(&cloud), ["b"]);
    assert_eq!(cloud.ledger.slots().len(), 2, "the refused one keeps its slot");
    cloud.minutes(1);
    assert_eq!(started(&cloud), ["b", "a"]);
}
