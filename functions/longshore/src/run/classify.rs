//! A stopped task ─▶ how its run ended: from reason, not luck.

use super::{
    outcome::{Class, Outcome, WorkResult, WorkStatus},
    refusal::{is_any_of, is_want_of_capacity},
    state::State,
    stopped::TaskChange,
};
use crate::trigger::{RetryRule, RetryThen};

/// The work says that no retry can help.
const EXIT_REJECT: i32 = 3;
/// The work found nothing to do.
const EXIT_NOTHING_TO_DO: i32 = 4;
/// The work asks for another try later (`EX_TEMPFAIL` of sysexits).
const EXIT_TRY_AGAIN: i32 = 75;
/// What a task that does not start says when another one would not start either (ECS developer
/// guide, stopped task error codes).
const NEVER_STARTS: [&str; 8] = [
    "accessdenied",
    "invalidparameter",
    "manifest unknown",
    "not found",
    "pull access denied",
    "repository does not exist",
    "resourcenotfound",
    "unauthorized",
];
/// 128 + SIGKILL, which is also how Linux ends what takes too much memory.
const EXIT_KILLED: i32 = 137;

/// Says what the stop of a task means for its run, whose container is `container`, by ECS's words
/// and by the trigger's own rules.
#[must_use]
pub fn classify(
    task: &TaskChange,
    container: &str,
    result: Option<&WorkResult>,
    rules: &[RetryRule],
) -> Outcome {
    let main = task.containers.iter().find(|candidate| candidate.name == container);
    let exit_code = main.and_then(|main| main.exit_code);
    let own_reason = main.and_then(|main| main.reason.as_deref());
    let (class, reason) = by_stop(task, container, exit_code, own_reason, result);
    let is_final = class == Class::Start && is_any_of(&reason, &NEVER_STARTS);
    let outcome = Outcome { class, reason, exit_code, stop_code: task.stop_code.clone(), is_final };
    unless_reported(by_rules(outcome, task, rules), result)
}

/// The first rule that fits decides, unless somebody stopped the task. A success fits only rules
/// that name its exit code, and without an exit code nothing succeeds.
fn by_rules(outcome: Outcome, task: &TaskChange, rules: &[RetryRule]) -> Outcome {
    let fits = |rule: &&RetryRule| {
        let code = outcome.exit_code;
        let is_named = code.is_some_and(|code| rule.exit.contains(&code));
        let is_for_all = rule.exit.is_empty() && outcome.class != Class::Succeeded;
        let is_proven = rule.then != RetryThen::Succeed || code.is_some();
        let said = |text: &String| {
            outcome.reason.contains(text)
                || task.stopped_reason.as_ref().is_some_and(|reason| reason.contains(text))
        };
        (is_named || is_for_all) && is_proven && rule.reason.as_ref().is_none_or(said)
    };
    let Some(rule) = rules.iter().find(fits).filter(|_| outcome.class != Class::Cancelled) else {
        return outcome;
    };
    let reason = format!("{} (by a rule of the trigger)", outcome.reason);
    match rule.then {
        RetryThen::Succeed => Outcome { class: Class::Succeeded, reason, ..outcome },
        RetryThen::Reject => Outcome { class: Class::Rejected, reason, ..outcome },
        RetryThen::Retry if outcome.class.state() != State::Failed => {
            Outcome { class: Class::Work, reason, ..outcome }
        }
        RetryThen::Retry => {
            let class = match outcome.class {
                Class::Rejected => Class::Work,
                class => class,
            };
            Outcome { class, is_final: false, reason, ..outcome }
        }
    }
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
    Outcome::new(class, reason)
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
        // So comes want of room through a capacity provider.
        (Some("TaskFailedToStart"), _) if is_want_of_capacity(ecs) => {
            (Class::Infrastructure, format!("there was no room for the task: {ecs}"))
        }
        (Some("TaskFailedToStart"), _) => (Class::Start, format!("the task did not start: {why}")),
        (Some("EssentialContainerExited") | None, Some(code)) => {
            by_exit_code(container, code, own_reason, result)
        }
        (Some("EssentialContainerExited"), None) => {
            (Class::Start, format!("container `{container}` has no exit code: {why}"))
        }
        (Some(code @ ("SpotInterruption" | "TerminationNotice")), _) => {
            (Class::Spot, format!("{code}: {why}"))
        }
        (Some(code @ ("InfrastructureHealth" | "ServiceSchedulerInitiated")), _) => {
            (Class::Infrastructure, format!("{code}: {why}"))
        }
        (code, _) => (Class::Unknown, format!("{}: {why}", code.unwrap_or("no stop code"))),
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
