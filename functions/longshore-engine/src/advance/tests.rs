use longshore::run::{Addressee, Class, State, Stopping};
use serde_json::json;

use super::*;
use crate::fakes::{Answer, Cloud, Death, at_every_call, message, with_settings};

fn cancel() -> Step {
    Step::Stop { why: Stopping::Cancel { by: "somebody".into() } }
}

fn is_done(advanced: &Advanced) -> bool {
    matches!(advanced, Advanced::Done(_))
}

/// A cloud whose run has failed, and all is told.
fn failed() -> (Cloud, RunId) {
    let body = with_settings("v1", "0A", &json!({"retry": {"attempts": 1}}));
    let (cloud, task) = Cloud::with_a_launch_of(&body);
    cloud.observe(&cloud.exit_of(&task, 1)).unwrap();
    let id = cloud.run().id;
    (cloud, id)
}

/// A cloud whose only run was admitted, launching, launched, running or in backoff.
fn in_every_state() -> Vec<(State, Cloud)> {
    let admitted = Cloud::new();
    admitted.process.at(4, Death::Before);
    admitted.deliver(&message("v1", "0A")).unwrap_err();
    admitted.restart();
    let (running, task) = Cloud::with_a_launched_run();
    running.runs(&task);
    running.minutes(4);
    let (backoff, task) = Cloud::with_a_launched_run();
    backoff.observe(&backoff.exit_of(&task, 1)).unwrap_err();
    vec![
        (State::Admitted, admitted),
        (State::Launching, Cloud::with_an_unrecorded_launch().0),
        (State::Launched, Cloud::with_a_launched_run().0),
        (State::Running, running),
        (State::Backoff, backoff),
    ]
}

#[test]
fn a_run_is_cancelled_in_every_state_and_its_task_stopped() {
    for (state, cloud) in in_every_state() {
        let run = cloud.run();
        assert_eq!(run.state, state);
        assert!(is_done(&cloud.take(&run.id, &cancel())), "{state:?}");
        assert!(!is_done(&cloud.take(&run.id, &cancel())), "once is enough, {state:?}");
        cloud.minutes(5);
        let run = cloud.run();
        assert_eq!(run.state, State::Cancelled, "{state:?}: {:?}", run.history);
        assert_eq!(cloud.ledger.counts(), [Class::Cancelled], "{state:?}");
        assert_eq!(cloud.outlet.sent(Addressee::Bus).len(), 1, "{state:?}");
        assert_eq!(cloud.outlet.sent(Addressee::Failed), [], "{state:?}");
        let stops: Vec<_> = cloud.ecs.tasks().into_iter().flat_map(|task| task.stops).collect();
        let has_task = matches!(state, State::Launching | State::Launched | State::Running);
        let expected: &[&str] = if has_task { &["longshore: cancelled by somebody"] } else { &[] };
        assert_eq!(stops, expected, "{state:?}");
    }
}

#[test]
fn a_cancelled_launch_that_started_nothing_ends_cancelled() {
    for answer in [Answer::Throttled, Answer::Refused(longshore::run::RefusalKind::Capacity)] {
        let cloud = Cloud::new();
        cloud.ecs.answers([Answer::Throttled, answer]);
        cloud.deliver(&message("v1", "0A")).unwrap();
        cloud.take(&cloud.run().id, &cancel());
        cloud.minutes(8);
        assert_eq!(cloud.run().state, State::Cancelled, "{answer:?}: {:?}", cloud.run().history);
        assert_eq!(cloud.ledger.counts(), [Class::Cancelled], "{answer:?}");
    }
}

#[test]
fn a_cancel_that_comes_after_the_end_changes_nothing() {
    let (cloud, task) = Cloud::with_a_launched_run();
    let id = cloud.run().id;
    cloud.take(&id, &cancel());
    cloud.observe(&cloud.exit_of(&task, 0)).unwrap();
    assert_eq!(cloud.run().state, State::Succeeded, "the work was done before it was stopped");
    assert!(!is_done(&cloud.take(&id, &cancel())));
    cloud.minutes(2);
    assert_eq!(cloud.ledger.counts(), [Class::Succeeded]);
    assert!(cloud.task().stops.is_empty());
}

