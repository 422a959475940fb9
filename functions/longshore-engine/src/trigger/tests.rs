use longshore::run::{Addressee, Class, State};
use serde_json::json;

use super::*;
use crate::{
    fakes::{Cloud, Death, at_every_call, message, ready, together, ways, with_settings},
    ports::Clock,
};

mod clocks;
mod refusals;

/// Minutes in which a lost launch is made good.
const LAUNCHED_MINUTES: u32 = 3;
/// Minutes in which a lost event is made good.
const ENDED_MINUTES: u32 = 5;

#[test]
fn five_deliveries_are_one_run_and_one_task() {
    let cloud = Cloud::new();
    let handled: Vec<_> = (0..5).map(|_| cloud.deliver(&message("v1", "0A")).unwrap()).collect();
    let id = cloud.run().id;
    let duplicate = Handled::Duplicate(id.clone());
    assert_eq!(handled[0], Handled::Launched(id));
    assert!(handled[1..].iter().all(|handled| *handled == duplicate), "{handled:?}");
    assert_eq!(cloud.ecs.calls().len(), 1);
}

#[test]
fn two_deliveries_at_once_are_one_run_and_one_call() {
    for way in ways() {
        let cloud = Cloud::new();
        let (a, b, body) = (cloud.fresh(), cloud.fresh(), message("v1", "0A"));
        let now = cloud.world.now();
        let (first, other) =
            together(cloud.delivery(&a, &body, now), cloud.delivery(&b, &body, now), way);
        assert!(first.is_ok() && other.is_ok(), "{way:?}: {first:?} {other:?}");
        assert_eq!(cloud.run().state, State::Launched, "{way:?}");
        assert_eq!(cloud.ecs.calls().len(), 1, "{way:?}");
    }
}

#[test]
fn two_versions_at_once_are_one_task_at_a_time() {
    for way in ways() {
        let cloud = Cloud::new();
        let (a, b) = (cloud.fresh(), cloud.fresh());
        let (older, newer) = (message("v1", "0A"), message("v2", "0B"));
        let now = cloud.world.now();
        let (first, other) =
            together(cloud.delivery(&a, &older, now), cloud.delivery(&b, &newer, now), way);
        assert!(first.is_ok() && other.is_ok(), "{way:?}: {first:?} {other:?}");
        assert_eq!(cloud.ecs.tasks().len(), 1, "{way:?}");
        let first = cloud.ecs.tasks().remove(0);
        cloud.observe(&cloud.exit_of(&first.arn, 0)).unwrap();
        cloud.minutes(2);
        let last = cloud.ecs.tasks().pop().unwrap();
        assert_eq!(last.launch.environment["LONGSHORE_VERSION_ID"], "v2", "{way:?}");
    }
}

#[test]
fn a_death_at_any_call_ends_in_one_run_one_task_and_one_end() {
    let body = message("v1", "0A");
    let scene = || (Cloud::new(), ());
    let deliver = |cloud: &Cloud, (): &()| cloud.deliver(&body);
    let deaths = at_every_call(scene, deliver, |cloud, (), first, at| {
        // What is acknowledged does not come again.
        if first.is_err() {
            cloud.deliver(&body).unwrap();
        }
        cloud.minutes(LAUNCHED_MINUTES);
        let (run, task) = (cloud.run(), cloud.task());
        assert_eq!((run.state, run.attempt, run.launch), (State::Launched, 1, 1), "{at}");
        assert_eq!(run.task_arn.as_ref(), Some(&task.arn), "{at}");
        cloud.exits(&task.arn, 0);
        cloud.minutes(ENDED_MINUTES);
        assert_eq!(cloud.run().state, State::Succeeded, "{at}");
        assert_eq!(cloud.ledger.counts(), [Class::Succeeded], "{at}");
        assert_eq!(cloud.outlet.read(Addressee::Bus).len(), 1, "{at}");
        assert_eq!(cloud.outlet.sent(Addressee::Failed), [], "{at}");
    });
    let calls = "look, remember, look, admit, permit, claim, RunTask, record";
    assert_eq!(deaths, 2 * 8, "{calls}");
}

