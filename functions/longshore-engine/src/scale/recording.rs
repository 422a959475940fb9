//! Observations, gathered and written down once a minute.

use jiff::{SignedDuration, Timestamp};
use longshore::{
    fleet::{Queue, Record},
    scale::{Observation, State},
};
use tracing::warn;

use crate::ports::Scaling;

/// How long observations are gathered.
const GATHERED: SignedDuration = SignedDuration::from_mins(1);
/// Tasks that start, over all observations of a record, each of some twenty bytes: a row takes
/// 400 KB (DynamoDB, "Quotas").
const STARTING_MAX: usize = 10_000;

/// Observations that are not written down yet. Those of a scaler that dies are lost: they explain,
/// and nothing is decided by them.
#[derive(Debug, Default)]
pub(super) struct Recording {
    record: Option<Record>,
    starting: usize,
}

impl Recording {
    /// Adds what was observed, where `before` was remembered.
    pub(super) async fn add(
        &mut self,
        rows: &impl Scaling,
        queue: &Queue,
        before: State,
        observation: Observation,
    ) {
        let at = at(&observation);
        let starting = observation.starting_secs.len() + observation.started_secs.len();
        let is_over = |record: &Record| at.duration_since(record.at) >= GATHERED;
        if self.record.as_ref().is_some_and(is_over) || self.starting + starting > STARTING_MAX {
            self.flush(rows, queue.name()).await;
        }
        self.starting += starting;
        let settings = &queue.settings.scale;
        let begin =
            || Record { at, settings: settings.clone(), state: before, observations: vec![] };
        self.record.get_or_insert_with(begin).observations.push(observation);
    }

    /// Writes them down.
    pub(super) async fn flush(&mut self, rows: &impl Scaling, queue: &str) {
        self.starting = 0;
        let Some(record) = self.record.take() else { return };
        if let Err(trouble) = rows.record(queue, &record).await {
            warn!(queue, %trouble, "Could not write down what was observed");
        }
    }
}

fn at(observation: &Observation) -> Timestamp {
    let since = SignedDuration::try_from_secs_f64(observation.at_secs).unwrap_or_default();
    Timestamp::from_duration(since).unwrap_or_default()
}
