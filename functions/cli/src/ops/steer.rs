//! `longshore cancel`, `pause`, `resume`, `forget`.

use longshore::run::{Refused, State, Step, Stopping};
use longshore_aws::Machine;
use longshore_engine::{Advanced, advance};
use serde_json::json;

use super::{OpsError, Stack, now, print_json};
use crate::page::say;

pub(super) async fn cancel(
    stack: &Stack,
    ids: &[String],
    reason: &str,
    is_json: bool,
) -> Result<(), OpsError> {
    let mut told = Vec::new();
    for id in ids {
        let run = stack.find(id).await?;
        let step = Step::Stop { why: Stopping::Cancel { by: reason.to_owned() } };
        let advanced = advance(&stack.ledger, &Machine, run, &step).await?;
        let (state, said) = match &advanced {
            Advanced::Done(change) if change.run.state == State::Cancelled => {
                (State::Cancelled, "is cancelled; it had no task".to_owned())
            }
            Advanced::Done(change) => {
                (change.run.state, "is being cancelled: its task is stopped within a minute".into())
            }
            Advanced::Refused(Refused::Duplicate, run) => {
                (run.state, "is being cancelled already".into())
            }
            Advanced::Refused(_, run) | Advanced::Barred(_, run) => {
                (run.state, format!("is not cancelled: it has {} already", run.state.word()))
            }
        };
        if !is_json {
            say(&format!("run {id} {said}"));
        }
        told.push(json!({"run": id, "state": state, "said": said}));
    }
    if is_json {
        print_json(&json!(told));
    }
    Ok(())
}

pub(super) async fn pause(
    stack: &Stack,
    trigger: &str,
    is_paused: bool,
    is_json: bool,
) -> Result<(), OpsError> {
    let at = is_paused.then(now);
    let is_known = stack.ledger.pause(trigger, at).await;
    if !is_known.map_err(|error| stack.ledger_error(error))? {
        return Err(OpsError::Said(format!(
            "the ledger knows no trigger `{}`: it is known from its first event on",
            trigger.escape_debug()
        )));
    }
    if is_json {
        print_json(&json!({"trigger": trigger, "paused": is_paused}));
    } else if is_paused {
        say(&format!(
            "trigger {trigger} is paused: its events become runs that wait, within 10 s; what runs goes on"
        ));
    } else {
        say(&format!("trigger {trigger} is resumed: the runs that wait start within a minute"));
    }
    Ok(())
}

pub(super) async fn forget(stack: &Stack, trigger: &str, is_json: bool) -> Result<(), OpsError> {
    stack.ledger.forget(trigger).await.map_err(|error| stack.ledger_error(error))?;
    if is_json {
        print_json(&json!({"trigger": trigger, "forgotten": true}));
    } else {
        say(&format!(
            "trigger {trigger} is forgotten: the rule or schedule of its next event owns the name"
        ));
    }
    Ok(())
}
