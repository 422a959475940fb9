//! What was finished since the last reading.
//!
//! Workers tell it all, but each only every ten seconds: it comes late and in lumps. What those in
//! flight finish at the usual pace is known at once, and is wrong in the long run. So the pace says
//! when, and the workers how much; what they told is finished, whatever the pace says.

use serde::{Deserialize, Serialize};

use super::{
    observe::{Finished, Seen},
    policy::Policy,
    service::Service,
    state::News,
};

/// How often a worker tells what it did.
const TOLD_SECS: f64 = 10.0;
/// Time between two readings after which nearly all of it has been told, and the pace, which was not
/// watched, says nothing.
const UNWATCHED_SECS: f64 = 15.0;
/// Messages that must have been seen before the pace is worth half of what is told.
const PACE_MESSAGES: f64 = 100.0;
/// Time over which it is told how much is finished per second.
const MEMORY_SECS: f64 = 60.0;
/// Share of the difference between what was told, with what workers have usually not told yet, and
/// what was reckoned with, that is made up for at each reading.
const MADE_UP: f64 = 0.1;

/// What was told, and not reckoned with yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Told {
    /// Since the last reading.
    messages: f64,
    /// Altogether; below 0 if more was reckoned with.
    owed: f64,
    done: Done,
}

/// What was reckoned with, the older the lighter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Done {
    messages: f64,
    secs: f64,
}

impl Told {
    pub(super) fn hear(&mut self, seen: &Seen) {
        if let Some(Finished { messages, .. }) = seen.workers {
            self.messages += messages;
            self.owed += messages;
        }
    }

    /// What is reckoned with for the time since the last reading.
    pub(super) fn completions(
        &mut self,
        news: &News,
        seen: &Seen,
        service: &Service,
        policy: &Policy,
    ) -> f64 {
        let messages = self.reckon(news, seen, service, policy);
        let kept = (-news.secs / MEMORY_SECS).exp();
        self.done.messages = self.done.messages * kept + messages;
        self.done.secs = self.done.secs * kept + news.secs;
        messages
    }

    /// The same per second, over about the last minute.
    pub(super) fn per_sec(&self) -> f64 {
        let Done { messages, secs } = self.done;
        if secs > 0.0 { messages / secs } else { 0.0 }
    }

    fn reckon(&mut self, news: &News, seen: &Seen, service: &Service, policy: &Policy) -> f64 {
        let service_secs = service.mean_secs(policy);
        let usual = news.in_flight_mean * news.secs / service_secs;
        let told = std::mem::take(&mut self.messages);
        if seen.workers.is_none() {
            return usual;
        }
        if news.secs > UNWATCHED_SECS {
            return std::mem::take(&mut self.owed).max(0.0);
        }
        // Long work is told soon enough, and its pace says little about a few seconds.
        let is_known = service.messages() / (service.messages() + PACE_MESSAGES);
        let pace = is_known * TOLD_SECS / (TOLD_SECS + service_secs);
        let reckoned = pace * usual + (1.0 - pace) * told;
        let untold = pace * news.in_flight_mean * TOLD_SECS / 2.0 / service_secs;
        let made_up = MADE_UP * (self.owed + untold - reckoned);
        let messages = (reckoned + made_up).min(self.most(news, service_secs));
        let messages = messages.max(self.owed).max(0.0);
        self.owed -= messages;
        messages
    }

