//! `longshore backfill`: runs of past ticks or of objects that are there, as far as none were.
//!
//! Nothing is remembered of a backfill: an event that has its run already is not sent, so whoever
//! was cut off starts again.

mod cut;
mod ended;
mod objects;
mod progress;
mod sending;
mod ticks;

use ended::Ended;

use super::{OpsError, Stack, print_json};
use crate::{
    args::BackfillArgs,
    page::{complain, say},
};

pub(super) async fn backfill(
    stack: &Stack,
    asked: &BackfillArgs,
    is_json: bool,
) -> Result<(), OpsError> {
    let (ended, trouble) = match &asked.prefix {
        Some(prefix) => objects::objects(stack, asked, prefix, is_json).await?,
        None => ticks::ticks(stack, asked, is_json).await?,
    };
    if is_json {
        print_json(&ended.json());
    } else {
        say(&ended.told(asked.dry_run));
    }
    let cut_off = ended.go_on.map(|command| format!("it was cut off; go on with: {command}"));
    match (trouble, cut_off) {
        (Some(error), Some(said)) => {
            complain("longshore", &said);
            Err(error)
        }
        (Some(error), None) => Err(error),
        (None, Some(said)) => Err(OpsError::Said(said)),
        (None, None) => Ok(()),
    }
}

/// What came of it, and what cut it off, if it was trouble.
type Outcome = (Ended, Option<OpsError>);
