use longshore::run::{TOKEN_REUSE_SECS, WorkResult, WorkStatus};
use serde_json::Value;

use super::*;
use crate::{
    claim_fence,
    fakes::{Cloud, Death, event, message, ready, stopped},
    report,
};

/// Longer than a launched run waits for its events.
const EVENTS_ARE_LOST_SECS: i64 = 301;

fn does_the_work(cloud: &Cloud, task: &str, status: WorkStatus) {
    let run = cloud.run();
    let result = WorkResult { status, reason: "so it went".into(), summary: Value::Null };
    ready(claim_fence(&cloud.ledger, &*cloud.world, &run.launch_id(), task)).unwrap();
    assert!(ready(report(&cloud.ledger, &*cloud.world, &run.id, task, result)).unwrap());
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
    cloud.ecs.knows(stopped(&cloud.run(), &task, 0));
    cloud.world.pass(EVENTS_ARE_LOST_SECS);
    assert_eq!(cloud.sweep().unwrap(), Swept { seen: 1, troubled: 0 });
    assert_eq!(cloud.run().state, State::Succeeded);
    assert_eq!(cloud.sweep().unwrap(), Swept::default(), "an ended run is due no more");
    let late = event(&cloud.run(), &task, "STOPPED", 5, 0);
    cloud.observe(&late).unwrap();
    assert_eq!(cloud.ledger.counts(), [Class::Succeeded]);
}

#[test]
fn a_task_that_runs_is_looked_at_again_later() {
    let (cloud, task) = Cloud::with_a_launched_run();
    let mut running = stopped(&cloud.run(), &task, 0);
    running.status = longshore::run::TaskStatus::Running;
    cloud.ecs.knows(running);
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
        let (cloud, task) = Cloud::with_a_launched_run();
        does_the_work(&cloud, &task, status);
        cloud.world.pass(EVENTS_ARE_LOST_SECS);
        cloud.sweep().unwrap();
        assert_eq!(cloud.run().state, state);
        assert_eq!(
            cloud.run().outcome.unwrap().reason.contains("so it went"),
            status != WorkStatus::Done
        );
    }
}

#[test]
fn a_task_that_ecs_forgot_and_that_said_nothing_is_infrastructures_loss() {
    let (cloud, _) = Cloud::with_a_launched_run();
    cloud.world.pass(EVENTS_ARE_LOST_SECS);
    cloud.sweep().unwrap();
    assert_eq!(cloud.ledger.counts(), [Class::Infrastructure]);
    assert_eq!(cloud.failed.sent().len(), 1);
}

#[test]
fn the_task_of_an_unrecorded_launch_is_found_by_its_fence() {
    let (cloud, task) = Cloud::with_an_unrecorded_launch();
    does_the_work(&cloud, &task, WorkStatus::Done);
    // Nothing is delivered for so long that the token may not be used again.
    cloud.world.pass(TOKEN_REUSE_SECS);
    cloud.deliver(&message("v1", "0A")).unwrap();
    assert_eq!(cloud.run().state, State::Launched, "the fence names the task");
    cloud.sweep().unwrap();
    assert_eq!(cloud.run().state, State::Succeeded);
    assert_eq!(cloud.ecs.tasks().len(), 1);
}

#[test]
fn a_run_without_a_task_is_its_messages_to_drive() {
    let cloud = Cloud::new();
    cloud.process.at(2, Death::Before);
    drop(cloud.deliver(&message("v1", "0A")));
    cloud.process.restart();
    cloud.world.pass(EVENTS_ARE_LOST_SECS);
    let before = cloud.run();
    cloud.sweep().unwrap();
    assert_eq!(cloud.run(), before);
    cloud.deliver(&message("v1", "0A")).unwrap();
    assert_eq!(cloud.run().state, State::Launched);
}

#[test]
fn an_owed_message_is_sent_by_the_next_sweep() {
    let (cloud, task) = Cloud::with_a_launched_run();
    // Read and settle; the process dies before it asks what is owed.
    cloud.process.at(2, Death::Before);
    assert!(cloud.observe(&event(&cloud.run(), &task, "STOPPED", 5, 1)).is_err());
    cloud.process.restart();
    assert_eq!((cloud.run().state, cloud.failed.sent().len()), (State::Failed, 0));
    cloud.sweep().unwrap();
    cloud.sweep().unwrap();
    let sent = cloud.failed.sent();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(cloud.ledger.counts(), [Class::Work]);
}

#[test]
fn a_death_at_any_call_is_made_good_by_the_next_sweep() {
    for death in [Death::Before, Death::After] {
        let mut died = 0;
        // Every shard is one call, and those of the run come in between.
        for nth in 0..u32::from(SHARDS) + 8 {
            let (cloud, task) = Cloud::with_a_launched_run();
            cloud.ecs.knows(stopped(&cloud.run(), &task, 1));
            cloud.world.pass(EVENTS_ARE_LOST_SECS);
            cloud.process.at(nth, death);
            drop(cloud.sweep());
            died += u32::from(cloud.process.restart());
            cloud.world.pass(EVENTS_ARE_LOST_SECS);
            cloud.sweep().unwrap();
            assert_eq!(cloud.ledger.counts(), [Class::Work], "{death:?} call {nth}");
            let sent = cloud.failed.sent();
            assert!(matches!(sent.len(), 1 | 2), "{death:?} call {nth}: {sent:?}");
            assert_eq!(cloud.run().due, None);
        }
        assert!(died > u32::from(SHARDS), "{died}");
    }
}

#[test]
fn a_run_that_cannot_be_looked_at_keeps_no_other_waiting() {
    let (cloud, _) = Cloud::with_a_launched_run();
    cloud.deliver(&message("v2", "0B")).unwrap();
    for run in cloud.ledger.runs() {
        let task = run.task_arn.clone().unwrap();
        cloud.ecs.knows(stopped(&run, &task, 0));
    }
    let first = cloud.ledger.runs().remove(0);
    cloud.ecs.cannot_say(first.task_arn.as_deref().unwrap());
    cloud.world.pass(EVENTS_ARE_LOST_SECS);
    assert_eq!(cloud.sweep().unwrap(), Swept { seen: 2, troubled: 1 });
    let states: Vec<_> = cloud.ledger.runs().iter().map(|run| run.state).collect();
    assert_eq!(states, [State::Launched, State::Succeeded]);
}
