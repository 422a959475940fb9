//! Settings that are well-formed, and mean nothing or too much.

use std::ops::RangeInclusive;

use super::CORRECT;
use crate::trigger::{
    event::Rejected,
    quantity::Seconds,
    settings::{Batch, Retry, RetryRule, TaskSettings, Trigger},
};

/// Most attempts at the work: each one is a task, and the run's row tells of all of them.
const ATTEMPTS: RangeInclusive<u32> = 1..=100;
/// Waits between attempts, up to a day: whoever waits longer wants a schedule.
const BACKOFF_SECS: RangeInclusive<u32> = 1..=86_400;
/// Time to reach RUNNING: below a second none does, and after a day none will.
const START_TIMEOUT_SECS: RangeInclusive<u32> = 1..=86_400;
/// Time to run, up to the 30 days for which an identity is remembered.
const TIMEOUT_SECS: RangeInclusive<u32> = 1..=2_592_000;
/// Exit codes of a Linux process (exit(3)).
const EXIT_CODES: RangeInclusive<i32> = 0..=255;
/// Most rules of a trigger: every stop is held against each of them.
const RULES_MAX: usize = 20;
/// Longest text of a rule: ECS's reasons are no longer, so none could hold it.
const REASON_CHARS_MAX: usize = 255;
/// Objects of a run: their inputs are pages of its rows.
const BATCH_OBJECTS: RangeInclusive<u32> = 1..=1_000;
/// Ephemeral storage in GiB (RunTask API reference).
const STORAGE_GIB: RangeInclusive<u32> = 21..=200;
/// Weights of a capacity provider strategy (RunTask API reference).
const WEIGHTS: RangeInclusive<u32> = 0..=1_000;
/// Bases of a capacity provider strategy (RunTask API reference).
const BASES: RangeInclusive<u32> = 0..=100_000;
/// Most items of a capacity provider strategy (RunTask API reference).
const CAPACITY_MAX: usize = 20;
/// Most placement strategies (RunTask API reference).
const STRATEGIES_MAX: usize = 5;
/// Most placement constraints (RunTask API reference).
const CONSTRAINTS_MAX: usize = 10;
/// Most tags of a task (RunTask API reference).
const TAGS_MAX: usize = 50;

const PAUSE: &str = "give it at least 1; `longshore pause` keeps a trigger's runs from starting";
const CONDITION: &str = "give the rule an exit code or a text of the reason";

/// Refuses what could only disappoint: a retry that never happens, a rule that fits every stop.
pub(super) fn check(trigger: &Trigger) -> Result<(), Rejected> {
    check_retry(&trigger.retry)?;
    check_batch(trigger.batch.as_ref())?;
    if trigger.concurrency == Some(0) {
        return Err(Rejected::new("trigger.concurrency", "is 0, so no run would start", PAUSE));
    }
    Ok(())
}

/// Refuses what RunTask or a process could not take.
pub(super) fn check_task(task: &TaskSettings) -> Result<(), Rejected> {
    check_times(task)?;
    check_bounds_of_run_task(task)?;
    check_texts(task)
}

fn wrong(at: impl Into<String>, why: impl Into<String>) -> Rejected {
    Rejected::new(at, why, CORRECT)
}

fn within(at: &str, value: u32, bounds: &RangeInclusive<u32>) -> Result<(), Rejected> {
    if bounds.contains(&value) {
        return Ok(());
    }
    let (from, to) = (bounds.start(), bounds.end());
    Err(wrong(format!("trigger.{at}"), format!("is {value}, not {from} to {to}")))
}

fn lasts(at: &str, time: Seconds, bounds: &RangeInclusive<u32>) -> Result<(), Rejected> {
    if bounds.contains(&time.get()) {
        return Ok(());
    }
    let (from, to) = (Seconds::new(*bounds.start()), Seconds::new(*bounds.end()));
    Err(wrong(format!("trigger.{at}"), format!("is {time}, not {from} to {to}")))
}

fn at_most(at: &str, count: usize, max: usize) -> Result<(), Rejected> {
    if count <= max {
        return Ok(());
    }
    Err(wrong(format!("trigger.{at}"), format!("has {count} items, not up to {max}")))
}

