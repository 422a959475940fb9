//! Runs that are work for a pool.

use super::*;
use crate::run::Target;

fn took(run: &Run, task: &str) -> Step {
    Step::Fence { id: run.launch_id(), task: task.into(), worker: Some(worker()) }
}

fn enqueued(run: &Run) -> Step {
    Step::Enqueued { id: run.launch_id() }
}

/// A run whose launch is claimed, and one that lies in the queue.
fn claimed_and_lying() -> [Run; 2] {
    let claimed = take(&admitted(), claim_of(pooled(), None), 0);
    let lying = take(&claimed, enqueued(&claimed), 1);
    [claimed, lying]
}

fn take(run: &Run, step: Step, secs: i64) -> Run {
    transition(run, step, at(secs), "w".into()).unwrap().run
}

fn refusal_of(run: &Run, step: Step, secs: i64) -> Refused {
    transition(run, step, at(secs), "w".into()).unwrap_err()
}

#[test]
fn it_lies_in_the_queue_without_a_deadline_and_is_looked_at_once_an_hour() {
    let [claimed, lying] = claimed_and_lying();
    assert!(!claimed.lies_in_pool() && lying.lies_in_pool());
    assert_eq!((lying.state, lying.task()), (State::Launched, None));
    assert_eq!(lying.overdue(at(1_000_000)), None, "`startTimeout` is of a task of its own");
    assert_eq!(lying.due, Some(at(3_601)));
    let looked = take(&lying, Step::LookAgain, 3_601);
    assert_eq!(looked.due, Some(at(7_201)));
    let again = take(&lying, enqueued(&lying), 50_000);
    assert_eq!((again.state, again.since), (State::Launched, Some(at(50_000))));
    assert_eq!(refusal_of(&admitted(), enqueued(&admitted()), 0), Refused::Duplicate);
}

#[test]
fn the_first_worker_has_the_work_and_its_place_is_the_runs() {
    for run in claimed_and_lying() {
        let taken = take(&run, took(&run, TASK), 5);
        assert_eq!((taken.state, taken.task()), (State::Running, Some(TASK)));
        let Target { cluster, definition, container, .. } = taken.target.clone().unwrap();
        assert_eq!(Worker { cluster, definition, container }, worker());
        assert_eq!(refusal_of(&taken, took(&taken, TASK), 6), Refused::Duplicate);
        assert_eq!(refusal_of(&taken, took(&taken, OTHER_TASK), 6), Refused::Stale);
        assert_eq!(refusal_of(&taken, enqueued(&taken), 6), Refused::Duplicate);
        assert_eq!(taken.overdue(at(50)), Some(Stopping::Timeout { limit_secs: 45 }));
    }
}

#[test]
fn no_task_of_its_own_counts_and_no_worker_takes_what_is_not_of_a_pool() {
    for run in claimed_and_lying() {
        for step in
            [fenced(&run, TASK), progress_of(&run, TASK, 3), settled(&run, TASK, Class::Succeeded)]
        {
            assert_eq!(refusal_of(&run, step, 5), Refused::Stale);
        }
        assert_eq!(refusal_of(&run, launched_as(&run, TASK), 5), Refused::Duplicate);
    }
    let own = take(&admitted(), claim(), 0);
    assert_eq!(refusal_of(&own, took(&own, TASK), 5), Refused::Stale);
    assert_eq!(refusal_of(&own, enqueued(&own), 5), Refused::Duplicate);
}

#[test]
fn a_run_that_is_not_wanted_ends_where_it_lies_and_is_stopped_where_it_is_worked_on() {
    let [claimed, lying] = claimed_and_lying();
    assert_eq!(take(&lying, cancelled(), 2).state, State::Cancelled);
    let stopping = take(&claimed, cancelled(), 2);
    assert_eq!(stopping.state, State::Launching, "a worker may have its message already");
    assert_eq!(refusal_of(&stopping, took(&stopping, TASK), 3), Refused::Stale);
    let lies = take(&stopping, enqueued(&stopping), 3);
    assert_eq!(lies.due, Some(at(3)), "whoever looks ends it");
    assert_eq!(take(&lies, cancelled(), 3).state, State::Cancelled);
    let worked = take(&lying, took(&lying, TASK), 2);
    let stopping = take(&worked, cancelled(), 3);
    assert_eq!(stopping.state, State::Running);
    assert_eq!(take(&stopping, stopped_by_call(&stopping), 9).state, State::Cancelled);
}

#[test]
fn a_queue_that_refuses_spends_the_launches_of_the_attempt() {
    let [_, lying] = claimed_and_lying();
    let refused = take(&lying, refused(&lying, RefusalKind::Unknown), 9);
    assert_eq!((refused.state, refused.launch), (State::Backoff, 2));
    let gone = refusal_of(&refused, enqueued(&lying), 10);
    assert_eq!(gone, Refused::Stale, "its message is of a launch before");
}

#[test]
fn what_was_lost_is_told_with_the_next_launch() {
    let [_, lying] = claimed_and_lying();
    let worked = take(&lying, took(&lying, TASK), 2);
    let lost = take(&worked, settled(&worked, TASK, Class::Infrastructure), 3);
    assert_eq!((lost.state, lost.attempt), (State::Backoff, 2));
    let change = transition(&lost, claim_of(pooled(), None), at(9_000), "w".into()).unwrap();
    let launch = change.also.iter().find_map(|also| match also {
        Also::Launch(launch) => launch.pool.clone(),
        _ => None,
    });
    assert_eq!(launch.map(|pool| (pool.losses, pool.trigger)), Some((1, lost.trigger.clone())));
}
