//! What a worker of a queue says of itself, and what it is told in return.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a drained task of a service waits to be stopped before it leaves by itself: three ticks
/// of the scaler, who lowers the desired count. Where it is not lowered, because as many are
/// launched as leave, or where ECS has stopped another task instead, ECS replaces who left.
pub const REST: SignedDuration = SignedDuration::from_secs(15);

/// What a worker says of itself when it begins, every ten seconds at most, and when it leaves.
///
/// Totals count from its own beginning, so that one that is lost is made good by the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Beat {
    /// The ARN of its task.
    pub task: String,
    /// The ARN of its task definition, with the revision; none if ECS did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    /// When it began to receive.
    pub since: Timestamp,
    /// When it said this.
    pub at: Timestamp,
    /// Messages that it has finished, one way or the other.
    pub messages: u64,
    /// Milliseconds of work on messages, summed over all at once, finished or not.
    pub busy_ms: u64,
    /// Messages that it works on.
    pub in_flight: u32,
    /// How far it is.
    pub stage: Stage,
}

/// How far a worker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// It receives messages.
    Receiving,
    /// It receives no more, and finishes what it holds.
    Draining,
    /// It holds nothing any more: it has left, or may be stopped at any time.
    Drained,
}

/// What a worker is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Go on.
    Stay,
    /// Receive no more, finish what you hold, and leave.
    Drain,
}

/// A worker as its row shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// What it said last.
    pub beat: Beat,
    /// Since when it is told to leave, if it is.
    pub drain: Option<Timestamp>,
}

/// The name of a queue, by its URL; unique in an account and Region, and what its rows are filed
/// under.
#[must_use]
pub fn queue_name(url: &str) -> &str {
    url.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_named_by_the_end_of_its_url() {
        for (url, name) in [
            ("https://sqs.eu-west-1.amazonaws.com/123456789012/work.fifo", "work.fifo"),
            ("http://127.0.0.1:4566/000000000000/work/", "work"),
            ("work", "work"),
            ("", ""),
        ] {
            assert_eq!(queue_name(url), name);
        }
    }
}
