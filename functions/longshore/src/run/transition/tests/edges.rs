//! Single steps at the edges of time and of what may repeat.

use super::*;
use crate::run::{Counted, samples::admission};

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
    let change = supersede(admission(), &other_run(), at(1));
    assert_eq!((change.run.state, change.expects_ver), (State::Superseded, None));
    let [Also::Count { what, .. }, Also::Outbox(message)] = &change.also[..] else {
        panic!("{:?}", change.also)
    };
    assert_eq!((*what, message.to), (Counted::Ended(Class::Superseded), Addressee::Bus));
    assert!(change.run.outcome.unwrap().reason.contains(other_run().as_str()));
}

#[test]
fn a_lapsed_lease_is_claimed_again_with_the_same_launch() {
    let launching = launching();
    let lapsed = launching.lease_until.unwrap();
    assert_eq!((lapsed, launching.due), (at(LEASE_SECS), Some(lapsed)));
    assert_eq!(refusal(&launching, claim(), LEASE_SECS - 1), Refused::TooEarly(lapsed));
    let again = take(&launching, claim(), LEASE_SECS);
    assert_eq!(again.run.launch_id().client_token(), launching.launch_id().client_token());
    assert_eq!(again.run.first_call_at, Some(at(0)), "the token's age counts from its first use");
    assert_eq!(again.run.lease_until, Some(at(2 * LEASE_SECS)));
    assert!(again.also.is_empty(), "the launch is frozen already");
}

#[test]
fn an_old_token_is_used_no_more() {
    let before = take(&launching(), claim(), TOKEN_REUSE_SECS - 1);
    assert_eq!((before.run.launch, launch_of(&before)), (1, None));
    let after = take(&launching(), claim(), TOKEN_REUSE_SECS);
    assert_eq!((after.run.launch, after.run.first_call_at), (2, Some(at(TOKEN_REUSE_SECS))));
    let frozen = launch_of(&after).unwrap();
    assert_ne!(frozen.client_token, launching().launch_id().client_token());
    assert_eq!(frozen.id, after.run.launch_id());
    assert_eq!(after.run.spent, Spent::default(), "an unanswered call is nobody's failure");
}

#[test]
fn a_task_that_does_the_work_needs_no_other_launch() {
    let fenced = after(&launching(), fenced(&launching(), TASK), 0);
    assert_eq!(refusal(&fenced, claim(), TOKEN_REUSE_SECS), Refused::Duplicate);
    let no = refusal(&fenced, refused(&fenced, RefusalKind::Permanent), 1);
    assert_eq!(no, Refused::Stale, "ECS started it, whatever it says");
}

#[test]
fn a_backoff_ends_when_it_is_due_and_not_before() {
    let run = after(&launching(), refused(&launching(), RefusalKind::Unknown), 10);
    let due = run.due.unwrap();
    assert_eq!((run.state, due), (State::Backoff, at(11)), "one second, with the least jitter");
    assert_eq!(refusal(&run, claim(), 10), Refused::TooEarly(due));
    assert_eq!(after(&run, claim(), 11).state, State::Launching);
}

#[test]
fn the_task_that_holds_the_fence_may_claim_it_again() {
    let again = refusal(&working(), fenced(&working(), TASK), 1);
    assert_eq!(again, Refused::Duplicate, "its answer was lost, or its container restarted");
}

#[test]
fn a_run_with_a_task_is_looked_at_within_the_time_of_a_lost_event() {
    let mut patient = crate::run::samples::trigger();
    patient.task.start_timeout = Seconds::new(3_600);
    let launching = after(&admitted(), claim_of(patient, None), 0);
    let launched = after(&launching, launched_as(&launching, TASK), 5);
    assert_eq!(launched.due, Some(at(5 + LOOK_AGAIN_SECS)), "before 300 s have passed");
    let looked = after(&launched, Step::LookAgain, 245);
    assert_eq!(looked.due, Some(at(245 + LOOK_AGAIN_SECS)));
    assert_eq!(looked.since, launched.since, "a look is not a new beginning");
}

#[test]
fn deadlines_are_kept_to_the_second() {
    let launching = after(&queued(), claim_of(hasty(), Some(0)), 0);
    let launched = after(&launching, launched_as(&launching, TASK), 10);
    assert_eq!((launched.due, launched.overdue(at(39))), (Some(at(40)), None));
    let why = launched.overdue(at(40)).unwrap();
    assert_eq!(why, Stopping::Start { limit_secs: 30 });
    assert_eq!(refusal(&launched, Step::Stop { why: why.clone() }, 39), Refused::Stale);
    assert_eq!(after(&launched, Step::Stop { why }, 40).due, Some(at(40)), "and now");
    let running = after(&launched, progress_of(&launched, TASK, 3), 20);
    assert_eq!((running.due, running.overdue(at(64))), (Some(at(65)), None), "the time runs anew");
    assert_eq!(running.overdue(at(65)), Some(Stopping::Timeout { limit_secs: 45 }));
    let working = after(&running, fenced(&running, TASK), 30);
    assert_eq!((working.since, working.due), (running.since, running.due), "a claim gains no time");
}

#[test]
fn a_task_that_does_not_stop_is_asked_and_stopped_again() {
    let stopping = after(&working(), cancelled(), 7);
    assert_eq!((stopping.due, stopping.since), (Some(at(7)), working().since));
    assert_eq!(after(&stopping, Step::LookAgain, 7).due, Some(at(7 + STOP_AGAIN_SECS)));
}

#[test]
fn a_long_history_keeps_its_beginning_and_its_end() {
    let mut run = admitted();
    let beginning = run.history[0].clone();
    for n in 1..=3 * HISTORY_MAX {
        let now = i64::try_from(n).unwrap() * LEASE_SECS;
        run = after(&run, claim(), now);
        assert_eq!(run.history.len(), HISTORY_MAX.min(n + 1));
        assert_eq!(run.history.last().map(|entry| entry.at), Some(at(now)));
    }
    assert_eq!(run.history[0], beginning);
}
