//! Step 2: what came, and how fast messages come.
//!
//! Nobody counts arrivals in time: CloudWatch's NumberOfMessagesSent is minutes old. But what is
//! there was there, or came: arrivals = growth of the queue + what was finished. What is gone before
//! anybody has told that it is finished is a debt: what is told later pays it before it counts.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{noise::Noise, state::News};

/// Bands by which the queue may seem to have shrunk, before that is believed.
const BANDS_BELOW: f64 = 4.0;
/// Time within which it is heard what workers finished: three of their words. What is gone for
/// longer without one was set aside, purged, or finished by somebody else.
const HEARD_SECS: f64 = 30.0;
/// Times over which rates are taken. The shortest that has seen enough counts.
const MEMORY_SECS: [f64; 3] = [60.0, 300.0, 900.0];
/// Arrivals that are enough for a rate.
const ENOUGH: f64 = 10.0;
/// How unlikely a number of arrivals must be to mean something: as many standard deviations of a
/// Poisson distribution, and this many arrivals more.
const DEVIATIONS: f64 = 3.5;
const ARRIVALS_MORE: f64 = 3.0;
/// Time whose arrivals are remembered one by one.
const RECENT_SECS: f64 = 60.0;
/// Most observations in it: one a second.
const RECENT_MAX: usize = 60;
/// Slack by which an observation may miss the length of a window.
const WINDOW_SECS_SLACK: f64 = 0.01;

/// What was seen of arrivals.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Arrivals {
    /// Growth that may be only seeming.
    doubtful: f64,
    /// Messages that are gone, and whose end nobody has told of yet.
    untold: f64,
    noise: Noise,
    windows: [Window; 3],
    recent: VecDeque<Sample>,
    /// Time since a message came.
    silent_secs: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Window {
    arrivals: f64,
    secs: f64,
}

impl Window {
    fn per_sec(self) -> f64 {
        Counted { arrivals: self.arrivals, secs: self.secs }.per_sec()
    }
}

/// Arrivals between two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Sample {
    at_secs: f64,
    arrivals: f64,
    secs: f64,
    /// By how many messages the queue was shorter.
    gone: f64,
}

/// Arrivals over some time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Counted {
    pub(super) arrivals: f64,
    pub(super) secs: f64,
}

impl Counted {
    pub(super) fn per_sec(self) -> f64 {
        if self.secs > 0.0 { self.arrivals / self.secs } else { 0.0 }
    }

    /// Whether so many are more than a rate explains.
    pub(super) fn is_above(self, per_sec: f64) -> bool {
        self.arrivals > likely_max(per_sec * self.secs)
    }

    /// Whether so few are less than a rate explains.
    pub(super) fn is_below(self, per_sec: f64) -> bool {
        let expected = per_sec * self.secs;
        self.arrivals < expected - DEVIATIONS * expected.sqrt() - ARRIVALS_MORE
    }
}

/// Most arrivals that can be explained where `expected` were.
fn likely_max(expected: f64) -> f64 {
    expected + DEVIATIONS * expected.sqrt() + ARRIVALS_MORE
}

impl Arrivals {
    /// Arrivals since the last reading. What lies within the band is left in doubt, so that a count
    /// that goes up and down is no arrivals; and what is told of messages that are gone already is
    /// none either, whatever was in doubt when they went.
    pub(super) fn count(&mut self, news: &News, finished: f64) -> f64 {
        let News { at_secs, secs, growth, .. } = *news;
        let messages = news.visible + news.in_flight;
        let band = self.noise.band() * messages;
        let residue = growth + finished;
        self.noise.learn(residue, messages);
        self.forget_doubts(messages - growth, secs, finished);
        let unexplained = growth.max(0.0) + self.settle((-growth).max(0.0), finished, at_secs);
        self.doubtful += residue;
        let arrivals = (self.doubtful - band).clamp(0.0, unexplained);
        self.silent_secs = if arrivals > 0.0 { 0.0 } else { self.silent_secs + secs };
        self.doubtful = self.doubtful.clamp(-BANDS_BELOW * band - self.untold, band);
        self.recent.push_back(Sample { at_secs, arrivals, secs, gone: (-growth).max(0.0) });
        while self.recent.len() > RECENT_MAX
            || self.recent.front().is_some_and(|oldest| oldest.at_secs < at_secs - RECENT_SECS)
        {
            self.recent.pop_front();
        }
        arrivals
    }

    /// Explains by what was `finished` what is gone, the oldest first; gives what is left of it.
    fn settle(&mut self, gone: f64, finished: f64, at_secs: f64) -> f64 {
        let explained = finished.min(self.untold + gone);
        let late = self.recent.iter().rev();
        let late = late.take_while(|sample| sample.at_secs > at_secs - HEARD_SECS);
        let lately = late.fold(gone, |sum, sample| sum + sample.gone);
        self.untold = (self.untold + gone - explained).min(lately);
        finished - explained
    }

    /// What is in doubt about a queue's length is in doubt about what of it is left: as the queue is
    /// worked off, doubts are, and do not become arrivals.
    fn forget_doubts(&mut self, before: f64, secs: f64, finished: f64) {
        let left = before + self.per_sec() * secs - finished;
        if self.doubtful > 0.0 && left < before {
            self.doubtful *= (left / before).max(0.0);
        }
    }

    /// Arrivals of about the last `secs`.
    pub(super) fn recent(&self, secs: f64) -> Counted {
        let mut counted = Counted { arrivals: 0.0, secs: 0.0 };
        for sample in self.recent.iter().rev() {
            counted.arrivals += sample.arrivals;
            counted.secs += sample.secs;
            if counted.secs >= secs - WINDOW_SECS_SLACK {
                break;
            }
        }
        counted
    }

    /// The time in which none has come.
    pub(super) fn silence(&self) -> Counted {
        Counted { arrivals: 0.0, secs: self.silent_secs }
    }

    /// Arrivals per second, as known so far.
    pub(super) fn per_sec(&self) -> f64 {
        let longest = || self.windows.last().copied().unwrap_or_default().per_sec();
        self.known_per_sec().unwrap_or_else(longest)
    }

    /// The same, if enough came for a rate.
    pub(super) fn known_per_sec(&self) -> Option<f64> {
        let enough = self.windows.iter().find(|window| window.arrivals >= ENOUGH);
        enough.map(|window| window.per_sec())
    }

    /// Learns from the arrivals of the last `secs`. Of more than is likely only that much counts:
    /// ten thousand messages at once are a backlog, and no rate.
    pub(super) fn learn(&mut self, arrivals: f64, secs: f64) {
        let arrivals = arrivals.min(likely_max(self.per_sec() * secs));
        for (window, memory_secs) in self.windows.iter_mut().zip(MEMORY_SECS) {
            let kept = (-secs / memory_secs).exp();
            window.arrivals = window.arrivals * kept + arrivals;
            window.secs = window.secs * kept + secs;
        }
    }

    /// Forgets what was known: messages come at another rate now.
    pub(super) fn adopt(&mut self, per_sec: f64) {
        for (window, secs) in self.windows.iter_mut().zip(MEMORY_SECS) {
            *window = Window { arrivals: per_sec * secs, secs };
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod told_late;
