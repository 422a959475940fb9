//! Tasks that do not start in time or run too long.

use super::*;
use crate::fakes::event;

/// The trigger's default.
const START_TIMEOUT_SECS: i64 = 300;
const TIMEOUT_SECS: i64 = 600;

fn with_timeout(attempts: u32) -> (Cloud, String) {
    let settings = json!({"task": {"timeout": "10m"}, "retry": {"attempts": attempts}});
    Cloud::with_a_launch_of(&with_settings("v1", "0A", &settings))
}

/// A cloud whose run is running, its task's ARN.
fn running(attempts: u32) -> (Cloud, String) {
    let (cloud, task) = with_timeout(attempts);
    cloud.runs(&task);
    cloud.observe(&event(&cloud.run(), &task, "RUNNING", 3, 0)).unwrap();
    (cloud, task)
}

#[test]
fn a_task_that_does_not_start_in_time_is_stopped_and_another_one_started() {
    let (cloud, task) = with_timeout(1);
    cloud.world.pass(START_TIMEOUT_SECS - 1);
    cloud.sweep().unwrap();
    assert!(cloud.task().stops.is_empty(), "not a second too early");
    cloud.minutes(1);
    assert_eq!(cloud.task().stops, ["longshore: did not start within 300 s"]);
    cloud.observe(&cloud.stop_of(&task)).unwrap_err();
    let run = cloud.run();
    assert_eq!((run.state, run.spent.start, run.spent.work), (State::Backoff, 1, 0));
    cloud.minutes(1);
    assert_eq!((cloud.run().state, cloud.run().stopping), (State::Launched, None));
    assert_eq!(cloud.ecs.tasks().len(), 2);
}

#[test]
fn a_task_that_runs_too_long_is_stopped_and_that_is_a_failure_of_the_work() {
    let (cloud, task) = running(1);
    cloud.world.pass(TIMEOUT_SECS - 1);
    cloud.sweep().unwrap();
    assert!(cloud.task().stops.is_empty(), "not a second too early");
    cloud.minutes(1);
    assert_eq!(cloud.task().stops, ["longshore: ran longer than 600 s"]);
    cloud.observe(&cloud.stop_of(&task)).unwrap();
    assert_eq!(cloud.ledger.counts(), [Class::Work]);
    assert_eq!(cloud.run().outcome.unwrap().reason, "ran longer than 600 s");
    assert_eq!(cloud.outlet.sent(Addressee::Failed).len(), 1);
}

#[test]
fn a_task_that_was_stopped_by_somebody_else_is_cancelled() {
    let (cloud, task) = running(3);
    ready(crate::ports::Ecs::stop(&cloud.ecs, "", &task, "by hand")).unwrap();
    cloud.observe(&cloud.stop_of(&task)).unwrap();
    assert_eq!(cloud.run().state, State::Cancelled);
}

#[test]
fn a_task_that_stops_by_itself_while_it_is_stopped_has_its_own_outcome() {
    let (cloud, task) = running(1);
    cloud.exits(&task, 0);
    cloud.world.pass(TIMEOUT_SECS);
    cloud.sweep().unwrap();
    assert_eq!(cloud.run().state, State::Succeeded);
    assert!(cloud.task().stops.is_empty());
}

#[test]
fn the_stop_itself_is_found_though_its_event_is_lost() {
    let (cloud, _) = running(1);
    cloud.world.pass(TIMEOUT_SECS);
    cloud.sweep().unwrap();
    cloud.minutes(1);
    assert_eq!(cloud.ledger.counts(), [Class::Work]);
}

#[test]
fn a_stop_that_is_not_heard_is_said_again() {
    let (cloud, task) = running(1);
    cloud.ecs.change(&task, |task| task.ignores_stops = true);
    cloud.world.pass(TIMEOUT_SECS);
    cloud.sweep().unwrap();
    cloud.minutes(2);
    assert_eq!(cloud.task().stops.len(), 3);
}

#[test]
fn a_death_at_any_call_of_a_stop_stops_the_task_and_ends_the_run_once() {
    let scene = || {
        let (cloud, _) = running(1);
        cloud.world.pass(TIMEOUT_SECS);
        let shard = crate::fakes::shard(&cloud.run().id);
        (cloud, shard)
    };
    let sweep = |cloud: &Cloud, shard: &u8| {
        ready(cloud.sweeping(&cloud.fresh(), *shard..=*shard, 60)).is_ok()
    };
    at_every_call(scene, sweep, |cloud, _, _, at| {
        cloud.minutes(2);
        assert_eq!(cloud.ledger.counts(), [Class::Work], "{at}");
        assert!((1..=2).contains(&cloud.task().stops.len()), "{at}");
        assert_eq!(cloud.run().outcome.unwrap().reason, "ran longer than 600 s", "{at}");
    });
}
