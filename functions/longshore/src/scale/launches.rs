//! How long a task takes to start, and whether launches come to anything at all.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::observe::Seen;

/// Expected time from asking for a task until it receives, for an image of a few hundred MB on
/// Fargate.
pub(super) const EXPECTED_SECS: f64 = 40.0;
/// Launches that what was expected counts as much as.
const PRIOR_LAUNCHES: f64 = 3.0;
/// Launches that the mean goes back, so that a new image is noticed.
const MEMORY_LAUNCHES: f64 = 20.0;
/// Shortest and longest time that is reckoned with; after 15 minutes something else is wrong.
const SECS: (f64, f64) = (1.0, 900.0);
/// How many times the usual time a task may take before it is given up for lost.
const LOST_TIMES: f64 = 3.0;
/// Launches whose outcome is remembered.
const OUTCOMES: usize = 10;
/// Of these, failures after which launching stops: an image that does not start would be paid for,
/// a minute each time, for as long as there are messages.
const FAILURES_MAX: u32 = 5;
/// Seconds between the launches by which it is tried whether it works again.
const TRIAL_SECS: f64 = 300.0;

/// What was seen of launches.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Launches {
    mean_secs: Option<f64>,
    seen: f64,
    /// Whether each of the last ones came to something.
    outcomes: VecDeque<bool>,
    /// When the last trial was, or the breaker opened.
    tried_at: Option<f64>,
}

impl Launches {
    /// Takes in how launches went. One that goes well after the breaker opened closes it.
    pub(super) fn learn(&mut self, seen: &Seen) {
        for &secs in &seen.started_secs {
            self.seen = (self.seen + 1.0).min(MEMORY_LAUNCHES);
            let mean = self.mean_secs();
            let secs = secs.clamp(SECS.0, SECS.1);
            self.mean_secs = Some(mean + (secs - mean) / (self.seen + PRIOR_LAUNCHES));
        }
        for _ in 0..usize::try_from(seen.failed).unwrap_or(OUTCOMES).min(OUTCOMES) {
            self.outcomes.push_back(false);
        }
        if self.tried_at.is_some() && !seen.started_secs.is_empty() {
            self.outcomes.clear();
            self.tried_at = None;
        }
        self.outcomes.extend(seen.started_secs.iter().take(OUTCOMES).map(|_| true));
        let over = self.outcomes.len().saturating_sub(OUTCOMES);
        self.outcomes.drain(..over);
    }

    /// Seconds from asking for a task until it receives.
    pub(super) fn mean_secs(&self) -> f64 {
        self.mean_secs.unwrap_or(EXPECTED_SECS)
    }

    /// The same, if any task was seen to start.
    pub(super) fn measured_secs(&self) -> Option<f64> {
        self.mean_secs
    }

    /// Age at which a task that has not started counts as lost.
    pub(super) fn lost_secs(&self) -> f64 {
        LOST_TIMES * self.mean_secs()
    }

    /// How many of the last ten failed, if so many that launching stops.
    pub(super) fn failing(&self) -> Option<u32> {
        let failed: u32 = self.outcomes.iter().map(|well| u32::from(!well)).sum();
        (failed > FAILURES_MAX).then_some(failed)
    }

    /// Most launches at `at_secs`: any, but one now and then while they fail.
    pub(super) fn allowed(&mut self, at_secs: f64, wanted: u32) -> u32 {
        if self.failing().is_none() || wanted == 0 {
            return wanted;
        }
        let is_time = self.tried_at.map(|tried| (at_secs - tried).abs() >= TRIAL_SECS);
        if is_time.unwrap_or(true) {
            self.tried_at = Some(at_secs);
        }
        u32::from(is_time.unwrap_or(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::observe::Observation;

    fn learn(launches: &mut Launches, started: &[f64], failed: u32) {
        let started_secs = started.to_vec();
        let observation = Observation { started_secs, failed, ..Observation::default() };
        launches.learn(&Seen::of(&observation));
    }

    #[test]
    fn what_an_image_takes_is_measured() {
        let mut launches = Launches::default();
        assert_eq!(launches.mean_secs().to_bits(), 40.0_f64.to_bits());
        assert_eq!(launches.measured_secs(), None);
        learn(&mut launches, &[80.0], 0);
        assert_eq!(launches.measured_secs(), Some(launches.mean_secs()));
        assert_eq!(launches.mean_secs().to_bits(), 50.0_f64.to_bits());
        learn(&mut launches, &[80.0; 100], 0);
        assert!((79.0..80.0).contains(&launches.mean_secs()), "{}", launches.mean_secs());
        learn(&mut launches, &[1e6; 1_000], 0);
        assert!(launches.mean_secs() <= 900.0 && launches.lost_secs() <= 2_700.0);
    }

    #[test]
    fn launches_that_fail_are_stopped_and_tried_again_now_and_then() {
        let mut launches = Launches::default();
        learn(&mut launches, &[30.0; 4], 5);
        assert_eq!((launches.failing(), launches.allowed(0.0, 7)), (None, 7));
        learn(&mut launches, &[], 1);
        assert_eq!((launches.failing(), launches.allowed(5.0, 7)), (Some(6), 0));
        assert_eq!(launches.allowed(304.0, 7), 0);
        assert_eq!(launches.allowed(305.0, 7), 1);
        assert_eq!(launches.allowed(310.0, 7), 0);
        learn(&mut launches, &[], 1);
        assert_eq!((launches.failing(), launches.allowed(605.0, 7)), (Some(6), 1));
        learn(&mut launches, &[30.0], 0);
        assert_eq!((launches.failing(), launches.allowed(610.0, 7)), (None, 7));
    }

    #[test]
    fn what_started_before_the_trial_does_not_close_the_breaker_by_itself() {
        let mut launches = Launches::default();
        learn(&mut launches, &[30.0], 10);
        assert_eq!(launches.failing(), Some(9));
    }
}