#[test]
fn a_failed_run_that_is_redriven_twice_gets_one_attempt_with_the_newest_settings() {
    let (cloud, id) = failed();
    cloud.world.pass(60);
    cloud.deliver(&message("v1", "0A").replace("a b+c", "other").replace(":7", ":8")).unwrap();
    assert!(is_done(&cloud.take(&id, &Step::Redrive { attempt: 1 })));
    assert!(!is_done(&cloud.take(&id, &Step::Redrive { attempt: 1 })));
    cloud.minutes(2);
    let launches = cloud.ecs.tasks().into_iter().map(|task| task.launch);
    let launches: Vec<_> = launches.filter(|launch| launch.id.run == id).collect();
    assert_eq!(launches.len(), 2);
    assert_eq!(launches[1].id.attempt, 2);
    assert!(launches[1].task.definition.ends_with(":8"));
    assert_eq!(cloud.ledger.redrives(), 1);
}

#[test]
fn a_redriven_run_that_fails_again_tells_so_again() {
    let (cloud, id) = failed();
    cloud.take(&id, &Step::Redrive { attempt: 1 });
    cloud.minutes(1);
    let task = cloud.ecs.tasks().pop().unwrap().arn;
    cloud.observe(&cloud.exit_of(&task, 1)).unwrap();
    let attempts = |to| cloud.outlet.sent(to).iter().map(|sent| sent.attempt).collect::<Vec<_>>();
    assert_eq!(attempts(Addressee::Failed), [1, 2]);
    assert_eq!(attempts(Addressee::Bus), [1, 2]);
    assert_eq!((cloud.ledger.counts().len(), cloud.ledger.redrives()), (2, 1), "one end each");
}

#[test]
fn a_redriven_run_of_an_overtaken_version_is_superseded() {
    let (cloud, id) = failed();
    cloud.deliver(&message("v2", "0B")).unwrap();
    assert_eq!(cloud.ecs.tasks().len(), 2);
    assert!(is_done(&cloud.take(&id, &Step::Redrive { attempt: 1 })));
    cloud.minutes(1);
    assert_eq!(cloud.known(&id).state, State::Superseded);
    assert_eq!(cloud.ecs.calls().len(), 2, "and nothing is launched");
}

#[test]
fn a_run_that_still_owes_its_message_is_not_redriven_yet() {
    let body = with_settings("v1", "0A", &json!({"retry": {"attempts": 1}}));
    let (cloud, task) = Cloud::with_a_launch_of(&body);
    cloud.outlet.close(true);
    cloud.observe(&cloud.exit_of(&task, 1)).unwrap_err();
    let id = cloud.run().id;
    assert!(!is_done(&cloud.take(&id, &Step::Redrive { attempt: 1 })));
    cloud.outlet.close(false);
    cloud.minutes(1);
    assert!(is_done(&cloud.take(&id, &Step::Redrive { attempt: 1 })));
}

#[test]
fn a_death_at_any_call_of_a_redrive_makes_one_attempt() {
    let redrive = |cloud: &Cloud, id: &RunId| {
        let run = cloud.known(id);
        let step = Step::Redrive { attempt: 1 };
        crate::fakes::ready(advance(&cloud.ledger, &*cloud.world, run, &step)).is_ok()
    };
    let deaths = at_every_call(failed, redrive, |cloud, id, _, at| {
        // Whoever heard no answer says it again.
        cloud.take(id, &Step::Redrive { attempt: 1 });
        cloud.minutes(2);
        let attempts: Vec<_> =
            cloud.ecs.tasks().iter().map(|task| task.launch.id.attempt).collect();
        assert_eq!((attempts, cloud.ledger.redrives()), (vec![1, 2], 1), "{at}");
    });
    assert_eq!(deaths, 2);
}

#[test]
fn whoever_is_always_overtaken_gives_up_and_comes_again() {
    let (cloud, _) = Cloud::with_a_launched_run();
    let stale = Run { ver: 1, ..cloud.run() };
    let advanced =
        crate::fakes::ready(advance(&cloud.ledger, &*cloud.world, stale, &Step::LookAgain));
    assert!(matches!(advanced, Ok(Advanced::Done(_))), "read anew once: {advanced:?}");
}
