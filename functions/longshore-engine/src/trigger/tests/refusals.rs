//! What ECS answers to the first RunTask call, and what becomes of the message.

use longshore::run::{LaunchRefusal, RefusalKind, Step, TOKEN_REUSE_SECS, transition};

use super::*;
use crate::fakes::{Answer, DEFINITION, lock};

/// Longer than a lease.
const LEASE_LAPSES_SECS: i64 = 121;

fn waits(answer: Result<Handled, Trouble>) -> u32 {
    match answer {
        Err(Trouble::Wait { wait_secs, .. }) => wait_secs,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_lost_answer_is_repaired_by_the_sweep_with_the_same_token() {
    for answer in [Answer::Throttled, Answer::TimedOut] {
        let cloud = Cloud::new();
        cloud.ecs.answers([answer; 2]);
        let handled = cloud.deliver(&message("v1", "0A")).unwrap();
        assert_eq!(handled, Handled::Duplicate(cloud.run().id), "it is the sweep's from now on");
        assert_eq!(cloud.run().state, State::Launching, "nothing is written");
        cloud.minutes(1);
        assert_eq!(cloud.ecs.calls().len(), 1, "the lease holds, its driver may not");
        cloud.minutes(2);
        assert_eq!((cloud.ecs.calls().len(), cloud.run().state), (2, State::Launching));
        cloud.minutes(3);
        let (run, task) = (cloud.run(), cloud.task());
        assert_eq!((run.state, run.launch), (State::Launched, 1), "{answer:?}");
        assert_eq!(run.task_arn, Some(task.arn));
    }
}

#[test]
fn a_token_that_ecs_may_have_forgotten_is_not_used_again() {
    let cloud = Cloud::new();
    cloud.ecs.answers([Answer::Throttled]);
    cloud.deliver(&message("v1", "0A")).unwrap();
    cloud.world.pass(TOKEN_REUSE_SECS);
    cloud.sweep().unwrap();
    assert_eq!((cloud.run().state, cloud.task().launch.id.launch), (State::Launched, 2));
}

#[test]
fn a_conflict_names_the_task_that_the_token_started() {
    let cloud = Cloud::new();
    cloud.ecs.answers([Answer::TimedOut]);
    cloud.deliver(&message("v1", "0A")).unwrap();
    let task = cloud.task().arn;
    cloud.ecs.change(&task, |task| task.launch.task.command = vec!["other".into()]);
    cloud.world.pass(LEASE_LAPSES_SECS);
    let handled = cloud.deliver(&message("v1", "0A")).unwrap();
    assert_eq!(handled, Handled::Launched(cloud.run().id));
    assert_eq!(cloud.run().task_arn, Some(task));
}

#[test]
fn settings_that_change_between_two_tries_do_not_change_the_launch() {
    let cloud = Cloud::new();
    cloud.ecs.answers([Answer::Throttled]);
    cloud.deliver(&message("v1", "0A")).unwrap();
    cloud.world.pass(LEASE_LAPSES_SECS);
    cloud.deliver(&message("v1", "0A").replace("worker:7", "worker:8")).unwrap();
    assert_eq!(cloud.task().launch.task.definition, DEFINITION);
}

#[test]
fn a_limit_that_comes_between_two_tries_strands_no_launch() {
    for (after_secs, launches) in [(LEASE_LAPSES_SECS, 1), (TOKEN_REUSE_SECS, 2)] {
        let cloud = Cloud::new();
        cloud.ecs.answers([Answer::Throttled]);
        cloud.deliver(&message("v1", "0A")).unwrap();
        cloud.world.pass(after_secs);
        cloud.deliver(&with_settings("v1", "0A", &json!({"concurrency": 1}))).unwrap();
        cloud.minutes(1);
        assert_eq!((cloud.run().state, cloud.run().launch), (State::Launched, launches));
    }
}

#[test]
fn a_refused_launch_comes_back_as_a_timer_with_another_token() {
    let cloud = Cloud::new();
    cloud.ecs.answers([Answer::Refused(RefusalKind::Capacity)]);
    let secs = waits(cloud.deliver(&message("v1", "0A")));
    assert!((1..=5).contains(&secs), "{secs}");
    assert_eq!((cloud.run().state, cloud.run().launch), (State::Backoff, 2));
    cloud.world.pass(i64::from(secs));
    assert_eq!(cloud.deliver(&message("v1", "0A")).unwrap(), Handled::Launched(cloud.run().id));
    assert_eq!(cloud.task().launch.id.launch, 2);
}

#[test]
fn a_launch_refused_as_inactive_is_made_again_with_the_newest_settings() {
    let cloud = Cloud::new();
    cloud.deliver(&message("v1", "0A").replace("a b+c", "before")).unwrap();
    cloud.ecs.deregister(DEFINITION);
    let secs = waits(cloud.deliver(&message("v1", "0A")));
    assert_eq!(cloud.ecs.tasks().len(), 1);
    // Another event brings the newest settings.
    cloud.world.pass(i64::from(secs));
    let deployed = message("v1", "0A").replace("a b+c", "after").replace("worker:7", "worker:8");
    cloud.deliver(&deployed).unwrap();
    cloud.minutes(1);
    let definitions = cloud.ecs.tasks().into_iter().map(|task| task.launch.task.definition);
    let revisions: Vec<_> = definitions.map(|arn| arn.chars().last().unwrap()).collect();
    assert_eq!(revisions, ['7', '8', '8']);
    assert!(cloud.ledger.runs().iter().all(|run| run.state == State::Launched));
}

#[test]
fn a_launch_refused_for_good_fails_the_run_and_says_so_once() {
    let body = message("v1", "0A");
    let scene = || {
        let cloud = Cloud::new();
        cloud.ecs.answers([Answer::Refused(RefusalKind::Permanent); 5]);
        (cloud, ())
    };
    let (cloud, ()) = scene();
    assert_eq!(cloud.deliver(&body).unwrap(), Handled::Failed(cloud.run().id));
    let deliver = |cloud: &Cloud, (): &()| cloud.deliver(&body);
    at_every_call(scene, deliver, |cloud, (), _, at| {
        cloud.deliver(&body).unwrap();
        cloud.minutes(ENDED_MINUTES);
        assert_eq!(cloud.deliver(&body).unwrap(), Handled::Failed(cloud.run().id), "{at}");
        assert_eq!(cloud.ledger.counts(), [Class::Launch], "{at}");
        let failed = cloud.outlet.read(Addressee::Failed);
        assert_eq!(failed.len(), 1, "{at}");
        assert!(failed[0].body.to_string().contains("it is Permanent"), "{failed:?}");
        assert_eq!(cloud.run().due, None, "nothing is owed any more");
    });
}

#[test]
fn endless_refusals_end() {
    let cloud = Cloud::new();
    cloud.ecs.answers([Answer::Refused(RefusalKind::Unknown); 100]);
    waits(cloud.deliver(&message("v1", "0A")));
    cloud.minutes(60);
    assert_eq!(cloud.ledger.counts(), [Class::Launch]);
    assert_eq!(cloud.ecs.calls().len(), 5, "as many as the budget");
    assert_eq!(cloud.outlet.sent(Addressee::Failed).len(), 1);
}

#[test]
fn nothing_is_launched_under_a_lapsed_lease() {
    let cloud = Cloud::new();
    *lock(&cloud.ledger.write_secs) = LEASE_LAPSES_SECS;
    cloud.deliver(&message("v1", "0A")).unwrap();
    assert!(cloud.ecs.calls().is_empty());
}

#[test]
fn an_event_that_overtakes_the_record_does_not_disturb_it() {
    let cloud = Cloud::new();
    let now = cloud.world.now();
    // The third write records the launch.
    cloud.ledger.intrude(2, move |run| {
        let task = "arn:aws:ecs:eu-west-1:111122223333:task/longshore/0".into();
        let step = Step::Progress { id: run.launch_id(), task, version: 3 };
        transition(&run, step, now, "intruder".into()).unwrap().run
    });
    let handled = cloud.deliver(&message("v1", "0A")).unwrap();
    assert_eq!(handled, Handled::Duplicate(cloud.run().id));
    assert_eq!(cloud.run().state, State::Running);
}

#[test]
fn a_refusal_that_comes_late_does_not_undo_what_another_driver_did() {
    let cloud = Cloud::new();
    cloud.ecs.answers([Answer::Refused(RefusalKind::Capacity)]);
    let lapsed = cloud.world.now() + jiff::SignedDuration::from_secs(LEASE_LAPSES_SECS);
    // While our call hangs, another driver claims the launch and is refused.
    cloud.ledger.intrude(2, move |run| {
        let trigger = Envelope::parse(&message("v1", "0A")).unwrap().trigger;
        let claim = Step::Claim { trigger: Box::new(trigger), slot: None };
        let run = transition(&run, claim, lapsed, "b1".into()).unwrap().run;
        let kind = RefusalKind::Capacity;
        let refusal = LaunchRefusal { reason: "no room".into(), kind };
        let (id, claimed_ver) = (run.launch_id(), run.ver);
        let step = Step::Refuse { id, claimed_ver, refusal, jitter: 0 };
        transition(&run, step, lapsed, "b2".into()).unwrap().run
    });
    let handled = cloud.deliver(&message("v1", "0A")).unwrap();
    assert_eq!(handled, Handled::Duplicate(cloud.run().id));
    let run = cloud.run();
    assert_eq!((run.state, run.launch, run.spent.capacity), (State::Backoff, 2, 1));
    cloud.minutes(3);
    assert_eq!(cloud.run().state, State::Launched);
}
