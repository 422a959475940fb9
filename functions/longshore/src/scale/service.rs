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
/// The newest messages, which are looked at by themselves.
const NEWEST_MESSAGES: f64 = 20.0;
/// How much longer they must take to mean something: as many standard deviations, of work that
/// deviates by twice its mean.
const DEVIATIONS: f64 = 3.5 * 2.0;
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
    newest: Newest,
}

/// The newest of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Newest {
    busy_secs: f64,
    messages: f64,
    in_flight: f64,
}

impl Newest {
    fn learn(&mut self, finished: Finished, in_flight: Option<f64>) {
        let kept = (-finished.messages / NEWEST_MESSAGES).exp();
        self.busy_secs = self.busy_secs * kept + finished.busy_secs;
        self.messages = self.messages * kept + finished.messages;
        self.in_flight = in_flight.unwrap_or(self.in_flight);
    }

    /// Seconds per message, if they are more than a mean explains. Those in flight count as if they
    /// were finished, so it is rather too little; and nothing is believed of a few messages alone.
    fn secs(&self, mean_secs: f64) -> Option<f64> {
        let messages = self.messages + self.in_flight;
        let likely_max = mean_secs * (messages + DEVIATIONS * messages.sqrt());
        let busy = mean_secs * PRIOR_MESSAGES + self.busy_secs;
        (self.busy_secs > likely_max).then_some(busy / (PRIOR_MESSAGES + messages))
    }
}

impl Service {
    /// Takes in what workers say, or else CloudWatch. Work that is not finished counts too: without
    /// it the first of many long messages would have to end before anybody knew that they are long.
    pub(super) fn learn(&mut self, seen: &Seen) {
        let Some(finished) = seen.workers.or(seen.cloudwatch) else { return };
        let Finished { messages, busy_secs } = finished;
        let kept = (-messages / MEMORY_MESSAGES).exp();
        self.busy_secs = self.busy_secs * kept + busy_secs;
        self.messages = self.messages * kept + messages;
        self.newest.learn(finished, seen.queue.map(|queue| queue.in_flight));
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
    /// costs a minute. Work that has become longer counts at once, work that has become shorter
    /// when it has been so for a while: of two who send messages, either may be next.
    pub(super) fn planned_secs(&self, policy: &Policy) -> f64 {
        let mean_secs = self.mean_secs(policy);
        let premium = 1.0 + 1.0 / (1.0 + self.messages).sqrt();
        let newest_secs = self.newest.secs(mean_secs).unwrap_or(0.0);
        (mean_secs * premium).max(newest_secs).min(SECS_MAX)
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

    #[test]
    fn work_that_has_become_longer_is_planned_with_at_once() {
        let mut seen = vec![(30.0, 30.0); 100];
        seen.push((4.0, 160.0));
        let (mean, planned) = after(1.0, &seen);
        assert!(mean < 1.2 && (4.0..5.0).contains(&planned), "{mean} {planned}");
        seen.extend([(8.0, 320.0); 5]);
        assert!((20.0..30.0).contains(&after(1.0, &seen).1), "{:?}", after(1.0, &seen));
        seen.extend([(30.0, 30.0); 10]);
        let (mean, planned) = after(1.0, &seen);
        assert!((1.5..2.5).contains(&mean) && planned < 1.1 * mean, "{mean} {planned}");
    }

    #[test]
    fn one_long_message_among_others_changes_nothing() {
        let mut seen = vec![(30.0, 30.0); 100];
        let (before, _) = after(1.0, &seen);
        seen.push((30.0, 65.0));
        let (mean, planned) = after(1.0, &seen);
        assert!(mean < 1.1 * before && planned < 1.05 * mean, "{before} {mean} {planned}");
    }

    #[test]
    fn messages_in_flight_count_as_if_they_were_finished() {
        let secs = |in_flight: f64| {
            let mut newest = Newest::default();
            newest.learn(Finished { messages: 0.0, busy_secs: 200.0 }, Some(in_flight));
            newest.secs(5.0)
        };
        assert_eq!((secs(4.0), secs(20.0)), (Some(250.0 / 14.0), None));
    }
}
