use serde_json::json;

use super::*;
use crate::{
    run::{
        Addressee, Class, LaunchRefusal, Outbox, Outcome, RefusalKind, RunId, Spent, Wait,
        WorkResult, WorkStatus, Worker,
        samples::{OTHER_TASK, TASK, admitted, at},
    },
    trigger::{Event, LaunchMode, Seconds, Trigger, plan, samples},
};

mod edges;
mod endings;
mod matrix;
mod pool;
mod several;
mod shards;
mod states;
mod table;
mod ticks;
mod waits;

pub(super) fn outcome(class: Class) -> Outcome {
    Outcome::new(class, format!("it is {}", class.word()))
}

pub(super) fn done() -> WorkResult {
    WorkResult::new(WorkStatus::Done, "")
}

/// A trigger with two slots, whose tasks start within 30 s and run no longer than 45 s.
pub(super) fn hasty() -> Trigger {
    let mut trigger = samples::parsed(&samples::with("/trigger/concurrency", json!(2))).0;
    trigger.task.start_timeout = Seconds::new(30);
    trigger.task.timeout = Some(Seconds::new(45));
    trigger
}

/// A trigger whose runs are work for a pool, and run no longer than 45 s.
pub(super) fn pooled() -> Trigger {
    let queue = "https://sqs.eu-west-1.amazonaws.com/111122223333/work";
    let mut trigger = crate::run::samples::trigger();
    (trigger.launch, trigger.queue) = (LaunchMode::Pool, Some(queue.into()));
    trigger.task.timeout = Some(Seconds::new(45));
    trigger
}

/// What a worker is a task of.
pub(super) fn worker() -> Worker {
    let text = |kind: &str| format!("arn:aws:ecs:eu-west-1:111122223333:{kind}");
    let (cluster, definition) = (text("cluster/pool"), text("task-definition/poll:3"));
    Worker { cluster, definition, container: "poll".into() }
}

/// A run of [`hasty`]: it waits for a slot.
pub(super) fn queued() -> Run {
    let (_, object) = samples::parsed(&samples::envelope());
    admit(&hasty(), &plan(&hasty(), &Event::Object(object)), at(0), "w1".into()).run
}

pub(super) fn claim() -> Step {
    claim_of(crate::run::samples::trigger(), None)
}

pub(super) fn claim_of(trigger: Trigger, slot: Option<u32>) -> Step {
    Step::Claim { trigger: Box::new(trigger), slot }
}

fn wait_for(wait: Wait) -> Step {
    Step::Wait { wait }
}

/// Another run, about a newer or an older version of the object.
pub(super) fn other_run() -> RunId {
    RunId::derive("stack-uploads", "another version")
}

fn overtaken_by_another() -> Step {
    Step::Overtaken { by: other_run() }
}

// Steps about the present launch of a run.

fn launched_as(run: &Run, task: &str) -> Step {
    Step::Launched { id: run.launch_id(), task: task.into() }
}

fn refused(run: &Run, kind: RefusalKind) -> Step {
    let refusal = LaunchRefusal { reason: format!("{kind:?}"), kind };
    Step::Refuse { id: run.launch_id(), claimed_ver: run.ver, refusal, jitter: 0 }
}

fn fenced(run: &Run, task: &str) -> Step {
    Step::Fence { id: run.launch_id(), task: task.into(), worker: None }
}

fn progress_of(run: &Run, task: &str, version: i64) -> Step {
    Step::Progress { id: run.launch_id(), task: task.into(), version }
}

fn report(task: &str, result: WorkResult) -> Step {
    Step::Report { task: task.into(), result }
}

fn settled(run: &Run, task: &str, class: Class) -> Step {
    settled_as(run, task, outcome(class))
}

fn settled_as(run: &Run, task: &str, outcome: Outcome) -> Step {
    let (id, task) = (run.launch_id(), task.into());
    Step::Settle { id, task, version: 5, outcome, memory: None, jitter: 0 }
}

/// The end of a task that StopTask stopped.
fn stopped_by_call(run: &Run) -> Step {
    let stop_code = Some("UserInitiated".to_owned());
    settled_as(run, TASK, Outcome { stop_code, ..outcome(Class::Cancelled) })
}

fn stop(run: &Run, secs: i64) -> Step {
    Step::Stop { why: run.overdue(at(secs)).unwrap() }
}

fn cancelled() -> Step {
    Step::Stop { why: Stopping::Cancel { by: "ann".into() } }
}

fn redriven(run: &Run) -> Step {
    Step::Redrive { attempt: run.attempt }
}

pub(super) fn sent_to(run: &Run, to: Addressee) -> Step {
    Step::Sent { message: ending::message(run, to, at(0)) }
}

/// The change of a step that is taken `secs` after the first instant.
fn take(run: &Run, step: Step, secs: i64) -> Change {
    transition(run, step, at(secs), format!("w{}", run.ver + 1)).unwrap()
}

fn after(run: &Run, step: Step, secs: i64) -> Run {
    take(run, step, secs).run
}

/// Why a step does nothing.
fn refusal(run: &Run, step: Step, secs: i64) -> Refused {
    transition(run, step, at(secs), "w".into()).unwrap_err()
}

// Runs on their way, all of it at the first instant.

fn launching() -> Run {
    after(&admitted(), claim(), 0)
}

fn launched() -> Run {
    after(&launching(), launched_as(&launching(), TASK), 0)
}

fn running() -> Run {
    after(&launched(), progress_of(&launched(), TASK, 3), 0)
}

/// A task holds the fence.
fn working() -> Run {
    after(&running(), fenced(&running(), TASK), 0)
}

fn ended(class: Class) -> Run {
    after(&working(), settled(&working(), TASK, class), 0)
}

/// The run, once all that it owed is sent.
fn told(run: &Run) -> Run {
    let mut run = run.clone();
    if run.state == State::Failed {
        run = after(&run, sent_to(&run, Addressee::Failed), 0);
    }
    after(&run, sent_to(&run, Addressee::Bus), 0)
}

fn launch_of(change: &Change) -> Option<&crate::trigger::Launch> {
    change.also.iter().find_map(|also| match also {
        Also::Launch(launch) => Some(&**launch),
        _ => None,
    })
}

/// The messages that a change owes.
fn owed(change: &Change) -> Vec<Addressee> {
    let message = |also: &Also| match also {
        Also::Outbox(Outbox { to, sent_at: None, .. }) => Some(*to),
        _ => None,
    };
    change.also.iter().filter_map(message).collect()
}
