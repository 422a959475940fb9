use longshore::run::{Class, LaunchRefusal, transition};

use super::*;
use crate::fakes::{Answer, Cloud, Death, lock, message};

/// More than the calls that any flow makes.
const CALLS_MAX: u32 = 12;
/// Longer than a lease and than the longest backoff.
const NEXT_DELIVERY_SECS: i64 = 1_000;
/// More than the launches of an attempt.
const DELIVERIES_MAX: usize = 40;

/// Delivers until the message is acknowledged, as SQS does.
fn deliver_until_acknowledged(cloud: &Cloud, body: &str) -> Handled {
    for _ in 0..DELIVERIES_MAX {
        match cloud.deliver(body) {
            Ok(handled) => return handled,
            Err(_) => cloud.world.pass(NEXT_DELIVERY_SECS),
        }
    }
    panic!("never acknowledged: {:?}", cloud.ledger.runs());
}

fn waits(answer: Result<Handled, Trouble>) -> u32 {
    match answer {
        Err(Trouble::Wait { wait_secs, .. }) => wait_secs,
        other => panic!("{other:?}"),
    }
}

#[test]
fn five_deliveries_are_one_run_and_one_task() {
    let cloud = Cloud::new();
    let handled: Vec<_> = (0..5).map(|_| cloud.deliver(&message("v1", "0A")).unwrap()).collect();
    let id = cloud.run().id;
    let duplicate = Handled::Duplicate(id.clone());
    assert_eq!(handled[0], Handled::Launched(id));
    assert!(handled[1..].iter().all(|handled| *handled == duplicate), "{handled:?}");
    assert_eq!(cloud.ecs.tasks().len(), 1);
}

#[test]
fn a_death_at_any_call_leads_to_one_launched_task() {
    for death in [Death::Before, Death::After] {
        let mut died = 0;
        for nth in 0..CALLS_MAX {
            let cloud = Cloud::new();
            cloud.process.at(nth, death);
            let first = cloud.deliver(&message("v1", "0A"));
            if cloud.process.restart() {
                died += 1;
                assert!(first.is_err(), "{death:?} call {nth} is no end: {first:?}");
                cloud.world.pass(NEXT_DELIVERY_SECS);
                deliver_until_acknowledged(&cloud, &message("v1", "0A"));
            }
            let (run, tasks) = (cloud.run(), cloud.ecs.tasks());
            assert_eq!((run.state, run.launch), (State::Launched, 1), "{death:?} call {nth}");
            assert_eq!(tasks.len(), 1, "{death:?} call {nth}");
            assert_eq!(run.task_arn.as_ref(), Some(&tasks[0].0));
        }
        assert_eq!(died, 4, "admit, claim, RunTask, record");
    }
}

#[test]
fn an_answer_that_is_not_known_is_asked_for_again_with_the_same_token() {
    for answer in [Answer::Throttled, Answer::TimedOut] {
        let cloud = Cloud::new();
        cloud.ecs.answers([answer; 3]);
        waits(cloud.deliver(&message("v1", "0A")));
        assert_eq!(cloud.run().state, State::Launching, "nothing is written");
        let left = waits(cloud.deliver(&message("v1", "0A")));
        assert!(
            (1..=BUSY_WAIT_SECS).contains(&left),
            "the lease holds, its driver may not: {left}"
        );
        deliver_until_acknowledged(&cloud, &message("v1", "0A"));
        let tasks = cloud.ecs.tasks();
        assert_eq!((tasks.len(), cloud.run().launch), (1, 1), "{answer:?}");
        assert_eq!(cloud.run().task_arn.as_ref(), Some(&tasks[0].0));
    }
}

#[test]
fn a_conflict_names_the_task_that_the_token_started() {
    let cloud = Cloud::new();
    cloud.ecs.answers([Answer::TimedOut]);
    waits(cloud.deliver(&message("v1", "0A")));
    let (task, mut changed) = cloud.ecs.tasks().remove(0);
    changed.task.command = vec!["other".into()];
    cloud.ecs.replace(changed);
    cloud.world.pass(NEXT_DELIVERY_SECS);
    let handled = cloud.deliver(&message("v1", "0A")).unwrap();
    assert_eq!(handled, Handled::Launched(cloud.run().id));
    assert_eq!(cloud.run().task_arn, Some(task));
}

#[test]
fn settings_that_change_between_two_tries_do_not_change_the_launch() {
    let cloud = Cloud::new();
    cloud.ecs.answers([Answer::Throttled]);
    waits(cloud.deliver(&message("v1", "0A")));
    cloud.world.pass(NEXT_DELIVERY_SECS);
    let redeployed = message("v1", "0A").replace("worker:7", "worker:8");
    cloud.deliver(&redeployed).unwrap();
    let (_, launch) = cloud.ecs.tasks().remove(0);
    assert!(launch.task.definition.ends_with("worker:7"), "{}", launch.task.definition);
}

