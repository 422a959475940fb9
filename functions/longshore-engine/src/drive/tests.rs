use longshore::run::{Addressee, Class, Wait};

use super::*;
use crate::{
    Handled,
    fakes::{Cloud, at_every_call, message},
};

mod slots;

/// Minutes in which a run that nobody told goes on.
const TOLD_BY_SWEEP_MINUTES: u32 = 2;

/// Delivers a version; its run.
fn version(cloud: &Cloud, version: &str, sequencer: &str) -> RunId {
    match cloud.deliver(&message(version, sequencer)).unwrap() {
        Handled::Launched(id) | Handled::Admitted(id) => id,
        other => panic!("{other:?}"),
    }
}

/// A cloud in which the second version waits for the first; the first one's task, and both runs.
fn a_newer_one_waits() -> (Cloud, (String, RunId, RunId)) {
    let (cloud, task) = Cloud::with_a_launched_run();
    let older = cloud.run().id;
    let newer = version(&cloud, "v2", "0B");
    (cloud, (task, older, newer))
}

#[test]
fn a_newer_version_waits_for_the_older_run_and_is_launched_when_it_ends() {
    for exit_code in [0, 3] {
        let (cloud, (task, older, newer)) = a_newer_one_waits();
        assert_eq!(cloud.known(&newer).waits, Some(Wait::Older(older)));
        cloud.minutes(3);
        assert_eq!(cloud.ecs.calls().len(), 1, "however long it takes");
        cloud.observe(&cloud.exit_of(&task, exit_code)).unwrap();
        assert_eq!(cloud.known(&newer).state, State::Launched, "at once");
    }
}

#[test]
fn an_intermediate_version_is_superseded_without_a_launch() {
    let (cloud, (task, _, second)) = a_newer_one_waits();
    let third = version(&cloud, "v3", "0C");
    cloud.observe(&cloud.exit_of(&task, 0)).unwrap();
    assert_eq!(cloud.known(&third).state, State::Launched);
    cloud.minutes(TOLD_BY_SWEEP_MINUTES);
    let second = cloud.known(&second);
    assert_eq!(second.state, State::Superseded);
    assert!(second.outcome.unwrap().reason.contains(third.as_str()));
    assert_eq!(cloud.ecs.tasks().len(), 2);
    assert_eq!(cloud.ledger.counts(), [Class::Succeeded, Class::Superseded]);
}

#[test]
fn an_overtaken_run_gets_no_other_attempt() {
    let (cloud, (task, older, newer)) = a_newer_one_waits();
    assert!(cloud.observe(&cloud.exit_of(&task, 1)).is_err(), "it comes back as a timer");
    cloud.minutes(TOLD_BY_SWEEP_MINUTES);
    assert_eq!(cloud.known(&older).state, State::Superseded);
    assert_eq!(cloud.known(&newer).state, State::Launched);
    assert_eq!(cloud.ecs.tasks().len(), 2);
}

#[test]
fn a_death_at_any_call_of_the_older_runs_end_launches_the_newer_one_once() {
    let observe = |cloud: &Cloud, (task, ..): &(String, RunId, RunId)| {
        let body = cloud.exit_of(task, 0);
        (cloud.observe(&body).is_ok(), body)
    };
    let deaths = at_every_call(a_newer_one_waits, observe, |cloud, scene, (is_heard, body), at| {
        let (_, older, newer) = scene;
        if !is_heard {
            cloud.observe(&body).unwrap();
        }
        cloud.minutes(3);
        let states = [older, newer].map(|id| cloud.known(id).state);
        assert_eq!(states, [State::Succeeded, State::Launched], "{at}");
        let tasks = cloud.ecs.tasks();
        assert_eq!((tasks.len(), tasks[1].launch.id.launch), (2, 1), "{at}");
        assert_eq!(cloud.outlet.read(Addressee::Bus).len(), 1, "{at}");
    });
    assert!(deaths > 2 * 9, "{deaths}");
}

#[test]
fn a_death_at_any_call_of_a_newer_versions_delivery_loses_neither() {
    let body = message("v2", "0B");
    let deliver = |cloud: &Cloud, _: &String| cloud.deliver(&body);
    at_every_call(Cloud::with_a_launched_run, deliver, |cloud, task, first, at| {
        if first.is_err() {
            cloud.deliver(&body).unwrap();
        }
        cloud.runs(task);
        cloud.minutes(2);
        assert_eq!(cloud.ecs.tasks().len(), 1, "{at}");
        cloud.observe(&cloud.exit_of(task, 0)).unwrap();
        cloud.minutes(2);
        let states = cloud.ledger.runs().into_iter().map(|run| run.state);
        let states: std::collections::BTreeSet<_> = states.map(State::word).collect();
        assert_eq!(states.into_iter().collect::<Vec<_>>(), ["launched", "succeeded"], "{at}");
    });
}
