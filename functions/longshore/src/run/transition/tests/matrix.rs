//! What the faults that ECS, the network and slow drivers cause do to a run.

use super::*;

/// The launch again, by whoever comes after the lease has lapsed.
fn claimed_again(run: &Run, secs: i64) -> Run {
    after(run, claim(), secs)
}

#[test]
fn a_crash_between_claim_and_call_is_launched_again_with_the_same_token() {
    let again = claimed_again(&launching(), LEASE_SECS);
    assert_eq!(again.launch_id().client_token(), launching().launch_id().client_token());
    assert!(launching().due < Some(at(120)), "with a minute for the sweep, within three minutes");
}

#[test]
fn a_task_whose_record_was_lost_is_adopted() {
    // The crash, the reset connection and the hanging call leave the same: a task, and no record.
    let again = claimed_again(&launching(), LEASE_SECS);
    let adopted = after(&again, launched_as(&again, TASK), LEASE_SECS);
    assert_eq!((adopted.state, adopted.task()), (State::Launched, Some(TASK)));
    assert_eq!((adopted.attempt, adopted.launch), (1, 1));
    let late = refusal(&adopted, launched_as(&launching(), TASK), 600);
    assert_eq!(late, Refused::Duplicate, "the hanging driver hears of the same task");
}

#[test]
fn a_fenced_task_needs_no_record_at_all() {
    let fenced = after(&launching(), fenced(&launching(), TASK), 30);
    assert_eq!(
        (fenced.state, fenced.task(), fenced.lease_until),
        (State::Running, Some(TASK), None)
    );
    let over = after(&fenced, settled(&fenced, TASK, Class::Succeeded), 60);
    assert_eq!(over.state, State::Succeeded);
}

#[test]
fn want_of_capacity_spends_no_attempt_and_says_why() {
    let no_room = refused(&launching(), RefusalKind::Capacity);
    let run = after(&launching(), no_room, 1);
    assert_eq!((run.state, run.attempt, run.spent.work), (State::Backoff, 1, 0));
    assert_eq!(run.spent.capacity, 1);
    let note = &run.history.last().unwrap().note;
    assert_eq!(note, "ECS refused: Capacity; next launch in 1 s");
}

#[test]
fn refusals_of_one_attempt_are_not_on_the_budget_of_the_next() {
    let mut run = launching();
    for (kind, now) in [(RefusalKind::Capacity, 1), (RefusalKind::Unknown, 10)] {
        let waiting = after(&run, refused(&run, kind), now);
        run = after(&waiting, claim(), now + 5);
    }
    assert_eq!((run.spent.capacity, run.spent.refusals, run.launch), (1, 1, 3));
    let next = after(&run, settled(&run, TASK, Class::Work), 20);
    let expected = Spent { work: 1, ..Spent::default() };
    assert_eq!((next.attempt, next.launch, next.spent), (2, 1, expected));
}

#[test]
fn a_refused_launch_is_followed_by_another_with_a_new_token() {
    let run = after(&launching(), refused(&launching(), RefusalKind::Capacity), 1);
    let next = take(&run, claim(), 2);
    let frozen = launch_of(&next).unwrap();
    assert_eq!((frozen.id.attempt, frozen.id.launch), (1, 2));
    assert_ne!(frozen.client_token, launching().launch_id().client_token());
    assert_eq!(next.run.first_call_at, Some(at(2)));
}

#[test]
fn an_inactive_revision_is_launched_again_by_the_newest_settings() {
    let run = after(&launching(), refused(&launching(), RefusalKind::Inactive), 1);
    let mut newest = crate::run::samples::trigger();
    newest.task.definition = "arn:aws:ecs:eu-west-1:111122223333:task-definition/worker:8".into();
    let next = take(&run, claim_of(newest.clone(), None), 2);
    assert_eq!(launch_of(&next).unwrap().task.definition, newest.task.definition);
    assert_eq!(next.run.target.unwrap().definition, newest.task.definition);
}

#[test]
fn a_permission_that_is_missing_fails_the_run_now_and_says_so() {
    let refusal = LaunchRefusal {
        reason: "not authorized to perform iam:PassRole".into(),
        kind: RefusalKind::Permanent,
    };
    let (id, claimed_ver) = (launching().launch_id(), launching().ver);
    let over = take(&launching(), Step::Refuse { id, claimed_ver, refusal, jitter: 0 }, 1);
    assert_eq!((over.run.state, over.run.launch), (State::Failed, 1));
    assert_eq!(owed(&over), [Addressee::Failed, Addressee::Bus]);
    let outcome = over.run.outcome.unwrap();
    assert_eq!(outcome.class, Class::Launch);
    assert_eq!(outcome.reason, "ECS refused to launch: not authorized to perform iam:PassRole");
}

