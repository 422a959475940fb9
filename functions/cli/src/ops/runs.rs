//! `longshore runs`: the newest runs, of one trigger or of all, in one state or in any, and however
//! they ended or in one way.

use jiff::{SignedDuration, Timestamp};
use longshore::{
    run::{Class, Run, State},
    trigger::Input,
};
use longshore_engine::ports::Ledger;
use serde_json::{Map, Value, json};

use super::{OpsError, Stack, now, print_json};
use crate::{
    args::RunsArgs,
    page::{say, table},
};

/// Runs that are read at once.
const PAGE: usize = 100;

pub(super) async fn runs(stack: &Stack, which: &RunsArgs, is_json: bool) -> Result<(), OpsError> {
    let found = newest(stack, which).await?;
    if is_json {
        print_json(&json!(found));
        return Ok(());
    }
    if found.is_empty() {
        say("no such runs in the last 30 days");
        return Ok(());
    }
    let now = now();
    let rows: Vec<_> = found.iter().map(|run| row(run, now)).collect();
    table(&rows, &COLUMNS);
    Ok(())
}

const COLUMNS: [&str; 7] = ["run", "trigger", "state", "att", "age", "object", "note"];

fn row(run: &Run, now: Timestamp) -> Map<String, Value> {
    let note = run.history.last().map(|entry| entry.note.as_str()).unwrap_or_default();
    let cells = [
        run.id.to_string(),
        run.trigger.clone(),
        run.state.word().to_owned(),
        run.attempt.to_string(),
        age(now.duration_since(run.admitted_at)),
        about(run),
        note.to_owned(),
    ];
    COLUMNS.iter().map(|name| (*name).to_owned()).zip(cells.map(Value::String)).collect()
}

/// The object, or how many there are.
fn about(run: &Run) -> String {
    match &run.input {
        Input::Object(object) => object.key.clone(),
        Input::Objects(objects) => objects.to_string(),
        Input::Tick(tick) => tick.to_string(),
    }
}

/// The largest unit that is not 0: `3d`, `5h`, `12m`, `7s`.
pub(super) fn age(age: SignedDuration) -> String {
    let secs = age.as_secs().max(0);
    match secs {
        0..60 => format!("{secs}s"),
        60..3_600 => format!("{}m", secs / 60),
        3_600..86_400 => format!("{}h", secs / 3_600),
        _ => format!("{}d", secs / 86_400),
    }
}

/// Up to the wanted number of runs, the newest first.
async fn newest(stack: &Stack, which: &RunsArgs) -> Result<Vec<Run>, OpsError> {
    let trouble = |error| stack.ledger_error(error);
    let triggers = match &which.trigger {
        Some(trigger) => vec![trigger.clone()],
        None => stack.ledger.triggers().await.map_err(trouble)?,
    };
    let (state, end) = (which.state.map(State::from), which.ended.map(Class::from));
    let fits = |run: &Run| {
        state.is_none_or(|state| run.state == state)
            && end.is_none_or(|end| ended(run) == Some(end))
    };
    let mut found = Vec::new();
    for trigger in triggers {
        for are_queued in [true, false] {
            let mut after = None;
            let mut of_list = 0;
            loop {
                let page = stack.ledger.runs(&trigger, are_queued, PAGE, after);
                let page = page.await.map_err(trouble)?;
                let runs: Vec<_> = page.runs.into_iter().filter(fits).collect();
                of_list += runs.len();
                found.extend(runs);
                after = page.after;
                if after.is_none() || of_list >= which.limit {
                    break;
                }
            }
        }
    }
    found.sort_by_key(|run: &Run| std::cmp::Reverse(run.admitted_at));
    found.truncate(which.limit);
    Ok(found)
}

/// How it ended; a run between two attempts has not.
fn ended(run: &Run) -> Option<Class> {
    run.outcome.as_ref().filter(|_| run.state.is_terminal()).map(|outcome| outcome.class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_said_in_its_largest_unit() {
        let said = |secs| age(SignedDuration::from_secs(secs));
        assert_eq!(
            [-5, 0, 59, 60, 3_599, 3_600, 86_399, 86_400].map(said),
            ["0s", "0s", "59s", "1m", "59m", "1h", "23h", "1d"]
        );
    }
}
