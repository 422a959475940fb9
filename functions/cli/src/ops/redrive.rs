//! `longshore redrive`: another attempt for runs that failed, and another delivery for envelopes
//! that never became a run.

use std::collections::HashSet;

use longshore::run::{Refused, Run, State};
use longshore_aws::{Machine, Received, SqsQueue};
use longshore_engine::{Advanced, ports::Queue, redrive as redriven};
use serde_json::{Value, json};

use super::{OpsError, Stack, print_json};
use crate::{args::RedriveArgs, page::say};

/// Messages that are looked at, at most: beyond it, say the command again.
const MESSAGES_MAX: usize = 10_000;

/// What was done, for the user.
#[derive(Debug, Default)]
struct Done {
    /// Runs, each with its attempt that had failed.
    redriven: Vec<(String, u32)>,
    left: Vec<(String, String)>,
    envelopes: usize,
    /// Messages of the dead-letter queue that stay there.
    kept: usize,
}

pub(super) async fn redrive(
    stack: &Stack,
    which: &RedriveArgs,
    is_json: bool,
) -> Result<(), OpsError> {
    let mut done = Done::default();
    for id in &which.runs {
        let run = stack.find(id).await?;
        // Of a tick those shards alone are redriven that are not done.
        let run = match run.parent.as_ref().filter(|_| run.is_shard()) {
            Some(tick) => stack.find(tick.as_str()).await?,
            None => run,
        };
        let attempt = run.attempt;
        again(stack, run, attempt, &mut done).await?;
    }
    if which.envelopes {
        envelopes(stack, which, &mut done).await?;
    } else {
        failed(stack, which, &mut done).await?;
    }
    report(&done, is_json);
    if done.left.is_empty() || !done.redriven.is_empty() {
        Ok(())
    } else {
        Err(OpsError::Said("nothing was redriven".into()))
    }
}

fn report(done: &Done, is_json: bool) {
    if is_json {
        let left = done.left.iter().map(|(run, why)| json!({"run": run, "why": why}));
        let redriven = done.redriven.iter().map(|(run, _)| run);
        return print_json(&json!({
            "redriven": redriven.collect::<Vec<_>>(),
            "left": left.collect::<Vec<_>>(),
            "envelopes": done.envelopes,
            "kept": done.kept,
        }));
    }
    for (run, _) in &done.redriven {
        say(&format!("run {run} gets another attempt, within a minute"));
    }
    for (run, why) in &done.left {
        say(&format!("run {run} is left as it is: {why}"));
    }
    if done.envelopes > 0 {
        say(&format!("{} messages were sent again", done.envelopes));
    }
    if done.kept > 0 {
        say(&format!(
            "{} messages are left as they are: they are no envelopes, were refused again, or others were asked for",
            done.kept
        ));
    }
    if done.redriven.is_empty() && done.left.is_empty() && done.envelopes == 0 {
        say("nothing to redrive");
    }
}

/// Goes through the `failed` queue: what was redriven leaves it, the rest stays.
async fn failed(stack: &Stack, which: &RedriveArgs, done: &mut Done) -> Result<(), OpsError> {
    let queue = stack.queue("failed").await?;
    let mut kept = Vec::new();
    for _ in 0..MESSAGES_MAX {
        let Some(message) = next(stack, &queue).await? else { break };
        let body: Value = serde_json::from_str(&message.body).unwrap_or_default();
        let run = body["run"].as_str().unwrap_or_default().to_owned();
        let attempt = body["attempt"].as_u64().and_then(|number| u32::try_from(number).ok());
        let attempt = attempt.unwrap_or_default();
        let is_settled = match done.redriven.iter().find(|(redriven, _)| *redriven == run) {
            // It may have failed again meanwhile, and that is another message.
            Some((_, redriven)) => attempt <= *redriven,
            None if fits(which, &body, &message.reason) => match stack.find(&run).await {
                Ok(found) => again(stack, found, attempt, done).await?,
                // A message of somebody else, or of a run that is older than the ledger's memory.
                Err(OpsError::Said(why)) => {
                    done.left.push((run, why));
                    false
                }
                Err(error) => return Err(error),
            },
            None => false,
        };
        if is_settled {
            delete(stack, &queue, &message).await?;
        } else {
            kept.push(message);
        }
    }
    give_back(&queue, kept).await;
    Ok(())
}

