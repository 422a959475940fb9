//! What a decision remembers for the next one.

use serde::{Deserialize, Serialize};

use super::{
    arrivals::Arrivals,
    backlog::Backlog,
    completions::Told,
    hold::Peak,
    launches::Launches,
    observe::{Reading, Seen},
    service::Service,
    surge::Surge,
};

/// Age at which a reading is stale: three times the usual time between two.
const STALE_SECS: f64 = 15.0;
/// Usual time between two readings, taken for the first one.
const POLL_SECS: f64 = 5.0;
/// Least time between two that is reckoned with.
const SECS_MIN: f64 = 0.5;
/// How far the clock may go back, by changing the machine, without anything being forgotten.
const CLOCK_BACK_SECS: f64 = 300.0;

/// What a decision remembers for the next one; a few kilobytes of JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct State {
    pub(super) last: Option<Last>,
    pub(super) service: Service,
    pub(super) launches: Launches,
    pub(super) arrivals: Arrivals,
    pub(super) surge: Surge,
    pub(super) backlog: Backlog,
    pub(super) wanted: Peak,
    pub(super) floor: Peak,
    pub(super) told: Told,
    /// Tasks that there should have been, by the last decision.
    pub(super) target: u32,
}

/// The last reading that was believed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Last {
    pub(super) at_secs: f64,
    pub(super) visible: f64,
    pub(super) in_flight: f64,
}

/// A reading, and what happened since the one before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct News {
    pub(super) at_secs: f64,
    /// Seconds since the reading before.
    pub(super) secs: f64,
    pub(super) visible: f64,
    pub(super) in_flight: f64,
    /// Growth of all messages that are there.
    pub(super) growth: f64,
    /// Growth of those in flight.
    pub(super) taken: f64,
    /// Mean of those in flight.
    pub(super) in_flight_mean: f64,
}

impl State {
    /// Seconds that a task takes to start, as far as known.
    #[must_use]
    pub fn launch_secs(&self) -> f64 {
        self.launches.mean_secs()
    }

    /// The same, if any task was seen to start.
    #[must_use]
    pub fn measured_launch_secs(&self) -> Option<f64> {
        self.launches.measured_secs()
    }

    /// Seconds after which a task that has not started counts as lost.
    #[must_use]
    pub fn lost_secs(&self) -> f64 {
        self.launches.lost_secs()
    }

    /// The reading, if it is one, fresh, and newer than the last.
    pub(super) fn news(&mut self, seen: &Seen) -> Option<News> {
        let (now_secs, reading) = (seen.at_secs?, seen.queue?);
        if now_secs - reading.at_secs > STALE_SECS {
            return None;
        }
        if self.last.is_some_and(|last| last.at_secs - reading.at_secs > CLOCK_BACK_SECS) {
            self.forget_times();
        }
        let Reading { at_secs, visible, in_flight } = reading;
        let first = Last { at_secs: at_secs - POLL_SECS, visible, in_flight };
        let last = self.last.unwrap_or(first);
        if at_secs <= last.at_secs {
            return None;
        }
        self.last = Some(Last { at_secs, visible, in_flight });
        Some(News {
            at_secs: now_secs,
            secs: (at_secs - last.at_secs).max(SECS_MIN),
            visible,
            in_flight,
            growth: visible + in_flight - last.visible - last.in_flight,
            taken: in_flight - last.in_flight,
            in_flight_mean: f64::midpoint(in_flight, last.in_flight),
        })
    }

    /// The clock was wrong, or is: only what has no time in it still holds.
    fn forget_times(&mut self) {
        let (service, launches) = (self.service, self.launches.clone());
        *self = Self { service, launches, target: self.target, ..Self::default() };
    }
}
