//! A stopped task ─▶ how its run ended: from reason, not luck.

use super::{
    outcome::{Class, Outcome, WorkResult, WorkStatus},
    stopped::TaskChange,
};

/// The work says that no retry can help.
const EXIT_REJECT: i32 = 3;
/// The work found nothing to do.
const EXIT_NOTHING_TO_DO: i32 = 4;
/// The work asks for another try later (`EX_TEMPFAIL` of sysexits).
const EXIT_TRY_AGAIN: i32 = 75;
/// 128 + SIGKILL, which is also how Linux ends what takes too much memory.
const EXIT_KILLED: i32 = 137;

/// Says what the stop of a task means for its run, whose container is `container`.
#[must_use]
pub fn classify(task: &TaskChange, container: &str, result: Option<&WorkResult>) -> Outcome {
    let main = task.containers.iter().find(|candidate| candidate.name == container);
    let exit_code = main.and_then(|main| main.exit_code);
    let own_reason = main.and_then(|main| main.reason.as_deref());
    let (class, reason) = by_stop(task, container, exit_code, own_reason, result);
    let outcome = Outcome { class, reason, exit_code, stop_code: task.stop_code.clone() };
    unless_reported(outcome, result)
}

/// The outcome, unless the work itself reported that it is done or pointless, maybe since the stop
/// was judged.
#[must_use]
pub(super) fn unless_reported(outcome: Outcome, result: Option<&WorkResult>) -> Outcome {
    match result.map(by_result) {
        Some((class @ (Class::Succeeded | Class::Superseded), reason)) => {
            Outcome { class, reason, ..outcome }
        }
        _ => outcome,
    }
}

/// Says what a reported result means when nothing else is known of the task.
#[must_use]
pub fn outcome_of(result: &WorkResult) -> Outcome {
    let (class, reason) = by_result(result);
    Outcome { class, reason, exit_code: None, stop_code: None }
}

fn by_result(result: &WorkResult) -> (Class, String) {
    match result.status {
        WorkStatus::Done => (Class::Succeeded, "the work is done".into()),
        WorkStatus::Superseded => (Class::Superseded, result.reason.clone()),
        WorkStatus::Failed => (Class::Work, result.reason.clone()),
    }
}

fn by_stop(
    task: &TaskChange,
    container: &str,
    exit_code: Option<i32>,
    own_reason: Option<&str>,
    result: Option<&WorkResult>,
) -> (Class, String) {
    let ecs = task.stopped_reason.as_deref().unwrap_or("ECS gives no reason");
    let why = own_reason.unwrap_or(ecs);
    match (task.stop_code.as_deref(), exit_code) {
        (Some("UserInitiated"), _) => {
            (Class::Cancelled, format!("somebody stopped the task: {ecs}"))
        }
        (Some("TaskFailedToStart"), _) => (Class::Start, format!("the task did not start: {why}")),
        (Some("EssentialContainerExited") | None, Some(code)) => {
            by_exit_code(container, code, own_reason, result)
        }
        (Some("EssentialContainerExited"), None) => {
            (Class::Start, format!("container `{container}` has no exit code: {why}"))
        }
        // Spot, a lost host, and stop codes that do not exist yet.
        (code, _) => (Class::Infrastructure, format!("{}: {why}", code.unwrap_or("no stop code"))),
    }
}

fn by_exit_code(
    container: &str,
    code: i32,
    own_reason: Option<&str>,
    result: Option<&WorkResult>,
) -> (Class, String) {
    let said = result.map(|result| result.reason.as_str()).or(own_reason).unwrap_or_default();
    let with = |text: &str| {
        if said.is_empty() { text.to_owned() } else { format!("{text}: {said}") }
    };
    let exited = format!("container `{container}` exited with code {code}");
    let reported_failure = result.is_some_and(|result| result.status == WorkStatus::Failed);
    match code {
        // Whoever reports a failure and leaves as if nothing were wrong has failed.
        0 | EXIT_NOTHING_TO_DO if reported_failure => (Class::Work, with(&exited)),
        0 => (Class::Succeeded, "the work is done".into()),
        EXIT_NOTHING_TO_DO => (Class::Succeeded, with("there was nothing to do")),
        EXIT_REJECT => {
            (Class::Rejected, with(&format!("{exited}, which means that no retry can help")))
        }
        EXIT_TRY_AGAIN => (Class::Work, with(&format!("{exited}, which asks for another try"))),
        EXIT_KILLED if own_reason.is_some_and(|reason| reason.contains("OutOfMemory")) => {
            (Class::OutOfMemory, with(&exited))
        }
        _ => (Class::Work, with(&exited)),
    }
}

#[cfg(test)]
mod tests;
