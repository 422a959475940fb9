//! A run in every state, with what tells it from others in the same state; every step.

use super::*;

/// When the table's steps are taken: a deadline has passed and no lease.
pub(super) const NOW_SECS: i64 = 60;

// Runs of `hasty`, as they are at `NOW_SECS`.

pub(super) fn without_a_launch() -> Vec<(&'static str, Run)> {
    let waiting = |wait| after(&queued(), wait_for(wait), 0);
    vec![
        ("forming", crate::run::samples::forming(2)),
        ("admitted", Run { waits: None, due: Some(at(0)), ..queued() }),
        ("admitted, waits for a slot", queued()),
        ("admitted, paused", waiting(Wait::Paused)),
        ("admitted, waits for a permit", waiting(Wait::Permit)),
        ("admitted, waits for the older", waiting(Wait::Older(other_run()))),
    ]
}

fn claimed() -> Run {
    after(&queued(), claim_of(hasty(), Some(1)), 0)
}

pub(super) fn launching_or_in_backoff() -> Vec<(&'static str, Run)> {
    let launching = claimed();
    let cancelling = after(&launching, cancelled(), 0);
    let refused = after(&launching, refused(&launching, RefusalKind::Capacity), 0);
    let failed_once = after(&launching, settled(&launching, TASK, Class::Work), 0);
    let old = at(NOW_SECS - TOKEN_REUSE_SECS);
    let old_token = |run: &Run| Run {
        first_call_at: Some(old),
        lease_until: Some(later(old, LEASE_SECS)),
        ..run.clone()
    };
    vec![
        ("launching", launching.clone()),
        ("launching with an old token", old_token(&launching)),
        ("launching, being cancelled", cancelling.clone()),
        ("launching with an old token, being cancelled", old_token(&cancelling)),
        ("backoff of launch 2", refused),
        ("backoff of attempt 2", failed_once),
    ]
}

pub(super) fn with_a_task() -> Vec<(&'static str, Run)> {
    let launched = after(&claimed(), launched_as(&claimed(), TASK), 0);
    let running = after(&launched, progress_of(&launched, TASK, 3), 0);
    let working = after(&running, fenced(&running, TASK), 0);
    vec![
        ("launched", launched.clone()),
        ("launched, being stopped for its start", after(&launched, stop(&launched, 30), 30)),
        ("launched, being cancelled", after(&launched, cancelled(), 0)),
        ("running", running),
        ("running, fenced", working.clone()),
        ("running, being stopped for its time", after(&working, stop(&working, 45), 45)),
        ("running, being cancelled", after(&working, cancelled(), 0)),
    ]
}

pub(super) fn over() -> Vec<(&'static str, Run)> {
    let failed = ended(Class::Rejected);
    let half_told = after(&failed, sent_to(&failed, Addressee::Failed), 0);
    let cancelled = ended(Class::Cancelled);
    vec![
        ("succeeded, owing", ended(Class::Succeeded)),
        ("succeeded", told(&ended(Class::Succeeded))),
        ("failed, owing both messages", failed),
        ("failed, owing the bus", half_told.clone()),
        ("failed", after(&half_told, sent_to(&half_told, Addressee::Bus), 0)),
        ("cancelled, owing", cancelled.clone()),
        ("cancelled", told(&cancelled)),
        ("superseded", told(&ended(Class::Superseded))),
    ]
}

/// What may happen at [`NOW_SECS`], about the launch and the task of the run.
pub(super) fn steps(run: &Run) -> Vec<(&'static str, Step)> {
    let another_launch = Run { launch: run.launch + 1, ..run.clone() };
    let another_attempt = Run { attempt: run.attempt + 1, ..run.clone() };
    vec![
        ("claim", claim_of(hasty(), None)),
        ("claim with slot", claim_of(hasty(), Some(0))),
        ("wait for slot", wait_for(Wait::Slot)),
        ("wait for older", wait_for(Wait::Older(other_run()))),
        ("wait for permit", wait_for(Wait::Permit)),
        ("overtaken", overtaken_by_another()),
        ("launched", launched_as(run, TASK)),
        ("refused", refused(run, RefusalKind::Capacity)),
        ("refused for good", refused(run, RefusalKind::Permanent)),
        ("fence", fenced(run, TASK)),
        ("fence by another", fenced(run, OTHER_TASK)),
        ("progress", progress_of(run, TASK, 4)),
        ("report", report(TASK, done())),
        ("settle: done", settled(run, TASK, Class::Succeeded)),
        ("settle: crash", settled(run, TASK, Class::Work)),
        ("settle: reject", settled(run, TASK, Class::Rejected)),
        ("settle: stopped by call", stopped_by_call(run)),
        ("settle: another task", settled(run, OTHER_TASK, Class::Succeeded)),
        ("settle: another launch", settled(&another_launch, TASK, Class::Succeeded)),
        ("stop: start", Step::Stop { why: Stopping::Start { limit_secs: 30 } }),
        ("stop: time", Step::Stop { why: Stopping::Timeout { limit_secs: 45 } }),
        ("cancel", cancelled()),
        ("look again", Step::LookAgain),
        ("redrive", redriven(run)),
        ("redrive another attempt", redriven(&another_attempt)),
        ("sent: failed", sent_to(run, Addressee::Failed)),
        ("sent: bus", sent_to(run, Addressee::Bus)),
        ("sent: bus, of another attempt", sent_to(&another_attempt, Addressee::Bus)),
    ]
}
