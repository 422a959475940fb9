use longshore::run::{Addressee, TOKEN_REUSE_SECS, WorkResult, WorkStatus};
use serde_json::json;

use super::*;
use crate::{
    claim_fence,
    fakes::{Cloud, at_every_call, message, ready, together, ways, with_settings},
    report,
};

mod bounds;
mod deadlines;
mod unheard;

/// Longer than a launched run waits for its events.
const EVENTS_ARE_LOST_SECS: i64 = 241;
/// Longer than ECS may not tell of a new task.
const TOLD_OF_SECS: i64 = 301;

fn does_the_work(cloud: &Cloud, task: &str, status: WorkStatus) {
    let run = cloud.run();
    let result = WorkResult::new(status, "so it went");
    ready(claim_fence(&cloud.ledger, &*cloud.world, &run.launch_id(), task)).unwrap();
    assert!(ready(report(&cloud.ledger, &*cloud.world, &run.id, task, result)).unwrap());
}

/// A cloud whose only run has one attempt and is launched.
fn one_attempt() -> (Cloud, String) {
    Cloud::with_a_launch_of(&with_settings("v1", "0A", &json!({"retry": {"attempts": 1}})))
}

#[test]
fn a_run_that_is_not_due_is_left_alone() {
    let (cloud, _) = Cloud::with_a_launched_run();
    let before = cloud.run();
    assert_eq!(cloud.sweep().unwrap(), Swept::default());
    assert_eq!(cloud.run(), before);
}

#[test]
fn a_lost_stop_is_found() {
    let (cloud, task) = Cloud::with_a_launched_run();
    let late = cloud.exit_of(&task, 0);
    cloud.world.pass(EVENTS_ARE_LOST_SECS);
    assert_eq!(cloud.sweep().unwrap(), Swept { seen: 1, troubled: 0, launched: 0 });
    assert_eq!(cloud.run().state, State::Succeeded);
    assert_eq!(cloud.sweep().unwrap(), Swept::default(), "an ended run is due no more");
    cloud.observe(&late).unwrap();
    assert_eq!(cloud.ledger.counts(), [Class::Succeeded]);
    assert_eq!(cloud.outlet.sent(Addressee::Bus).len(), 1);
}

#[test]
fn a_task_that_runs_is_looked_at_again_later() {
    let (cloud, task) = Cloud::with_a_launched_run();
    cloud.runs(&task);
    for _ in 0..3 {
        cloud.world.pass(EVENTS_ARE_LOST_SECS);
        assert_eq!(cloud.sweep().unwrap().seen, 1);
        assert_eq!(cloud.run().state, State::Running);
        assert_eq!(cloud.sweep().unwrap().seen, 0, "not before it is due again");
    }
}

#[test]
fn a_task_that_ecs_forgot_ended_as_its_worker_said() {
    for (status, state) in [
        (WorkStatus::Done, State::Succeeded),
        (WorkStatus::Superseded, State::Superseded),
        (WorkStatus::Failed, State::Failed),
    ] {
        let (cloud, task) = one_attempt();
        does_the_work(&cloud, &task, status);
        cloud.forgets(&task);
        cloud.world.pass(TOLD_OF_SECS);
        cloud.sweep().unwrap();
        let run = cloud.run();
        assert_eq!(run.state, state);
        let says_so = run.outcome.unwrap().reason.contains("so it went");
        assert_eq!(says_so, status != WorkStatus::Done);
    }
}

#[test]
fn a_task_that_ecs_forgot_and_that_said_nothing_is_infrastructures_loss() {
    let (cloud, task) = one_attempt();
    cloud.forgets(&task);
    cloud.world.pass(TOLD_OF_SECS);
    cloud.sweep().unwrap();
    let run = cloud.run();
    assert_eq!((run.state, run.attempt), (State::Backoff, 2));
    assert_eq!((run.spent.losses, run.spent.work), (1, 0), "not the user's");
    cloud.minutes(1);
    assert_eq!(cloud.ecs.tasks().len(), 2);
}