#[test]
fn an_older_version_is_superseded_and_starts_nothing() {
    let cloud = Cloud::new();
    cloud.deliver(&message("v2", "0B")).unwrap();
    for _ in 0..2 {
        let handled = cloud.deliver(&message("v1", "0A")).unwrap();
        assert!(matches!(handled, Handled::Superseded(_)), "{handled:?}");
    }
    assert_eq!(cloud.ledger.counts(), [Class::Superseded], "counted, once");
    cloud.minutes(1);
    assert_eq!(cloud.outlet.sent(Addressee::Bus).len(), 1);
    assert_eq!(cloud.ecs.calls().len(), 1);
}

#[test]
fn every_version_runs_where_all_count() {
    let cloud = Cloud::new();
    for (version, sequencer) in [("v2", "0B"), ("v1", "0A"), ("v3", "0C")] {
        let handled =
            cloud.deliver(&with_settings(version, sequencer, &json!({"order": "all"}))).unwrap();
        assert!(matches!(handled, Handled::Launched(_)), "{handled:?}");
    }
    assert_eq!(cloud.ecs.tasks().len(), 3);
}

#[test]
fn the_first_event_of_an_identity_counts() {
    let cloud = Cloud::new();
    cloud.deliver(&message("v1", "0A")).unwrap();
    let forged = message("v1", "0A").replace(r#""etag":"e""#, r#""etag":"forged""#);
    assert_ne!(forged, message("v1", "0A"));
    assert_eq!(cloud.deliver(&forged).unwrap(), Handled::Duplicate(cloud.run().id));
    assert_eq!(cloud.run().input.object().unwrap().etag.as_deref(), Some("e"));
}

#[test]
fn what_can_never_become_a_run_is_dead_lettered_before_anything_is_touched() {
    let foreign =
        message("v1", "0A").replace(r#""name":"uploads"},"object""#, r#""name":"evil"},"object""#);
    let command = json!({"task": {"command": ["x".repeat(8_192)]}});
    let long = with_settings("v1", "0A", &command);
    for body in ["", "{}", &foreign, &long] {
        let cloud = Cloud::new();
        let Handled::DeadLettered(rejected) = cloud.deliver(body).unwrap() else {
            panic!("{body}")
        };
        assert_eq!(cloud.dead_letters.sent(), [(body.to_owned(), rejected.to_string())]);
        assert!(cloud.ledger.runs().is_empty() && cloud.ecs.tasks().is_empty());
        cloud.process.at(0, Death::Before);
        assert!(cloud.deliver(body).is_err(), "it comes back until the dead letter is sent");
    }
}

/// A cloud whose only run is in every state, by how it came there.
fn runs_in_every_state() -> Vec<(&'static str, Cloud)> {
    let launched = || Cloud::with_a_launched_run();
    let ended = |exit_code| {
        let (cloud, task) =
            Cloud::with_a_launch_of(&with_settings("v1", "0A", &json!({"retry": {"attempts": 1}})));
        cloud.observe(&cloud.exit_of(&task, exit_code)).unwrap();
        cloud
    };
    let admitted = Cloud::new();
    admitted.process.at(4, Death::Before);
    admitted.deliver(&message("v1", "0A")).unwrap_err();
    admitted.restart();
    let running = launched();
    running.0.runs(&running.1);
    vec![
        ("admitted", admitted),
        ("launching", Cloud::with_an_unrecorded_launch().0),
        ("launched", launched().0),
        ("running", running.0),
        ("succeeded", ended(0)),
        ("failed", ended(1)),
    ]
}

#[test]
fn a_duplicate_is_acknowledged_whatever_the_runs_state() {
    for (name, cloud) in runs_in_every_state() {
        for copy in 0..3 {
            let handled = cloud.deliver(&message("v1", "0A"));
            assert!(handled.is_ok(), "{name}, copy {copy}: {handled:?}");
        }
        assert_eq!((cloud.ledger.runs().len(), cloud.ecs.tasks().len()), (1, 1), "{name}");
    }
}

#[test]
fn a_known_trigger_costs_no_call_for_a_while() {
    let cloud = Cloud::new();
    cloud.deliver(&message("v1", "0A")).unwrap();
    // Conflict with the run that is there.
    cloud.process.at(1, Death::Before);
    cloud.deliver(&message("v1", "0A")).unwrap();
    assert!(!cloud.restart());
    assert!(ready(cloud.delivery(&cloud.fresh(), &message("v1", "0A"), cloud.world.now())).is_ok());
}
