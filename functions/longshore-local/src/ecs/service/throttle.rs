//! When a deployment may start its next tasks, after some of them ended.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Pause after the first round of tasks that never ran; each further round doubles it.
const FIRST_PAUSE_SECS: i64 = 1;

/// Longest pause ("Service throttle logic", Amazon ECS Developer Guide).
const LONGEST_PAUSE_SECS: i64 = 15 * 60;

/// Pause before a task that ended is replaced. ECS names none, but takes longer than this; without
/// one, a command that ends at once would keep this machine busy starting it.
const REPLACE_PAUSE_SECS: i64 = 2;

/// Rounds after which a service is said to be unable to start tasks.
const IMPAIRED_ROUNDS: u32 = 3;

/// What holds starts up. A task that ran and ended is not throttled, only paced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::ecs) struct Throttle {
    /// Rounds of starts in a row of which a task never ran.
    rounds: u32,
    retry_at: Option<Timestamp>,
    /// Tasks made before this belong to rounds that were counted.
    counted_until: Option<Timestamp>,
}

impl Throttle {
    /// When the next task may start, if not now.
    pub(super) fn until(&self, now: Timestamp) -> Option<Timestamp> {
        self.retry_at.filter(|at| *at > now)
    }

    /// A task of this round never ran.
    pub(super) fn failed(&mut self, created_at: Timestamp, now: Timestamp) {
        if self.counted_until.is_some_and(|until| created_at < until) {
            return;
        }
        let doubled = FIRST_PAUSE_SECS.checked_shl(self.rounds).unwrap_or(LONGEST_PAUSE_SECS);
        self.rounds += 1;
        // From 2^10 s on the longest pause is the shorter one.
        let pause = if self.rounds > 10 { LONGEST_PAUSE_SECS } else { doubled };
        let retry_at = now + SignedDuration::from_secs(pause.min(LONGEST_PAUSE_SECS));
        self.retry_at = Some(retry_at);
        self.counted_until = Some(retry_at);
    }

    /// A task runs.
    pub(super) fn ran(&mut self) {
        *self = Self::default();
    }

    /// A task that ran has ended by itself.
    pub(super) fn ended(&mut self, now: Timestamp) {
        let pause = now + SignedDuration::from_secs(REPLACE_PAUSE_SECS);
        self.retry_at = self.retry_at.max(Some(pause));
    }

    /// Whether its last failure is the one at which this is worth an event.
    pub(super) fn is_impaired(&self) -> bool {
        self.rounds == IMPAIRED_ROUNDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(secs).unwrap()
    }

    #[test]
    fn the_pause_doubles_with_each_round_up_to_a_quarter_of_an_hour() {
        let mut throttle = Throttle::default();
        let (mut now, mut pauses) = (at(1_000), Vec::new());
        for _ in 0..13 {
            throttle.failed(now, now);
            // Its siblings of the same round change nothing.
            throttle.failed(now, now + SignedDuration::from_millis(1));
            let until = throttle.until(now).unwrap();
            pauses.push(until.duration_since(now).as_secs());
            now = until;
            assert_eq!(throttle.until(now), None);
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    }

    #[test]
    fn a_task_that_ran_is_paced_and_one_that_runs_clears_all() {
        let mut throttle = Throttle::default();
        for _ in 0..5 {
            let now = throttle.until(at(0)).unwrap_or(at(10));
            throttle.failed(now, now);
        }
        throttle.ran();
        assert_eq!(throttle.until(at(0)), None);
        for _ in 0..5 {
            throttle.ended(at(10));
        }
        assert_eq!(throttle.until(at(10)), Some(at(12)));
    }
}