#[test]
fn a_new_task_that_ecs_does_not_tell_of_yet_is_not_lost() {
    let (cloud, task) = one_attempt();
    let known = cloud.task().known;
    cloud.forgets(&task);
    cloud.world.pass(EVENTS_ARE_LOST_SECS);
    cloud.sweep().unwrap();
    assert_eq!((cloud.run().state, cloud.ecs.calls().len()), (State::Launched, 1));
    cloud.ecs.change(&task, |task| task.known = known);
    cloud.exits(&task, 0);
    cloud.minutes(5);
    assert_eq!(cloud.run().state, State::Succeeded);
}

#[test]
fn the_task_of_an_unrecorded_launch_is_found_by_its_fence() {
    let (cloud, task) = Cloud::with_an_unrecorded_launch();
    does_the_work(&cloud, &task, WorkStatus::Done);
    assert_eq!(cloud.run().state, State::Running, "the fence names the task");
    // Nothing is delivered for so long that the token may not be used again.
    cloud.exits(&task, 0);
    cloud.world.pass(TOKEN_REUSE_SECS);
    cloud.deliver(&message("v1", "0A")).unwrap();
    cloud.sweep().unwrap();
    assert_eq!(cloud.run().state, State::Succeeded);
    assert_eq!(cloud.ecs.calls().len(), 1);
}

#[test]
fn a_death_at_any_call_is_made_good_by_the_next_sweep() {
    let scene = || {
        let (cloud, task) = one_attempt();
        cloud.exits(&task, 1);
        cloud.world.pass(EVENTS_ARE_LOST_SECS);
        (cloud, ())
    };
    let deaths = at_every_call(
        scene,
        |cloud, ()| cloud.sweep().is_ok(),
        |cloud, (), _, at| {
            cloud.minutes(5);
            assert_eq!(cloud.ledger.counts(), [Class::Work], "{at}");
            for to in [Addressee::Failed, Addressee::Bus] {
                assert_eq!(cloud.outlet.read(to).len(), 1, "{at}");
            }
            assert_eq!(cloud.run().due, None, "{at}");
        },
    );
    assert!(deaths > 2 * 256, "each shard is a call: {deaths}");
}

#[test]
fn a_death_at_any_call_while_it_repairs_a_lost_launch_starts_no_second_task() {
    let scene = || {
        let (cloud, _) = Cloud::with_an_unrecorded_launch();
        cloud.world.pass(121);
        let shard = crate::fakes::shard(&cloud.run().id);
        (cloud, shard)
    };
    let sweep = |cloud: &Cloud, shard: &u8| {
        ready(cloud.sweeping(&cloud.fresh(), *shard..=*shard, 60)).is_ok()
    };
    at_every_call(scene, sweep, |cloud, _, _, at| {
        cloud.minutes(3);
        assert_eq!(cloud.run().task_arn, Some(cloud.task().arn), "{at}");
        assert_eq!(cloud.run().launch, 1, "{at}");
    });
}

#[test]
fn two_sweeps_at_once_end_a_run_once_and_launch_it_once() {
    for way in ways() {
        let (cloud, task) = Cloud::with_a_launched_run();
        cloud.exits(&task, 1);
        cloud.world.pass(EVENTS_ARE_LOST_SECS);
        for _ in 0..2 {
            let shard = crate::fakes::shard(&cloud.run().id);
            let (a, b) = (cloud.fresh(), cloud.fresh());
            let (first, other) = together(
                cloud.sweeping(&a, shard..=shard, 60),
                cloud.sweeping(&b, shard..=shard, 60),
                way,
            );
            assert!(first.is_ok() && other.is_ok(), "{way:?}");
            cloud.world.pass(5);
        }
        let run = cloud.run();
        assert_eq!((run.attempt, run.spent.work), (2, 1), "{way:?}");
        assert_eq!(cloud.ecs.calls().len(), 2, "{way:?}");
        assert_eq!(run.state, State::Launched, "{way:?}");
    }
}