#[test]
fn a_refusal_is_tried_again_with_another_token_and_the_newest_settings() {
    let cloud = Cloud::new();
    cloud.ecs.answers([Answer::NoRoom]);
    assert!(waits(cloud.deliver(&message("v1", "0A"))) >= 1);
    assert_eq!((cloud.run().state, cloud.run().launch), (State::Backoff, 2));
    cloud.world.pass(NEXT_DELIVERY_SECS);
    cloud.deliver(&message("v1", "0A").replace("worker:7", "worker:8")).unwrap();
    let (_, launch) = cloud.ecs.tasks().remove(0);
    assert_eq!(launch.id.launch, 2);
    assert!(launch.task.definition.ends_with("worker:8"), "{}", launch.task.definition);
}

#[test]
fn endless_refusals_end_as_one_failed_message() {
    let cloud = Cloud::new();
    cloud.ecs.answers([Answer::NoRoom; DELIVERIES_MAX]);
    let handled = deliver_until_acknowledged(&cloud, &message("v1", "0A"));
    assert_eq!(handled, Handled::Failed(cloud.run().id));
    assert_eq!(cloud.ledger.counts(), [Class::Launch]);
    assert!(cloud.ecs.tasks().is_empty());
    let again = cloud.deliver(&message("v1", "0A")).unwrap();
    assert_eq!(again, Handled::Failed(cloud.run().id));
    let sent = cloud.failed.sent();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(sent[0].1.contains("RESOURCE:FARGATE"), "{}", sent[0].1);
}

#[test]
fn a_death_at_any_call_of_a_failing_launch_leads_to_its_message() {
    for death in [Death::Before, Death::After] {
        for nth in 0..CALLS_MAX {
            let cloud = Cloud::new();
            cloud.ecs.answers([Answer::Never; DELIVERIES_MAX]);
            cloud.process.at(nth, death);
            drop(cloud.deliver(&message("v1", "0A")));
            cloud.process.restart();
            cloud.world.pass(NEXT_DELIVERY_SECS);
            deliver_until_acknowledged(&cloud, &message("v1", "0A"));
            assert_eq!(cloud.ledger.counts(), [Class::Launch], "{death:?} call {nth}");
            let sent = cloud.failed.sent();
            assert!(matches!(sent.len(), 1 | 2), "{death:?} call {nth}: {sent:?}");
            assert!(sent.iter().all(|message| *message == sent[0]), "{sent:?}");
            assert_eq!(cloud.run().due, None, "nothing is owed any more");
        }
    }
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
    assert_eq!(cloud.ecs.tasks().len(), 1);
    let newest = cloud.deliver(&message("v3", "0C")).unwrap();
    assert!(matches!(newest, Handled::Launched(_)), "{newest:?}");
    assert_eq!(cloud.ledger.runs().len(), 3);
}

#[test]
fn the_first_event_of_an_identity_counts() {
    let cloud = Cloud::new();
    cloud.deliver(&message("v1", "0A")).unwrap();
    let forged = message("v1", "0A").replace(r#""etag":"e""#, r#""etag":"forged""#);
    assert_ne!(forged, message("v1", "0A"));
    assert_eq!(cloud.deliver(&forged).unwrap(), Handled::Duplicate(cloud.run().id));
    assert_eq!(cloud.run().input.etag.as_deref(), Some("e"));
}

#[test]
fn what_can_never_become_a_run_is_dead_lettered_before_anything_is_touched() {
    let foreign =
        message("v1", "0A").replace(r#""name":"uploads"},"object""#, r#""name":"evil"},"object""#);
    let long = message("v1", "0A").replace(
        r#""container":"app""#,
        &format!(r#""container":"app","command":["{}"]"#, "x".repeat(8_192)),
    );
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

#[test]
fn nothing_is_launched_under_a_lapsed_lease() {
    let cloud = Cloud::new();
    *lock(&cloud.ledger.write_secs) = NEXT_DELIVERY_SECS;
    waits(cloud.deliver(&message("v1", "0A")));
    assert!(cloud.ecs.tasks().is_empty());
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
fn a_message_is_kept_while_nobody_else_would_launch_its_run() {
    let cloud = Cloud::new();
    let lapsed = cloud.world.now() + jiff::SignedDuration::from_secs(200);
    // While our call hangs, another driver claims the run and is refused.
    cloud.ledger.intrude(2, move |run| {
        let trigger = Envelope::parse(&message("v1", "0A")).unwrap().trigger;
        let claim = Step::Claim { trigger: Box::new(trigger) };
        let run = transition(&run, claim, lapsed, "b1".into()).unwrap().run;
        let refusal = LaunchRefusal { reason: "no room".into(), is_permanent: false };
        let (id, claimed_ver) = (run.launch_id(), run.ver);
        let step = Step::Refuse { id, claimed_ver, refusal, wait_secs: 30 };
        transition(&run, step, lapsed, "b2".into()).unwrap().run
    });
    waits(cloud.deliver(&message("v1", "0A")));
    assert_eq!((cloud.run().state, cloud.run().launch), (State::Backoff, 2));
}