fn fits(which: &RedriveArgs, body: &Value, reason: &str) -> bool {
    let has_filter = which.trigger.is_some() || which.reason.is_some();
    let trigger = which.trigger.as_deref();
    let of_trigger = trigger.is_none_or(|name| body["trigger"].as_str() == Some(name));
    let of_reason = which.reason.as_ref().is_none_or(|text| reason.contains(text));
    (which.all || has_filter) && of_trigger && of_reason
}

/// One more attempt, unless somebody was first; whether the failure of `attempt` is settled by it.
async fn again(stack: &Stack, run: Run, attempt: u32, done: &mut Done) -> Result<bool, OpsError> {
    let id = run.id.to_string();
    match Box::pin(redriven(&stack.ledger, &Machine, run, attempt)).await? {
        Advanced::Done(_) => done.redriven.push((id, attempt)),
        Advanced::Refused(Refused::TooEarly(_), _) => {
            let why =
                "it has just ended, and its message is about to be sent; try again in a minute";
            done.left.push((id, why.into()));
            return Ok(false);
        }
        Advanced::Refused(_, run) | Advanced::Barred(_, run) => {
            let why = match run.state {
                State::Failed | State::Cancelled => {
                    format!(
                        "attempt {attempt} was redriven already; it failed again in attempt {}",
                        run.attempt
                    )
                }
                state => format!("it is {}", state.word()),
            };
            done.left.push((id, why));
        }
    }
    Ok(true)
}

/// Sends what never became a run to where it came from.
async fn envelopes(stack: &Stack, which: &RedriveArgs, done: &mut Done) -> Result<(), OpsError> {
    let (dead, inbox) = (stack.queue("inbox-dead").await?, stack.queue("inbox").await?);
    let outcomes = stack.queue("outcomes").await?;
    let trouble = |error| OpsError::Queue(error, stack.name.clone());
    // What comes back while this goes on was refused again.
    let mut sent = HashSet::new();
    let mut kept = Vec::new();
    for _ in 0..MESSAGES_MAX {
        let Some(message) = next(stack, &dead).await? else { break };
        let body: Value = serde_json::from_str(&message.body).unwrap_or_default();
        let home = match (&body["trigger"]["name"], body["detail-type"].as_str()) {
            (_, Some("ECS Task State Change")) if which.trigger.is_none() => Some(&outcomes),
            (Value::String(name), _) => {
                which.trigger.as_ref().is_none_or(|wanted| wanted == name).then_some(&inbox)
            }
            _ => None,
        };
        let of_reason = which.reason.as_ref().is_none_or(|text| message.reason.contains(text));
        match home.filter(|_| of_reason && !sent.contains(&message.body)) {
            Some(home) => {
                home.send(&message.body, "redriven").await.map_err(trouble)?;
                delete(stack, &dead, &message).await?;
                done.envelopes += 1;
                sent.insert(message.body);
            }
            None => kept.push(message),
        }
    }
    done.kept = kept.len();
    give_back(&dead, kept).await;
    Ok(())
}

async fn next(stack: &Stack, queue: &SqsQueue) -> Result<Option<Received>, OpsError> {
    queue.receive().await.map_err(|error| OpsError::Queue(error, stack.name.clone()))
}

async fn delete(stack: &Stack, queue: &SqsQueue, message: &Received) -> Result<(), OpsError> {
    let deleted = queue.delete(&message.receipt).await;
    deleted.map_err(|error| OpsError::Queue(error, stack.name.clone()))
}

/// Makes messages visible that were only looked at.
async fn give_back(queue: &SqsQueue, messages: Vec<Received>) {
    for message in messages {
        // Otherwise it is visible again when the queue's own timeout ends.
        drop(queue.retry_after(&message.receipt, 0).await);
    }
}
