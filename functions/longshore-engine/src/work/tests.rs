use longshore::run::{State, WorkStatus};

use super::*;
use crate::{
    fakes::{Cloud, at_every_call, event, ready},
    ports::Clock,
};

fn result(status: WorkStatus) -> WorkResult {
    WorkResult::new(status, "")
}

fn claim(cloud: &Cloud, id: &LaunchId, task: &str) -> Fence {
    ready(claim_fence(&cloud.ledger, &*cloud.world, id, task)).unwrap()
}

fn ours(cloud: &Cloud, id: &LaunchId, task: &str) -> bool {
    ready(still_ours(&cloud.ledger, id, task)).unwrap()
}

fn reports(cloud: &Cloud, id: &LaunchId, task: &str, status: WorkStatus) -> bool {
    ready(report(&cloud.ledger, &*cloud.world, &id.run, task, result(status))).unwrap()
}

#[test]
fn the_task_of_the_launch_holds_the_fence_and_may_ask_again() {
    let (cloud, task) = Cloud::with_a_launched_run();
    let id = cloud.run().launch_id();
    assert!(!ours(&cloud, &id, &task), "nobody holds it yet");
    assert_eq!(claim(&cloud, &id, &task), Fence::Held);
    assert_eq!(claim(&cloud, &id, &task), Fence::Held);
    assert!(ours(&cloud, &id, &task));
}

#[test]
fn no_other_task_and_no_other_launch_gets_it() {
    let (cloud, task) = Cloud::with_a_launched_run();
    let id = cloud.run().launch_id();
    let mut before = cloud.run();
    for fenced in [false, true] {
        if fenced {
            claim(&cloud, &id, &task);
            before = cloud.run();
        }
        for (id, task) in [
            (&id, "another"),
            (&LaunchId { launch: 2, ..id.clone() }, task.as_str()),
            (&LaunchId { attempt: 2, ..id.clone() }, task.as_str()),
        ] {
            let Fence::Lost(reason) = claim(&cloud, id, task) else { panic!("{id} {task}") };
            assert!(reason.contains("its work belongs to"), "{reason}");
            assert!(!ours(&cloud, id, task));
        }
        assert_eq!(cloud.run(), before);
    }
}

#[test]
fn of_two_who_claim_at_once_one_gets_it() {
    let (cloud, task) = Cloud::with_an_unrecorded_launch();
    let (id, now) = (cloud.run().launch_id(), cloud.world.now());
    let step = Step::Fence { id: id.clone(), task: task.clone(), worker: None };
    cloud.ledger.intrude(0, move |run| {
        longshore::run::transition(&run, step, now, "intruder".into()).unwrap().run
    });
    assert!(matches!(claim(&cloud, &id, "another"), Fence::Lost(_)));
    assert!(ours(&cloud, &id, &task));
}

#[test]
fn an_ended_or_unknown_run_has_no_work() {
    let (cloud, task) = Cloud::with_a_launched_run();
    let id = cloud.run().launch_id();
    claim(&cloud, &id, &task);
    cloud.observe(&event(&cloud.run(), &task, "STOPPED", 5, 0)).unwrap();
    assert!(matches!(claim(&cloud, &id, &task), Fence::Lost(_)));
    assert!(!ours(&cloud, &id, &task));
    assert!(!reports(&cloud, &id, &task, WorkStatus::Done));
    let unknown: LaunchId = "ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/1/1".parse().unwrap();
    let Fence::Lost(reason) = claim(&cloud, &unknown, &task) else { panic!("nobody knows it") };
    assert!(reason.contains("is not in the ledger"), "{reason}");
    assert!(
        ready(report(&cloud.ledger, &*cloud.world, &unknown.run, &task, result(WorkStatus::Done)))
            .is_err()
    );
}

#[test]
fn a_death_at_any_call_leaves_the_fence_with_the_task_and_the_report_once() {
    let claims = |cloud: &Cloud, task: &String| {
        let id = cloud.task().launch.id;
        ready(claim_fence(&cloud.ledger, &*cloud.world, &id, task)).is_ok()
    };
    let deaths = at_every_call(Cloud::with_a_launched_run, claims, |cloud, task, _, at| {
        let id = cloud.task().launch.id;
        assert_eq!(claim(cloud, &id, task), Fence::Held, "{at}");
    });
    assert_eq!(deaths, 2 * 2, "read, write");
    let scene = || {
        let (cloud, task) = Cloud::with_a_launched_run();
        claim(&cloud, &cloud.run().launch_id(), &task);
        (cloud, task)
    };
    let done = |cloud: &Cloud, task: &String| {
        let result = result(WorkStatus::Done);
        ready(report(&cloud.ledger, &*cloud.world, &cloud.run().id, task, result)).is_ok()
    };
    at_every_call(scene, done, |cloud, task, _, at| {
        assert!(reports(cloud, &cloud.run().launch_id(), task, WorkStatus::Done), "{at}");
        assert_eq!(cloud.run().result, Some(result(WorkStatus::Done)), "{at}");
    });
}

#[test]
fn only_the_holder_reports_and_may_repeat_itself() {
    let (cloud, task) = Cloud::with_a_launched_run();
    let id = cloud.run().launch_id();
    assert!(!reports(&cloud, &id, &task, WorkStatus::Done), "without the fence");
    claim(&cloud, &id, &task);
    assert!(!reports(&cloud, &id, "another", WorkStatus::Done));
    assert!(reports(&cloud, &id, &task, WorkStatus::Done));
    let ver = cloud.run().ver;
    assert!(reports(&cloud, &id, &task, WorkStatus::Done), "its answer was lost");
    assert_eq!(cloud.run().ver, ver, "and nothing was written twice");
    assert_eq!(cloud.run().state, State::Running, "the end is for the task's stop to say");
}
