//! What is seen of a queue and its fleet at one moment.

use serde::{Deserialize, Serialize};

use super::number::{each_or_none, or_none, within};

/// Most messages that are believed: to begin more within the longest retention takes over 800 a
/// second all the time, and a count above is taken for a fault.
const MESSAGES_MAX: f64 = 1e9;
/// Most tasks that are believed.
const TASKS_MAX: f64 = 1e5;
/// Longest time between two moments that is believed; a task lives no longer than a queue's
/// retention.
const SECS_MAX: f64 = 1_209_600.0;
/// Most seconds of work that are believed between two observations.
const BUSY_SECS_MAX: f64 = 1e10;
/// Latest time that is believed: the year 3000.
const AT_SECS_MAX: f64 = 32_503_680_000.0;

/// A queue and its fleet at one moment; what is counted "since" is since the last observation.
///
/// Whoever observes writes down what there is. What is no number, negative or absurd is noticed by
/// [`decide`](super::decide), which then changes nothing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Observation {
    /// When, in seconds since 1970.
    #[serde(deserialize_with = "or_none")]
    pub at_secs: f64,
    /// The newest reading of the queue; none if it could not be read.
    pub queue: Option<Reading>,
    /// Tasks that receive.
    pub running: u32,
    /// Of these, tasks whose first minute is over, which is billed whole: they may leave.
    pub may_leave: u32,
    /// Tasks that were asked for and do not receive yet: seconds since each was asked for.
    #[serde(deserialize_with = "each_or_none")]
    pub starting_secs: Vec<f64>,
    /// Tasks that were told to leave, and still work.
    pub draining: Draining,
    /// What workers say that they did since; none if they say nothing.
    pub workers: Option<Finished>,
    /// What CloudWatch says of a past minute, where workers say nothing: NumberOfMessagesDeleted,
    /// and the mean of messages in flight × 60 s.
    pub cloudwatch: Option<Finished>,
    /// Tasks that began to receive since: seconds from asking for each until then.
    #[serde(deserialize_with = "each_or_none")]
    pub started_secs: Vec<f64>,
    /// Tasks that were asked for and came to nothing since.
    pub failed: u32,
    /// Most launches that ECS takes now, if there is a bound: after throttling, or by our pace.
    pub launches_max: Option<u32>,
}

/// What a queue said of itself (GetQueueAttributes API reference; the numbers are approximate).
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Reading {
    /// When, in seconds since 1970.
    #[serde(deserialize_with = "or_none")]
    pub at_secs: f64,
    /// ApproximateNumberOfMessages.
    #[serde(deserialize_with = "or_none")]
    pub visible: f64,
    /// ApproximateNumberOfMessagesNotVisible.
    #[serde(deserialize_with = "or_none")]
    pub in_flight: f64,
}

/// Tasks that were told to leave, and still work.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Draining {
    /// How many.
    pub tasks: u32,
    /// Messages that they still work on.
    #[serde(deserialize_with = "or_none")]
    pub in_flight: f64,
}

/// Work on messages.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Finished {
    /// Messages that were finished.
    #[serde(deserialize_with = "or_none")]
    pub messages: f64,
    /// Seconds of work on messages, summed over all at once, finished or not.
    #[serde(deserialize_with = "or_none")]
    pub busy_secs: f64,
}

impl Finished {
    /// What can be believed of it.
    fn believed(self) -> Option<Self> {
        within(self.messages, MESSAGES_MAX)?;
        within(self.busy_secs, BUSY_SECS_MAX)?;
        Some(self)
    }
}

/// The parts of an observation that can be believed.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) at_secs: Option<f64>,
    pub(super) queue: Option<Reading>,
    pub(super) running: u32,
    pub(super) may_leave: u32,
    pub(super) starting_secs: Vec<f64>,
    pub(super) draining: Draining,
    pub(super) workers: Option<Finished>,
    pub(super) cloudwatch: Option<Finished>,
    pub(super) started_secs: Vec<f64>,
    pub(super) failed: u32,
    pub(super) launches_max: u32,
}

impl Seen {
    pub(super) fn of(observation: &Observation) -> Self {
        let secs = |list: &[f64]| -> Vec<f64> {
            list.iter().copied().filter(|secs| within(*secs, SECS_MAX).is_some()).collect()
        };
        let at_secs = within(observation.at_secs, AT_SECS_MAX);
        let believed = |reading: &Reading| {
            within(reading.at_secs, at_secs?)?;
            within(reading.visible, MESSAGES_MAX)?;
            within(reading.in_flight, MESSAGES_MAX)?;
            Some(*reading)
        };
        let running = observation.running.min(super::number::whole(TASKS_MAX));
        let in_flight = within(observation.draining.in_flight, MESSAGES_MAX).unwrap_or(0.0);
        let mut starting_secs = secs(&observation.starting_secs);
        starting_secs.sort_by(f64::total_cmp);
        Self {
            at_secs,
            queue: observation.queue.as_ref().and_then(believed),
            running,
            may_leave: observation.may_leave.min(running),
            starting_secs,
            draining: Draining { in_flight, ..observation.draining },
            workers: observation.workers.and_then(Finished::believed),
            cloudwatch: observation.cloudwatch.and_then(Finished::believed),
            started_secs: secs(&observation.started_secs),
            failed: observation.failed,
            launches_max: observation.launches_max.unwrap_or(u32::MAX),
        }
    }
}
