//! Step 1: how long a task works on a message.

use serde::{Deserialize, Serialize};

use super::{
    observe::{Finished, Seen},
    policy::Policy,
};

/// Messages that what was expected counts as much as.
const PRIOR_MESSAGES: f64 = 10.0;
/// Messages after which what was seen counts a third as much, so that a change is noticed.
const MEMORY_MESSAGES: f64 = 2_000.0;
/// Shortest work that is reckoned with; a call to SQS takes as long.
const SECS_MIN: f64 = 0.001;
/// Longest: visibility ends after 12 hours (ChangeMessageVisibility API reference).
const SECS_MAX: f64 = 43_200.0;

/// Work that was seen, the older the lighter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Service {
    busy_secs: f64,
    messages: f64,
}

impl Service {
    /// Takes in what workers say, or else CloudWatch. Work that is not finished counts too: without
    /// it the first of many long messages would have to end before anybody knew that they are long.
    pub(super) fn learn(&mut self, seen: &Seen) {
        let Some(Finished { messages, busy_secs }) = seen.workers.or(seen.cloudwatch) else {
            return;
        };
        let kept = (-messages / MEMORY_MESSAGES).exp();
        self.busy_secs = self.busy_secs * kept + busy_secs;
        self.messages = self.messages * kept + messages;
    }

    /// Messages that were seen, the older the lighter.
    pub(super) fn messages(&self) -> f64 {
        self.messages
    }

    /// Mean seconds per message.
    pub(super) fn mean_secs(&self, policy: &Policy) -> f64 {
        let busy = policy.expected_secs * PRIOR_MESSAGES + self.busy_secs;
        (busy / (PRIOR_MESSAGES + self.messages)).clamp(SECS_MIN, SECS_MAX)
    }

    /// The same, and more the less is known: too few tasks cost the wait of many, one too many
    /// costs a minute.
    pub(super) fn planned_secs(&self, policy: &Policy) -> f64 {
        let premium = 1.0 + 1.0 / (1.0 + self.messages).sqrt();
        (self.mean_secs(policy) * premium).min(SECS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::{observe::Observation, policy::Settings};

    fn after(expected: f64, finished: &[(f64, f64)]) -> (f64, f64) {
        let settings = Settings { expected_seconds: Some(expected), ..Settings::default() };
        let policy = Policy::new("queue", &settings).unwrap();
        let mut service = Service::default();
        for &(messages, busy_secs) in finished {
            let workers = Some(Finished { messages, busy_secs });
            service.learn(&Seen::of(&Observation { workers, ..Observation::default() }));
        }
        let hundredths = |secs: f64| (secs * 100.0).round() / 100.0;
        (hundredths(service.mean_secs(&policy)), hundredths(service.planned_secs(&policy)))
    }

    #[test]
    fn what_is_seen_soon_outweighs_what_was_expected() {
        assert_eq!(after(2.0, &[]), (2.0, 4.0), "nothing is known, so twice as much is planned");
        assert_eq!(after(2.0, &[(10.0, 80.0)]), (5.0, 6.51), "as many seen as were expected");
        assert_eq!(after(2.0, &[(10.0, 80.0); 500]), (7.97, 8.15), "much was seen");
        assert_eq!(after(2.0, &[(0.0, 600.0)]), (62.0, 124.0), "nothing is finished, and long");
    }

    #[test]
    fn a_change_is_noticed_after_a_few_thousand_messages() {
        let mut seen = vec![(100.0, 100.0); 100];
        seen.extend(vec![(100.0, 300.0); 40]);
        let (mean, _) = after(1.0, &seen);
        assert!((2.6..3.0).contains(&mean), "{mean}");
    }

    #[test]
    fn nothing_makes_it_impossible() {
        assert!(after(1.0, &[(1e9, 0.0)]).0 < 0.01);
        assert_eq!(after(1.0, &[(0.0, 1e10)]), (43_200.0, 43_200.0));
    }
}
