//! Single steps at the edges of time, of budgets and of what may repeat.

use expect_test::expect;

use super::*;
use crate::run::{LaunchRefusal, samples::admission};

#[test]
fn a_run_begins_with_its_claim_on_the_object() {
    let admission = admission();
    assert_eq!((admission.expects_ver, admission.run.ver), (None, 1));
    assert_eq!(admission.run.due, Some(at(0)), "it is due at once");
    let [Also::Object(claim)] = &admission.also[..] else { panic!("{:?}", admission.also) };
    assert_eq!(claim.run, admission.run.id);
}

#[test]
fn a_superseded_run_is_stored_and_counted_and_claims_nothing() {
    let newer = launch(1, 1).run;
    let change = supersede(admission(), &newer, at(1));
    assert_eq!((change.run.state, change.expects_ver), (State::Superseded, None));
    let class = |also: &Also| match also {
        Also::Count { class, .. } => *class,
        other => panic!("{other:?}"),
    };
    assert_eq!(change.also.iter().map(class).collect::<Vec<_>>(), [Class::Superseded]);
    assert_eq!(change.run.due, None);
    assert!(change.run.outcome.unwrap().reason.contains(newer.as_str()));
}

#[test]
fn a_lapsed_lease_is_claimed_again_with_the_same_launch() {
    let launching = after(&admitted(), claim());
    let lapsed = launching.lease_until.unwrap();
    assert_eq!(lapsed, at(LEASE_SECS));
    let early = transition(&launching, claim(), at(LEASE_SECS - 1), "w".into());
    assert_eq!(early, Err(Refused::TooEarly(lapsed)));
    let again = transition(&launching, claim(), lapsed, "w".into()).unwrap();
    assert_eq!(again.run.launch_id().client_token(), launching.launch_id().client_token());
    assert_eq!(again.run.first_call_at, Some(at(0)), "the token's age counts from its first use");
    assert!(again.also.is_empty(), "the launch is frozen already");
}

#[test]
fn an_old_token_is_used_no_more() {
    let launching = after(&admitted(), claim());
    let before = transition(&launching, claim(), at(TOKEN_REUSE_SECS - 1), "w".into()).unwrap();
    assert_eq!(before.run.launch, 1);
    let after = transition(&launching, claim(), at(TOKEN_REUSE_SECS), "w".into()).unwrap();
    assert_eq!((after.run.launch, after.run.first_call_at), (2, Some(at(TOKEN_REUSE_SECS))));
    let [Also::Launch(frozen)] = &after.also[..] else { panic!("{:?}", after.also) };
    assert_ne!(frozen.client_token, launching.launch_id().client_token());
    assert_eq!(frozen.id, after.run.launch_id());
}

#[test]
fn a_task_that_does_the_work_needs_no_other_launch() {
    let fenced = after(&after(&admitted(), claim()), fenced(launch(1, 1), TASK));
    let later = transition(&fenced, claim(), at(TOKEN_REUSE_SECS), "w".into());
    assert_eq!(later, Err(Refused::Duplicate));
    let refusal = transition(&fenced, refused(fenced.ver, true), at(1), "w".into());
    assert_eq!(refusal, Err(Refused::Stale), "ECS started it, whatever it says");
}

#[test]
fn the_refusal_of_an_earlier_claim_is_stale() {
    let first = after(&admitted(), claim());
    let second = transition(&first, claim(), at(LEASE_SECS), "w3".into()).unwrap().run;
    let late = transition(&second, refused(first.ver, true), at(LEASE_SECS), "w".into());
    assert_eq!(late, Err(Refused::Stale));
}

#[test]
fn refusals_end_the_attempt_at_the_bound() {
    let mut run = admitted();
    for n in 1..=LAUNCHES_MAX {
        let now = at(i64::from(n) * 60);
        run = transition(&run, claim(), now, "w".into()).unwrap().run;
        assert_eq!(run.launch, n);
        let refusal = LaunchRefusal { reason: "no room".into(), is_permanent: false };
        let step =
            Step::Refuse { id: run.launch_id(), claimed_ver: run.ver, refusal, wait_secs: 30 };
        run = transition(&run, step, now, "w".into()).unwrap().run;
        assert_eq!(run.state == State::Failed, n == LAUNCHES_MAX, "launch {n} is {:?}", run.state);
    }
    assert_eq!(run.outcome.unwrap().class, Class::Launch);
}

#[test]
fn old_and_repeated_events_of_the_task_do_nothing() {
    let running = after(&after(&admitted(), claim()), progress_of(launch(1, 1), TASK, 3));
    assert_eq!(running.state, State::Running, "the event may come before RunTask's answer");
    for version in [2, 3] {
        let old = transition(&running, progress_of(launch(1, 1), TASK, version), at(1), "w".into());
        assert_eq!(old, Err(Refused::Duplicate));
    }
    let answer = transition(&running, launched_as(TASK), at(1), "w".into());
    assert_eq!(answer, Err(Refused::Duplicate));
}

#[test]
fn the_message_of_a_failure_tells_enough_to_redrive() {
    let launched = after(&after(&admitted(), claim()), launched_as(TASK));
    let change = transition(&launched, settled(launch(1, 1), TASK, Class::Work), at(9), "w".into());
    let also = change.unwrap().also;
    let [Also::Count { .. }, Also::Outbox(message)] = &also[..] else { panic!("{also:?}") };
    expect![[r#"
        {
          "attempt": 1,
          "failedAt": "2026-11-12T00:00:09Z",
          "input": {
            "bucket": "amzn-s3-demo-bucket1",
            "etag": "b1946ac92492d2347c6235b4d2611184",
            "key": "airports.csv",
            "sequencer": "617f08299329d189",
            "size": 210363,
            "versionId": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e"
          },
          "outcome": {
            "class": "work",
            "reason": "it is work"
          },
          "result": null,
          "run": "fnncn5fq4zf5bmduclp3522rj2",
          "task": "arn:aws:ecs:eu-west-1:111122223333:task/longshore/1",
          "trigger": "stack-uploads"
        }
    "#]]
    .assert_eq(&format!("{:#}\n", message.body));
}

#[test]
fn a_long_history_keeps_its_beginning_and_its_end() {
    let mut run = admitted();
    let beginning = run.history[0].clone();
    for n in 1..=3 * HISTORY_MAX {
        let now = at(i64::try_from(n).unwrap() * LEASE_SECS);
        run = transition(&run, claim(), now, "w".into()).unwrap().run;
        assert_eq!(run.history.len(), HISTORY_MAX.min(n + 1));
        assert_eq!(run.history.last().map(|entry| entry.at), Some(now));
    }
    assert_eq!(run.history[0], beginning);
}
