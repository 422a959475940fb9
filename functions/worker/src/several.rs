//! Several objects, one after the other: those that fail do not keep the others from being done.

use std::ops::Add as _;

use longshore::{
    ingest::Counts,
    run::{WorkResult, WorkStatus},
    trigger::{Inputs, ObjectVersion},
};
use longshore_engine::{
    ingest::{IngestError, Ingested},
    ports::ObjectRef,
};
use serde_json::{Value, json};
use tracing::{info, warn};

use crate::{Desk, EXIT_DONE, EXIT_TRY_AGAIN, Verdict, counted, exit_code};

/// Failures that the reason names; the run's row and its message hold it.
const NAMED_MAX: usize = 3;

/// Objects with dead letters that the summary names: a run's row holds 400 KB (DynamoDB quotas), and
/// a key up to 1 KB.
const DEAD_LETTERS_MAX: usize = 20;

/// Objects, and how the work on each of them ended, in their order.
pub(super) struct Several {
    inputs: Inputs,
    ended: Vec<Result<Ingested, IngestError>>,
}

impl Several {
    pub(super) fn new(inputs: Inputs) -> Self {
        Self { inputs, ended: Vec::new() }
    }

    /// Works until all are done, or the run is another's.
    pub(super) async fn work(&mut self, desk: &Desk<'_>) {
        for object in &self.inputs.objects {
            let ObjectVersion { bucket, key, version_id, etag, .. } = object.clone();
            let ended = desk.ingest(ObjectRef { bucket, key, version_id, etag }).await;
            match &ended {
                Ok(done) => info!(key = object.key, equation = %done.summary, "Object is done"),
                Err(error) => warn!(key = object.key, %error, "Object is not done"),
            }
            let is_lost = ended == Err(IngestError::FenceLost);
            self.ended.push(ended);
            if is_lost {
                return;
            }
        }
    }

    /// What to report, and the exit code; objects without an end are `undone`.
    pub(super) fn verdict(self, undone: &str) -> Verdict {
        let Self { inputs, mut ended } = self;
        ended.resize(inputs.objects.len(), Err(IngestError::Retryable(undone.into())));
        if ended.contains(&Err(IngestError::FenceLost)) {
            return None;
        }
        let places = || inputs.places.iter().zip(&inputs.objects).zip(&ended);
        let failures: Vec<_> = places()
            .filter_map(|((place, object), ended)| match ended {
                Ok(_) | Err(IngestError::Superseded(_)) => None,
                Err(error) => Some((place, object, error)),
            })
            .collect();
        let failed = failures.iter().filter_map(|(place, ..)| u16::try_from(*place).ok()).collect();
        let (status, code) = match failures.iter().map(|(.., error)| exit_code(error)).min() {
            None => (WorkStatus::Done, EXIT_DONE),
            // No retry can help only if none can help any of them.
            Some(first) if failures.iter().all(|(.., error)| exit_code(error) == first) => {
                (WorkStatus::Failed, first)
            }
            Some(_) => (WorkStatus::Failed, EXIT_TRY_AGAIN),
        };
        let result = WorkResult {
            status,
            reason: reason(&failures, ended.len()),
            summary: summary(&ended, failures.len()),
            failed,
        };
        Some((result, code))
    }
}

/// How many failed, and why the first of them did.
fn reason(failures: &[(usize, &ObjectVersion, &IngestError)], of: usize) -> String {
    if failures.is_empty() {
        return String::new();
    }
    let named = failures.iter().take(NAMED_MAX);
    let named = named.map(|(_, object, error)| format!("`{}`: {error}", object.key.escape_debug()));
    let more = if failures.len() > NAMED_MAX { "; …" } else { "" };
    let named = named.collect::<Vec<_>>().join("; ");
    format!("{} of {of} objects failed: {named}{more}", failures.len())
}

/// The equation of all objects that are done.
fn summary(ended: &[Result<Ingested, IngestError>], failed: usize) -> Value {
    let done = || ended.iter().filter_map(|ended| ended.as_ref().ok());
    let sum = done().map(|done| done.summary.counts()).fold(Counts::default(), Counts::add);
    let mut summary = sum.try_into().map_or(Value::Null, counted);
    summary["objects"] = json!(done().count());
    summary["failed"] = json!(failed);
    summary["superseded"] = json!(ended.len() - done().count() - failed);
    let dead_letters = || done().filter_map(|done| done.dead_letters.as_ref());
    summary["deadLetters"] = json!(dead_letters().take(DEAD_LETTERS_MAX).collect::<Vec<_>>());
    summary["deadLetterObjects"] = json!(dead_letters().count());
    summary
}

#[cfg(test)]
mod tests;
