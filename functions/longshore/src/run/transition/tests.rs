use std::fmt::Write as _;

use expect_test::expect;
use serde_json::Value;

use super::*;
use crate::run::{
    LaunchRefusal, WorkResult, WorkStatus,
    samples::{OTHER_TASK, TASK, admitted, at, launch, trigger},
};

mod edges;

pub(super) fn outcome(class: Class) -> Outcome {
    Outcome { class, reason: format!("it is {}", class.word()), exit_code: None, stop_code: None }
}

pub(super) fn done() -> WorkResult {
    WorkResult { status: WorkStatus::Done, reason: String::new(), summary: Value::Null }
}

pub(super) fn claim() -> Step {
    Step::Claim { trigger: Box::new(trigger()) }
}

fn launched_as(task: &str) -> Step {
    Step::Launched { id: launch(1, 1), task: task.into() }
}

fn refused(claimed_ver: u64, is_permanent: bool) -> Step {
    let refusal = LaunchRefusal { reason: "RESOURCE:FARGATE".into(), is_permanent };
    Step::Refuse { id: launch(1, 1), claimed_ver, refusal, wait_secs: 30 }
}

fn fenced(id: LaunchId, task: &str) -> Step {
    Step::Fence { id, task: task.into() }
}

fn progress_of(id: LaunchId, task: &str, version: i64) -> Step {
    Step::Progress { id, task: task.into(), version }
}

fn settled(id: LaunchId, task: &str, class: Class) -> Step {
    Step::Settle { id, task: task.into(), version: 5, outcome: outcome(class) }
}

fn sent_message() -> Step {
    Step::Sent { message: failure_message(&admitted(), at(0)) }
}

/// Takes the step at the first instant.
fn after(run: &Run, step: Step) -> Run {
    transition(run, step, at(0), format!("w{}", run.ver + 1)).unwrap().run
}

/// A run in every state, with what tells it from others in the same state.
fn runs() -> Vec<(&'static str, Run)> {
    let launching = after(&admitted(), claim());
    let with_fence = after(&launching, fenced(launch(1, 1), TASK));
    let launched = after(&launching, launched_as(TASK));
    let running = after(&launched, progress_of(launch(1, 1), TASK, 3));
    let backoff = after(&launching, refused(launching.ver, false));
    let end = |class| after(&running, settled(launch(1, 1), TASK, class));
    let owing = end(Class::Work);
    let told = after(&owing, sent_message());
    vec![
        ("forming", Run { state: State::Forming, ..admitted() }),
        ("admitted", admitted()),
        ("launching", launching),
        ("launching, fenced", with_fence),
        ("launched", launched),
        ("running", running.clone()),
        ("backoff", backoff),
        ("succeeded", end(Class::Succeeded)),
        ("failed, owing a message", owing),
        ("failed", told),
        ("cancelled", end(Class::Cancelled)),
        ("superseded", end(Class::Superseded)),
    ]
}

/// What may happen a minute later, about the launch and the task of the run.
fn steps(run: &Run) -> Vec<(&'static str, Step)> {
    vec![
        ("claim", claim()),
        ("launched", launched_as(TASK)),
        ("refused", refused(run.ver, false)),
        ("refused for good", refused(run.ver, true)),
        ("fence", fenced(launch(1, 1), TASK)),
        ("fence by another", fenced(launch(1, 1), OTHER_TASK)),
        ("progress", progress_of(launch(1, 1), TASK, 4)),
        ("report", Step::Report { task: TASK.into(), result: done() }),
        ("stop", settled(launch(1, 1), TASK, Class::Succeeded)),
        ("crash", settled(launch(1, 1), TASK, Class::Work)),
        ("stop of another", settled(launch(1, 1), OTHER_TASK, Class::Succeeded)),
        ("stop of another launch", settled(launch(1, 2), TASK, Class::Succeeded)),
        ("look again", Step::LookAgain),
        ("sent", sent_message()),
    ]
}

#[test]
fn every_step_from_every_state() {
    let mut table = String::new();
    for (name, run) in runs() {
        writeln!(table, "{name}").unwrap();
        let mut answers: Vec<(String, Vec<&str>)> = Vec::new();
        for (step_name, step) in steps(&run) {
            let answer = match transition(&run, step, at(60), "w".into()) {
                Ok(change) => format!("─▶ {}", change.run.state.word()),
                Err(refused) => format!("{refused:?}"),
            };
            match answers.iter_mut().find(|(known, _)| *known == answer) {
                Some((_, names)) => names.push(step_name),
                None => answers.push((answer, vec![step_name])),
            }
        }
        for (answer, names) in answers {
            writeln!(table, "  {answer}: {}", names.join(", ")).unwrap();
        }
    }
    expect![[r#"
        forming
          Duplicate: claim, launched
          Stale: refused, refused for good, fence, fence by another, progress, report, stop, crash, stop of another, stop of another launch, look again, sent
        admitted
          ─▶ launching: claim
          Duplicate: launched
          Stale: refused, refused for good, fence, fence by another, progress, report, stop, crash, stop of another, stop of another launch, look again, sent
        launching
          TooEarly(2026-11-12T00:02:00Z): claim
          ─▶ launched: launched, fence, fence by another
          ─▶ backoff: refused
          ─▶ failed: refused for good, crash
          ─▶ running: progress
          Stale: report, stop of another launch, look again, sent
          ─▶ succeeded: stop, stop of another
        launching, fenced
          Duplicate: claim, launched, fence
          Stale: refused, refused for good, fence by another, stop of another, stop of another launch, sent
          ─▶ running: progress
          ─▶ launched: report, look again
          ─▶ succeeded: stop
          ─▶ failed: crash
        launched
          Duplicate: claim, launched
          Stale: refused, refused for good, fence by another, report, stop of another, stop of another launch, sent
          ─▶ launched: fence, look again
          ─▶ running: progress
          ─▶ succeeded: stop
          ─▶ failed: crash
        running
          Duplicate: claim, launched, progress
          Stale: refused, refused for good, fence by another, report, stop of another, stop of another launch, sent
          ─▶ running: fence, look again
          ─▶ succeeded: stop
          ─▶ failed: crash
        backoff
          ─▶ launching: claim
          Stale: launched, refused, refused for good, fence, fence by another, progress, report, stop, crash, stop of another, stop of another launch, look again, sent
        succeeded
          Ended: claim, launched, refused, refused for good, fence, fence by another, progress, report, stop, crash, stop of another, stop of another launch, look again
          Duplicate: sent
        failed, owing a message
          Ended: claim, launched, refused, refused for good, fence, fence by another, progress, report, stop, crash, stop of another, stop of another launch, look again
          ─▶ failed: sent
        failed
          Ended: claim, launched, refused, refused for good, fence, fence by another, progress, report, stop, crash, stop of another, stop of another launch, look again
          Duplicate: sent
        cancelled
          Ended: claim, launched, refused, refused for good, fence, fence by another, progress, report, stop, crash, stop of another, stop of another launch, look again
          Duplicate: sent
        superseded
          Ended: claim, launched, refused, refused for good, fence, fence by another, progress, report, stop, crash, stop of another, stop of another launch, look again
          Duplicate: sent
    "#]].assert_eq(&table);
}