fn check_retry(retry: &Retry) -> Result<(), Rejected> {
    within("retry.attempts", retry.attempts, &ATTEMPTS)?;
    let backoff = retry.backoff;
    lasts("retry.backoff.base", backoff.base, &BACKOFF_SECS)?;
    lasts("retry.backoff.max", backoff.max, &BACKOFF_SECS)?;
    if backoff.base > backoff.max {
        let why = format!("is {}, more than max, which is {}", backoff.base, backoff.max);
        return Err(wrong("trigger.retry.backoff.base", why));
    }
    at_most("retry.rules", retry.rules.len(), RULES_MAX)?;
    (0..).zip(&retry.rules).try_for_each(|(n, rule)| check_rule(n, rule))
}

fn check_rule(n: usize, rule: &RetryRule) -> Result<(), Rejected> {
    let at = format!("trigger.retry.rules[{n}]");
    if rule.exit.is_empty() && rule.reason.is_none() {
        let why = "has neither exit nor reason, so it would fit every stop";
        return Err(Rejected::new(at, why, CONDITION));
    }
    if let Some(code) = rule.exit.iter().find(|code| !EXIT_CODES.contains(*code)) {
        return Err(wrong(format!("{at}.exit"), format!("holds {code}, not 0 to 255")));
    }
    let Some(text) = &rule.reason else { return Ok(()) };
    if text.trim().is_empty() {
        let why = "is empty, so it would fit every reason";
        return Err(Rejected::new(format!("{at}.reason"), why, CONDITION));
    }
    let chars = text.chars().count();
    if chars > REASON_CHARS_MAX {
        return Err(wrong(
            format!("{at}.reason"),
            format!("has {chars} characters, not up to 255"),
        ));
    }
    Ok(())
}

fn check_batch(batch: Option<&Batch>) -> Result<(), Rejected> {
    let Some(batch) = batch else { return Ok(()) };
    within("batch.objects", batch.objects, &BATCH_OBJECTS)?;
    if batch.bytes.is_some_and(|bytes| bytes.get() == 0) {
        return Err(wrong("trigger.batch.bytes", "is 0 B, which no object fits into"));
    }
    Ok(())
}

fn check_times(task: &TaskSettings) -> Result<(), Rejected> {
    lasts("task.startTimeout", task.start_timeout, &START_TIMEOUT_SECS)?;
    task.timeout.map_or(Ok(()), |timeout| lasts("task.timeout", timeout, &TIMEOUT_SECS))
}

fn check_bounds_of_run_task(task: &TaskSettings) -> Result<(), Rejected> {
    at_most("task.capacity", task.capacity.len(), CAPACITY_MAX)?;
    for (n, item) in (0..).zip(&task.capacity) {
        within(&format!("task.capacity[{n}].weight"), item.weight, &WEIGHTS)?;
        within(&format!("task.capacity[{n}].base"), item.base, &BASES)?;
    }
    if task.capacity.iter().filter(|item| item.base > 0).count() > 1 {
        return Err(wrong("trigger.task.capacity", "has more than one item with a base"));
    }
    at_most("task.placement.strategy", task.placement.strategy.len(), STRATEGIES_MAX)?;
    at_most("task.placement.constraints", task.placement.constraints.len(), CONSTRAINTS_MAX)?;
    at_most("task.tags", task.tags.len(), TAGS_MAX)?;
    task.ephemeral_storage.map_or(Ok(()), |gib| within("task.ephemeralStorage", gib, &STORAGE_GIB))
}

/// No process can be given NUL, neither as an argument nor in a variable.
fn check_texts(task: &TaskSettings) -> Result<(), Rejected> {
    if task.command.iter().any(|argument| argument.contains('\0')) {
        return Err(wrong("trigger.task.command", "holds the character NUL"));
    }
    match task.env.iter().find(|(_, value)| value.contains('\0')) {
        Some((name, _)) => {
            Err(wrong(format!("trigger.task.env.{name}"), "holds the character NUL"))
        }
        None => Ok(()),
    }
}
