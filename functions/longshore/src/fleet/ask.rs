//! Tasks that were asked for, and what became of them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    beat::Worker,
    crew::{Crew, task_id},
};

/// A task's first minute is billed whole (AWS Fargate pricing): it begins when the image is pulled,
/// some 12 s after the call, and a tick is a few seconds.
const PAID_FROM_ASK: SignedDuration = SignedDuration::from_secs(66);
/// The same where it is not known when the task was asked for.
const PAID_FROM_SINCE: SignedDuration = SignedDuration::from_mins(1);
/// Age at which ECS is asked about a task that says nothing.
const LATE: SignedDuration = SignedDuration::from_mins(1);
/// Tasks that it is asked about at once (DescribeTasks API reference).
const DESCRIBED_MAX: usize = 100;
/// Seconds of a tick of the scaler, in each of which it is asked about others.
const TICK_SECS: i64 = 5;

/// One request for tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ask {
    /// When.
    pub at: Timestamp,
    /// RunTask's `clientToken`: however often it is asked, the same tasks. Empty of a service.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub token: String,
    /// How many.
    pub count: u32,
    /// The tasks, once RunTask has answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<Vec<Asked>>,
}

/// One task that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// Its id.
    pub task: String,
    /// When it began to receive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Whether it took so long that it counts as failed, though ECS says that it is there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_lost: bool,
}

/// What RunTask said of an [`Ask`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// These were started, by their ARNs.
    Started(Vec<String>),
    /// For certain none was started, and none will be.
    Refused {
        /// Whether there was no room, which is nobody's fault.
        is_capacity: bool,
    },
    /// Nobody knows: the same is asked again.
    Unknown,
}

/// What ECS says of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is there, or will be.
    Alive,
    /// It has stopped.
    Stopped,
    /// ECS does not know it: not yet, or no more.
    Missing,
}

/// What came of tasks that were asked for, since the last tick.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Came {
    /// Seconds from asking until receiving, of each that began to.
    pub(super) started_secs: Vec<f64>,
    /// How many came to nothing.
    pub(super) failed: u32,
}

impl Ask {
    /// Takes in which workers there are, and what ECS says of the others. `lost` is the age at
    /// which a task that says nothing is not counted upon any more.
    pub(super) fn follow(
        asks: &mut Vec<Self>,
        crew: &Crew<'_>,
        fate_of: impl Fn(&str) -> Option<Fate>,
        now: Timestamp,
        lost: SignedDuration,
    ) -> Came {
        let mut came = Came::default();
        asks.retain_mut(|ask| {
            let age = now.duration_since(ask.at);
            let Some(tasks) = &mut ask.tasks else {
                let is_over = age > lost;
                came.failed += if is_over { ask.count } else { 0 };
                return !is_over;
            };
            tasks.retain_mut(|asked| {
                let worker = crew.all.get(asked.task.as_str());
                asked.follow(ask.at, worker.copied(), fate_of(&asked.task), now, lost, &mut came)
            });
            !tasks.is_empty()
        });
        came
    }

    /// Seconds since each task was asked for that does not receive yet.
    pub(super) fn starting_secs(asks: &[Self], now: Timestamp) -> Vec<f64> {
        let mut ages = Vec::new();
        for ask in asks {
            let age = now.duration_since(ask.at).as_secs_f64().max(0.0);
            ages.extend(std::iter::repeat_n(age, usize::try_from(ask.waited_for()).unwrap_or(0)));
        }
        ages
    }

    /// Tasks that do not receive yet.
    pub(super) fn waited_for(&self) -> u32 {
        let Some(tasks) = &self.tasks else { return self.count };
        let waits = tasks.iter().filter(|asked| asked.since.is_none()).count();
        u32::try_from(waits).unwrap_or(u32::MAX)
    }

    /// Tasks that say nothing for long, by their ids: ECS knows more of them. Of many, others at
    /// each tick, so that those for which nothing can be done do not hide the rest.
    #[must_use]
    pub fn late(asks: &[Self], now: Timestamp) -> Vec<String> {
        let late = asks.iter().filter(|ask| now.duration_since(ask.at) > LATE);
        let tasks = late.flat_map(|ask| ask.tasks.iter().flatten());
        let silent = tasks.filter(|asked| asked.since.is_none());
        let mut silent: Vec<String> = silent.map(|asked| asked.task.clone()).collect();
        let tick = usize::try_from(now.as_second() / TICK_SECS).unwrap_or(0);
        let pages = silent.len().div_ceil(DESCRIBED_MAX).max(1);
        silent.drain(..tick % pages * DESCRIBED_MAX);
        silent.truncate(DESCRIBED_MAX);
        silent
    }
}

impl Asked {
    /// A task that was just started.
    #[must_use]
    pub fn new(arn: &str) -> Self {
        Self { task: task_id(arn).to_owned(), since: None, is_lost: false }
    }

    /// Whether it is still to be remembered.
    fn follow(
        &mut self,
        asked_at: Timestamp,
        worker: Option<&Worker>,
        fate: Option<Fate>,
        now: Timestamp,
        lost: SignedDuration,
        came: &mut Came,
    ) -> bool {
        if self.since.is_none()
            && let Some(worker) = worker
        {
            let since = worker.beat.since;
            self.since = Some(since);
            came.started_secs.push(since.duration_since(asked_at).as_secs_f64().max(0.0));
        }
        if let Some(since) = self.since {
            return now.duration_since(since) < PAID_FROM_SINCE;
        }
        let is_lost = now.duration_since(asked_at) > lost;
        match fate {
            Some(Fate::Stopped) => {}
            Some(Fate::Missing) if is_lost => {}
            _ => {
                came.failed += u32::from(is_lost && !self.is_lost);
                self.is_lost |= is_lost;
                return true;
            }
        }
        came.failed += u32::from(!self.is_lost);
        false
    }
}

/// Whether the first minute of a worker is over, which is paid for whole.
pub(super) fn is_paid(asks: &[Ask], worker: &Worker, now: Timestamp) -> bool {
    let since = worker.beat.since;
    if now.duration_since(since) >= PAID_FROM_SINCE {
        return true;
    }
    let id = task_id(&worker.beat.task);
    let is_its = |ask: &&Ask| ask.tasks.iter().flatten().any(|asked| asked.task == id);
    let asked_at = asks.iter().find(is_its).map(|ask| ask.at);
    asked_at.is_some_and(|at| now.duration_since(at) >= PAID_FROM_ASK)
}

#[cfg(test)]
mod tests;
