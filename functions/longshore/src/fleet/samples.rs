//! Workers and moments that tests begin with.

use jiff::{SignedDuration, Timestamp};

use super::{Beat, Stage, Worker};

/// So many seconds after tests begin.
pub(super) fn at(secs: i64) -> Timestamp {
    let begin: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
    begin + SignedDuration::from_secs(secs)
}

/// A worker that has received since `since` and said so at `said`.
pub(super) fn worker(id: &str, since: i64, said: i64) -> Worker {
    let beat = Beat {
        task: format!("arn:aws:ecs:eu-west-1:123456789012:task/main/{id}"),
        definition: None,
        since: at(since),
        at: at(said),
        messages: 0,
        busy_ms: 0,
        in_flight: 0,
        stage: Stage::Receiving,
    };
    Worker { beat, drain: None }
}
