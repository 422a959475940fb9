//! How runs end: what they owe, who stopped them, and how they begin again.

use expect_test::expect;

use super::*;
use crate::run::Counted;

#[test]
fn a_failure_is_told_to_somebody_who_looks_and_every_end_to_the_bus() {
    for class in [Class::Succeeded, Class::Cancelled, Class::Superseded] {
        let change = take(&working(), settled(&working(), TASK, class), 9);
        assert_eq!(owed(&change), [Addressee::Bus], "{class:?}");
        assert_eq!(change.run.due, Some(at(9)), "somebody looks until it is sent");
    }
    let failed = take(&working(), settled(&working(), TASK, Class::Rejected), 9);
    assert_eq!(owed(&failed), [Addressee::Failed, Addressee::Bus]);
    assert!(Addressee::Failed < Addressee::Bus, "messages are sent in this order, the bus's last");
}

#[test]
fn the_message_of_a_failure_tells_enough_to_redrive() {
    let change = take(&launched(), settled(&launched(), TASK, Class::Rejected), 9);
    let Also::Outbox(message) = &change.also[1] else { panic!("{:?}", change.also) };
    expect![[r#"
        {
          "attempt": 1,
          "endedAt": "2026-11-12T00:00:09Z",
          "input": {
            "bucket": "amzn-s3-demo-bucket1",
            "etag": "b1946ac92492d2347c6235b4d2611184",
            "key": "airports.csv",
            "sequencer": "617f08299329d189",
            "size": 210363,
            "versionId": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e"
          },
          "logs": {
            "cluster": "arn:aws:ecs:eu-west-1:111122223333:cluster/longshore",
            "container": "worker",
            "task": "1"
          },
          "outcome": {
            "class": "rejected",
            "reason": "it is rejected"
          },
          "result": null,
          "run": "fnncn5fq4zf5bmduclp3522rj2",
          "state": "failed",
          "task": "arn:aws:ecs:eu-west-1:111122223333:task/longshore/1",
          "trigger": "stack-uploads"
        }
    "#]]
    .assert_eq(&format!("{:#}\n", message.body));
}

#[test]
fn a_run_is_due_until_all_is_told() {
    let failed = ended(Class::Rejected);
    let half = after(&failed, sent_to(&failed, Addressee::Failed), 5);
    assert_eq!(half.due, failed.due);
    let told = after(&half, sent_to(&half, Addressee::Bus), 6);
    assert_eq!(told.due, None);
    assert_eq!(refusal(&told, sent_to(&told, Addressee::Bus), 7), Refused::Duplicate);
    assert_eq!((told.state, told.outcome), (State::Failed, failed.outcome));
}

#[test]
fn messages_that_cannot_be_sent_let_others_have_their_turn() {
    let failed = ended(Class::Rejected);
    let later = take(&failed, Step::LookAgain, 60);
    assert!(later.run.due > Some(at(60)) && later.run.due <= Some(at(360)), "{:?}", later.run.due);
    assert_eq!((later.also, later.run.outcome), (Vec::new(), failed.outcome));
    assert_eq!(refusal(&told(&ended(Class::Succeeded)), Step::LookAgain, 60), Refused::Ended);
}

#[test]
fn a_late_word_of_an_earlier_end_settles_nothing_of_this_one() {
    let first = told(&ended(Class::Rejected));
    let again = after(&first, redriven(&first), 10);
    let claimed = after(&again, claim(), 10);
    let failed = after(&claimed, settled(&claimed, TASK, Class::Rejected), 20);
    let late = sent_to(&first, Addressee::Bus);
    assert_eq!(refusal(&failed, late, 21), Refused::Stale);
    assert_eq!(failed.due, Some(at(20)), "the second failure is still to be told");
}

#[test]
fn a_redrive_forgets_the_failures_and_not_the_history() {
    let failed = told(&ended(Class::Rejected));
    let spent =
        Spent { work: 3, start: 4, losses: 9, spot: 3, memory: Some(1_024), ..failed.spent };
    let failed = Run { spent, ..failed };
    let change = take(&failed, redriven(&failed), 10);
    let run = &change.run;
    assert_eq!((run.state, run.attempt, run.launch), (State::Admitted, 2, 1));
    assert_eq!((run.spent, run.due), (Spent::default(), Some(at(10))));
    assert_eq!(
        (&run.outcome, &run.executor, &run.result, &run.stopping),
        (&None, &None, &None, &None)
    );
    assert!(run.history.starts_with(&failed.history));
    let [Also::Count { what: Counted::Redriven, .. }] = &change.also[..] else {
        panic!("{:?}", change.also)
    };
}

#[test]
fn a_redrive_waits_until_the_failure_is_told() {
    let failed = ended(Class::Rejected);
    assert_eq!(refusal(&failed, redriven(&failed), 10), Refused::TooEarly(at(10)));
    let cancelled = told(&ended(Class::Cancelled));
    assert_eq!(after(&cancelled, redriven(&cancelled), 10).state, State::Admitted);
    for class in [Class::Succeeded, Class::Superseded] {
        let run = told(&ended(class));
        assert_eq!(refusal(&run, redriven(&run), 10), Refused::Stale, "{class:?} is no failure");
    }
}

#[test]
fn a_cancelled_run_without_a_task_ends_at_once() {
    let backoff = after(&working(), settled(&working(), TASK, Class::Work), 0);
    let forming = crate::run::samples::forming(2);
    for run in [forming, admitted(), queued(), backoff] {
        let over = after(&run, cancelled(), 1);
        assert_eq!((over.state, over.slot, over.holds), (State::Cancelled, None, false));
        assert_eq!(over.outcome.unwrap().reason, "cancelled by ann");
    }
}

#[test]
fn a_cancelled_run_gets_no_other_attempt() {
    let cancelling = after(&working(), cancelled(), 1);
    assert_eq!(cancelling.state, State::Running, "its task is stopped first");
    assert_eq!(refusal(&cancelling, cancelled(), 2), Refused::Duplicate);
    let failures = [
        Class::Work,
        Class::Rejected,
        Class::OutOfMemory,
        Class::Start,
        Class::Spot,
        Class::Infrastructure,
        Class::Unknown,
    ];
    for class in failures {
        let over = after(&cancelling, settled(&cancelling, TASK, class), 2);
        assert_eq!((over.state, over.attempt), (State::Cancelled, 1), "{class:?}");
    }
    let over = after(&cancelling, stopped_by_call(&cancelling), 2);
    assert_eq!(over.outcome.unwrap().reason, "cancelled by ann");
}

#[test]
fn a_run_cancelled_while_it_is_launched_ends_when_that_is_known() {
    let cancelling = after(&launching(), cancelled(), 1);
    assert_eq!(cancelling.due, cancelling.lease_until, "whoever launches it is alone");
    assert_eq!(refusal(&cancelling, fenced(&cancelling, TASK), 2), Refused::Stale);
    let launched = after(&cancelling, launched_as(&cancelling, TASK), 2);
    assert_eq!((launched.state, launched.due), (State::Launched, Some(at(2))), "stopped at once");
    let seen = after(&cancelling, progress_of(&cancelling, TASK, 3), 2);
    assert_eq!((seen.state, seen.due), (State::Running, Some(at(2))), "whoever names the task");
    let deaf = refusal(&cancelling, refused(&super::launching(), RefusalKind::Capacity), 2);
    assert_eq!(deaf, Refused::Stale, "the refusal is heard by whoever asks next");
    let found = take(&cancelling, claim(), LEASE_SECS);
    assert_eq!(launch_of(&found), None, "the same token finds the task, if there is one");
    let refused = after(&found.run, refused(&found.run, RefusalKind::Capacity), LEASE_SECS);
    assert_eq!(refused.state, State::Cancelled);
    let unanswered = take(&cancelling, claim(), TOKEN_REUSE_SECS);
    assert_eq!((unanswered.run.state, launch_of(&unanswered)), (State::Cancelled, None));
}

#[test]
fn a_cancel_outranks_a_deadline() {
    let launching = after(&queued(), claim_of(hasty(), Some(0)), 0);
    let launched = after(&launching, launched_as(&launching, TASK), 0);
    let late = after(&launched, stop(&launched, 30), 30);
    let cancelled = after(&late, cancelled(), 31);
    assert_eq!(cancelled.stopping, Some(Stopping::Cancel { by: "ann".into() }));
    let deadline = Step::Stop { why: Stopping::Start { limit_secs: 30 } };
    assert_eq!(refusal(&cancelled, deadline, 32), Refused::Duplicate);
}

#[test]
fn a_task_that_longshore_stopped_failed_for_the_reason_it_was_stopped_for() {
    let launching = after(&queued(), claim_of(hasty(), Some(0)), 0);
    let launched = after(&launching, launched_as(&launching, TASK), 0);
    let slow = after(&launched, stop(&launched, 30), 30);
    assert_eq!(refusal(&slow, fenced(&slow, TASK), 31), Refused::Stale, "too late to begin");
    let next = after(&slow, stopped_by_call(&slow), 40);
    assert_eq!((next.state, next.spent.start, next.spent.work), (State::Backoff, 1, 0));
    let note = &next.history.last().unwrap().note;
    assert!(note.starts_with("did not start within 30 s"), "{note}");
    let running = after(&launched, progress_of(&launched, TASK, 3), 0);
    let long = after(&running, stop(&running, 45), 45);
    let next = after(&long, stopped_by_call(&long), 50);
    assert_eq!((next.state, next.spent.start, next.spent.work), (State::Backoff, 0, 1));
}

#[test]
fn a_task_that_somebody_else_stopped_is_cancelled() {
    let over = after(&working(), stopped_by_call(&working()), 5);
    assert_eq!((over.state, over.attempt), (State::Cancelled, 1));
}

#[test]
fn work_that_was_reported_done_outlives_every_stop() {
    for why in [
        None,
        Some(Stopping::Timeout { limit_secs: 45 }),
        Some(Stopping::Cancel { by: "ann".into() }),
    ] {
        let working = Run { stopping: why, ..working() };
        let reported = after(&working, report(TASK, done()), 46);
        let over = after(&reported, stopped_by_call(&reported), 50);
        assert_eq!((over.state, over.attempt), (State::Succeeded, 1), "{:?}", working.stopping);
    }
}