    /// Most that can be finished: what was told or is gone, and what those finish until they tell
    /// who were in flight all the time. Who was for a moment between two readings has no pace.
    fn most(&self, news: &News, service_secs: f64) -> f64 {
        let all_the_time = news.in_flight.min(news.in_flight - news.taken);
        self.owed.max(-news.growth) + all_the_time * TOLD_SECS / service_secs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::{observe::Observation, policy::Settings};

    /// What is reckoned with where so much was told before each reading, and `in_flight` messages
    /// of `work_secs` were in flight all the time.
    fn reckoned(told: &[f64], in_flight: f64, work_secs: f64) -> Vec<f64> {
        let settings = Settings { expected_seconds: Some(work_secs), ..Settings::default() };
        let policy = Policy::new("queue", &settings).unwrap();
        let (mut all, mut service) = (Told::default(), Service::default());
        let reckon = |&messages: &f64| {
            let workers = Some(Finished { messages, busy_secs: messages * work_secs });
            let seen = Seen::of(&Observation { workers, ..Observation::default() });
            all.hear(&seen);
            service.learn(&seen);
            let in_flight_mean = in_flight;
            let news = News { secs: 5.0, in_flight, in_flight_mean, ..News::default() };
            all.completions(&news, &seen, &service, &policy)
        };
        told.iter().map(reckon).collect()
    }

    #[test]
    fn what_is_told_in_lumps_was_not_finished_in_lumps() {
        let lumps = [[0.0, 200.0]; 100].concat();
        let late = &reckoned(&lumps, 40.0, 2.0)[100..];
        assert!(late.iter().all(|count| (70.0..130.0).contains(count)), "{late:?}");
    }

    #[test]
    fn in_the_long_run_it_is_what_was_told() {
        // Somebody else has half of what is in flight, so that the pace is twice too high.
        let sum: f64 = reckoned(&[100.0; 200], 80.0, 2.0).iter().sum();
        assert!((sum / 20_000.0 - 1.0).abs() < 0.1, "{sum} of 20,000");
    }

    #[test]
    fn short_work_that_is_gone_between_two_readings_is_finished_once() {
        let policy = Policy::new("queue", &Settings::default()).unwrap();
        let (mut all, mut service) = (Told::default(), Service::default());
        let mut reckoned = |messages: f64, before: f64, in_flight: f64| {
            let workers = Some(Finished { messages, busy_secs: messages * 0.3 });
            let seen = Seen::of(&Observation { workers, ..Observation::default() });
            all.hear(&seen);
            service.learn(&seen);
            let growth = in_flight - before;
            let in_flight_mean = f64::midpoint(before, in_flight);
            let news = News {
                secs: 5.0,
                in_flight,
                growth,
                taken: growth,
                in_flight_mean,
                ..News::default()
            };
            all.completions(&news, &seen, &service, &policy)
        };
        let burst = [(0.0, 0.0, 280.0), (180.0, 280.0, 0.0), (100.0, 0.0, 0.0), (0.0, 0.0, 0.0)];
        let sum: f64 = burst.into_iter().map(|(told, from, to)| reckoned(told, from, to)).sum();
        assert!((sum - 280.0).abs() < 3.0, "{sum} of 280");
    }

    #[test]
    fn long_work_is_finished_when_it_is_told() {
        let told = [0.0, 0.0, 1.0, 0.0, 0.0, 2.0, 0.0];
        let reckoned = reckoned(&told, 10.0, 600.0);
        for (reckoned, told) in reckoned.iter().zip(told) {
            assert!((reckoned - told).abs() < 0.3, "{reckoned} of {told}");
        }
    }

    #[test]
    fn the_rate_is_that_of_the_last_minute() {
        let policy = Policy::new("queue", &Settings::default()).unwrap();
        let mut all = Told::default();
        assert!(all.per_sec().abs() < 1e-9, "nothing was seen yet");
        let mut rate = |readings: usize, in_flight_mean: f64| {
            let news = News { secs: 5.0, in_flight_mean, ..News::default() };
            for _ in 0..readings {
                let seen = Seen::of(&Observation::default());
                all.completions(&news, &seen, &Service::default(), &policy);
            }
            (all.per_sec() * 100.0).round() / 100.0
        };
        // In flight for 5 s each.
        let rates = (rate(1, 10.0), rate(100, 20.0), rate(12, 0.0), rate(60, 0.0));
        assert_eq!(rates, (2.0, 4.0, 1.47, 0.01));
    }

    #[test]
    fn without_workers_it_is_the_usual_pace() {
        let policy = Policy::new("queue", &Settings::default()).unwrap();
        let seen = Seen::of(&Observation::default());
        let news = News { secs: 10.0, in_flight_mean: 8.0, ..News::default() };
        let finished = Told::default().completions(&news, &seen, &Service::default(), &policy);
        assert!((finished - 16.0).abs() < 1e-9, "{finished}, of 5 s each");
    }
}
