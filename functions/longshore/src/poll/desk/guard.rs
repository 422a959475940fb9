//! The protection of a task of a service, which is stopped at any time without it.
//!
//! Taken once at the start and not for each message: thousands of workers would ask too often
//! otherwise. It is renewed long before it ends, and without it nothing is received.

use jiff::{SignedDuration, Timestamp};

use super::{Desk, Do, Protected, later, later_secs, stages::Phase};
use crate::backoff::wait_secs;

/// For how long it is asked for, in seconds.
pub(crate) const PROTECTED_SECS: u32 = 3_600;
/// It counts as ended so much before it ends: the answer was under way, and clocks differ.
const MARGIN_SECS: u32 = 60;
/// Bounds of the wait after it was not given, in seconds: ECS throttles an account as a whole.
const AGAIN_SECS: (u32, u32) = (5, 60);

/// Whether the task is protected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guard {
    until: Timestamp,
    ask_at: Timestamp,
    asking: bool,
    failures: u32,
    given_up: bool,
}

impl Guard {
    pub(super) fn new(now: Timestamp) -> Self {
        Self { until: now, ask_at: now, asking: false, failures: 0, given_up: false }
    }

    /// Whether ECS does not stop the task now.
    pub(super) fn holds(&self, now: Timestamp) -> bool {
        now < self.until && !self.given_up
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.given_up
    }

    pub(super) fn wake_at(&self) -> Timestamp {
        if self.asking || self.given_up { Timestamp::MAX } else { self.ask_at.min(self.until) }
    }

    fn failed(&mut self, now: Timestamp, jitter: u64) {
        let (base, max) = AGAIN_SECS;
        self.ask_at = later_secs(now, wait_secs(base, max, self.failures, jitter));
        self.failures = self.failures.saturating_add(1);
    }
}

impl Desk {
    pub(super) fn guard_due(&mut self, now: Timestamp, todo: &mut Vec<Do>) {
        let gives_up = self.phase == Phase::Finishing { by: None } && self.holds_nothing();
        let wanted = matches!(self.phase, Phase::Receiving | Phase::Finishing { by: None });
        let Some(guard) = &mut self.guard else { return };
        if guard.asking || guard.given_up || !wanted || (now < guard.ask_at && !gives_up) {
            return;
        }
        if gives_up && guard.failures > 0 && now < guard.ask_at {
            return;
        }
        guard.asking = true;
        todo.push(if gives_up { Do::Unprotect } else { Do::Protect });
    }

    pub(super) fn protected(&mut self, protected: Protected, now: Timestamp, jitter: u64) {
        let Some(guard) = &mut self.guard else { return };
        guard.asking = false;
        match protected {
            Protected::Yes => {
                guard.failures = 0;
                guard.until = later_secs(now, PROTECTED_SECS - MARGIN_SECS);
                // At a third, less up to a tenth of that.
                let third = i64::from(PROTECTED_SECS / 3) * 1_000;
                let earlier = third * i64::try_from(jitter % 100).unwrap_or(0) / 1_000;
                guard.ask_at = later(now, SignedDuration::from_millis(third - earlier));
            }
            Protected::Blocked => {
                guard.failed(now, jitter);
                self.drain();
            }
            Protected::No => guard.failed(now, jitter),
        }
    }

    pub(super) fn unprotected(&mut self, done: bool, now: Timestamp, jitter: u64) {
        let Some(guard) = &mut self.guard else { return };
        guard.asking = false;
        guard.given_up = done;
        if done { guard.failures = 0 } else { guard.failed(now, jitter) }
    }
}
