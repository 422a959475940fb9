//! `longshore why RUN`: what happened to a run and what comes next, in sentences. What is no id of a
//! run is taken for a queue.

mod worked;

use jiff::{SignedDuration, Timestamp};
use longshore::{
    batch::TickSummary,
    run::{LogPointer, Run, RunId, State, Wait},
    trigger::{Input, ObjectVersion},
};
use longshore_aws::EcsTasks;
use longshore_engine::{inputs, ports::Ecs};
use serde_json::json;

use super::{OpsError, Stack, now, print_json, runs::age, scale_story};
use crate::page::say;

/// Said of a run that waits for a launch permit.
const PERMIT: &str = "All triggers together may launch as many tasks a second as \
                      LONGSHORE_LAUNCHES_PER_SECOND says, 18 by itself. If that is so for minutes, set \
                      `\"launch\": \"pool\"`: the workers of a queue do such runs (`Launch=pool` of the \
                      template).";
/// Objects that a page shows.
const OBJECTS_MAX: usize = 20;

pub(super) async fn why(
    stack: &Stack,
    id: &str,
    since: Option<SignedDuration>,
    is_json: bool,
) -> Result<(), OpsError> {
    if id.parse::<RunId>().is_err() {
        return scale_story::why(stack, id, since, is_json).await;
    }
    if since.is_some() {
        let why = "--since is about the changes of a queue; leave it out: all of a run is told";
        return Err(OpsError::Said(why.into()));
    }
    let run = stack.find(id).await?;
    let inputs = inputs(&stack.ledger, &run.id).await;
    let objects = inputs?.unwrap_or_default().objects;
    let logs = logs(stack, &run).await;
    let worked = stack.worked(&run).await?;
    if is_json {
        let mut members = json!(run);
        if !objects.is_empty() {
            members["objects"] = json!(objects);
        }
        if !worked.is_empty() {
            members["tickSummaries"] = json!(worked);
        }
        if logs.is_some() {
            members["logs"] = json!(logs);
        }
        print_json(&members);
    } else {
        say(&told(&run, &objects, &worked, logs.as_ref(), now()));
    }
    Ok(())
}

/// Where the output of its task is, once it has one.
async fn logs(stack: &Stack, run: &Run) -> Option<LogPointer> {
    let pointer = LogPointer::of(run)?;
    let definition = &run.target.as_ref()?.definition;
    let ecs = EcsTasks::new(&stack.clients);
    let said = ecs.log_settings(definition, &pointer.container).await;
    Some(pointer.with(said.map_err(|error| error.to_string())))
}

fn told(
    run: &Run,
    objects: &[ObjectVersion],
    worked: &[TickSummary],
    logs: Option<&LogPointer>,
    now: Timestamp,
) -> String {
    let about = match &run.input {
        Input::Object(object) => name(object),
        Input::Objects(objects) => objects.to_string(),
        Input::Tick(tick) => tick.to_string(),
    };
    let mut lines = vec![
        format!("Run {} of trigger {} is about {about}.", run.id, run.trigger),
        format!("It {}.", stands(run, now)),
    ];
    if let Some(parent) = &run.parent {
        let whose = if run.is_shard() { "It is a shard of" } else { "Its objects were those of" };
        lines.push(format!("{whose} run {parent}."));
    }
    lines.extend(next(run));
    lines.extend(logs.map(|logs| format!("Its log is {}.", logs.to_string().escape_debug())));
    lines.push("\nWhat happened:".into());
    lines.extend(run.history.iter().map(|entry| {
        let ago = age(now.duration_since(entry.at));
        let note = entry.note.escape_debug();
        format!("  {:.3}  {ago:>4} ago  {:<10}  {note}", entry.at, entry.state.word())
    }));
    lines.extend(worked::lines(run, worked));
    if run.shards.is_some() {
        lines.push("\nShards:".into());
        lines.extend(run.shard_ids().enumerate().map(|(nth, id)| format!("  {nth:>2}  run {id}")));
    }
    if !objects.is_empty() {
        lines.push("\nObjects:".into());
        lines.extend(objects.iter().take(OBJECTS_MAX).map(|object| format!("  {}", name(object))));
        if objects.len() > OBJECTS_MAX {
            lines.push(format!("  and {} more: see --json", objects.len() - OBJECTS_MAX));
        }
    }
    lines.join("\n")
}

fn name(object: &ObjectVersion) -> String {
    let version = object.version_id.as_deref().map(|id| format!(" (version {id})"));
    format!(
        "s3://{}/{}{}",
        object.bucket.escape_debug(),
        object.key.escape_debug(),
        version.unwrap_or_default().escape_debug(),
    )
}

/// Where it stands, as the rest of a sentence about it.
fn stands(run: &Run, now: Timestamp) -> String {
    let since = age(now.duration_since(run.since.unwrap_or(run.admitted_at)));
    let reason = run.outcome.as_ref().map(|outcome| outcome.reason.escape_debug().to_string());
    let reason = reason.unwrap_or_default();
    let attempt = run.attempt;
    match run.state {
        State::Forming => match &run.waits {
            Some(wait) => format!("is claiming its objects, and {wait}, since {since} ago"),
            None => "is claiming its objects".into(),
        },
        State::Admitted => match &run.waits {
            Some(wait) => format!("{wait}, since {since} ago"),
            None => "is about to be launched".into(),
        },
        State::Launching => format!("is being launched (attempt {attempt}), since {since} ago"),
        State::Launched if run.lies_in_pool() => {
            let queue = run.pool().unwrap_or_default().escape_debug();
            format!("waits in {queue} for a worker (attempt {attempt}), since {since} ago")
        }
        State::Launched => {
            format!("has a task that is starting (attempt {attempt}), since {since} ago")
        }
        State::Running => format!("runs (attempt {attempt}), since {since} ago"),
        State::Backoff => format!("waits for its next try (attempt {attempt})"),
        State::Succeeded => format!("succeeded {since} ago, in attempt {attempt}: {reason}"),
        State::Failed => format!("failed {since} ago, in attempt {attempt}: {reason}"),
        State::Cancelled => format!("was cancelled {since} ago: {reason}"),
        State::Superseded => format!("was superseded {since} ago: {reason}"),
    }
}

/// What comes next, or what to do.
fn next(run: &Run) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(why) = &run.stopping
        && !run.state.is_terminal()
    {
        let what = if run.pool().is_some() { "work" } else { "task" };
        lines.push(format!("Its {what} is being stopped: {why}."));
    }
    if run.waits == Some(Wait::Permit) {
        lines.push(PERMIT.into());
    }
    match (run.state, run.due) {
        (State::Failed, _) => {
            let code = run.outcome.as_ref().and_then(|outcome| outcome.exit_code);
            if let Some(code) = code {
                lines.push(format!("Its container left with exit code {code}."));
            }
            lines.push(format!("Try it again with: longshore redrive {}", run.id));
        }
        (State::Cancelled, _) => {
            lines.push(format!("Try it again with: longshore redrive {}", run.id));
        }
        (_, Some(due)) if !run.state.is_terminal() => {
            lines.push(format!("It is looked at again at {due:.0}, or when its task changes."));
        }
        _ => {}
    }
    if let Some(task) = run.task() {
        let whose = if run.pool().is_some() { "The task of its worker" } else { "Its task" };
        lines.push(format!("{whose} is {}.", task.escape_debug()));
    }
    lines
}