#[test]
fn refusals_end_the_attempt_at_the_bound_of_their_kind() {
    for (kind, most) in [
        (RefusalKind::Capacity, 200),
        (RefusalKind::Inactive, 20),
        (RefusalKind::Permanent, 1),
        (RefusalKind::Unknown, 5),
    ] {
        let mut run = admitted();
        for n in 1..=most {
            let now = i64::from(n) * 1_000;
            run = after(&run, claim(), now);
            assert_eq!(run.launch, n, "{kind:?}");
            run = after(&run, refused(&run, kind), now);
            assert_eq!(run.state == State::Failed, n == most, "launch {n} after {kind:?}");
        }
    }
}

#[test]
fn two_tasks_of_an_expired_token_do_not_both_work() {
    let first = launching();
    let second = claimed_again(&first, TOKEN_REUSE_SECS);
    let late = refusal(&second, fenced(&first, TASK), TOKEN_REUSE_SECS + 1);
    assert_eq!(late, Refused::Stale, "the task of the old launch");
    let working = after(&second, fenced(&second, OTHER_TASK), TOKEN_REUSE_SECS + 2);
    assert_eq!(working.executor.as_deref(), Some(OTHER_TASK));
    let end = refusal(&working, settled(&first, TASK, Class::Work), TOKEN_REUSE_SECS + 3);
    assert_eq!(end, Refused::Stale, "and its end is not the run's");
}

#[test]
fn a_zombie_driver_that_wakes_late_writes_nothing() {
    let asleep = launching();
    let refused_again = after(&claimed_again(&asleep, LEASE_SECS), launched_as(&asleep, TASK), 121);
    let meanwhile = [
        claimed_again(&asleep, LEASE_SECS),
        refused_again,
        after(&asleep, fenced(&asleep, TASK), 60),
        after(&asleep, settled(&asleep, TASK, Class::Work), 60),
        after(&asleep, cancelled(), 60),
    ];
    for run in meanwhile {
        for kind in [RefusalKind::Capacity, RefusalKind::Permanent] {
            let woken = refusal(&run, refused(&asleep, kind), 840);
            assert_eq!(woken, Refused::Stale, "{:?}", run.state);
        }
    }
}

#[test]
fn running_after_stopped_and_stopped_five_times_settle_once() {
    let over = after(&launched(), settled(&launched(), TASK, Class::Succeeded), 1);
    assert_eq!(refusal(&over, progress_of(&launched(), TASK, 4), 2), Refused::Ended);
    for _ in 0..4 {
        let again = settled(&launched(), TASK, Class::Succeeded);
        assert_eq!(refusal(&over, again, 2), Refused::Ended);
    }
    let next = after(&launched(), settled(&launched(), TASK, Class::Work), 1);
    assert_eq!(next.attempt, 2);
    assert_eq!(refusal(&next, settled(&launched(), TASK, Class::Work), 2), Refused::Stale);
    assert_eq!(refusal(&next, progress_of(&launched(), TASK, 4), 2), Refused::Stale);
}

#[test]
fn old_and_repeated_events_of_a_task_do_nothing() {
    for version in [2, 3, 4] {
        let old = refusal(&running(), progress_of(&running(), TASK, version), 1);
        assert_eq!(old, Refused::Duplicate, "it runs already");
    }
    assert_eq!(refusal(&running(), launched_as(&running(), TASK), 1), Refused::Duplicate);
}

#[test]
fn an_event_that_comes_before_the_record_is_accepted() {
    let run = after(&launching(), progress_of(&launching(), TASK, 3), 1);
    assert_eq!((run.state, run.task(), run.lease_until), (State::Running, Some(TASK), None));
    let over = after(&launching(), settled(&launching(), TASK, Class::Succeeded), 1);
    assert_eq!(over.state, State::Succeeded);
}

#[test]
fn events_of_a_foreign_task_are_not_the_runs() {
    for run in [launched(), running(), working()] {
        let steps = [
            progress_of(&run, OTHER_TASK, 9),
            settled(&run, OTHER_TASK, Class::Succeeded),
            fenced(&run, OTHER_TASK),
            report(OTHER_TASK, done()),
        ];
        for step in steps {
            assert_eq!(refusal(&run, step, 1), Refused::Stale, "{:?}", run.state);
        }
    }
}

#[test]
fn a_second_delivery_of_a_redrive_makes_no_second_attempt() {
    let failed = told(&ended(Class::Rejected));
    let again = after(&failed, redriven(&failed), 10);
    assert_eq!(again.attempt, 2);
    assert_eq!(refusal(&again, redriven(&failed), 11), Refused::Stale);
    let claimed = after(&again, claim(), 11);
    let failed_again = told(&after(&claimed, settled(&claimed, TASK, Class::Rejected), 12));
    assert_eq!(refusal(&failed_again, redriven(&failed), 13), Refused::Stale);
}

#[test]
fn a_cancel_that_races_with_success_leaves_one_end() {
    let success = after(&working(), settled(&working(), TASK, Class::Succeeded), 1);
    assert_eq!(refusal(&success, cancelled(), 2), Refused::Ended);
    let cancelling = after(&working(), cancelled(), 1);
    let success = after(&cancelling, settled(&cancelling, TASK, Class::Succeeded), 2);
    assert_eq!(success.state, State::Succeeded, "the work was done before the stop came");
}
