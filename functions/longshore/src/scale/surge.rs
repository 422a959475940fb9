//! Step 3: whether messages come at another rate than they did.

use serde::{Deserialize, Serialize};

use super::{arrivals::Arrivals, policy::Policy, state::News};

/// Time over which a rise is looked for: as short as three readings can be told from chance.
const RISE_SECS: f64 = 15.0;
/// Time over which a fall is looked for, and a new rate is taken, or as long as nothing has come, if
/// that is longer. Longer than for a rise: to keep a task too long costs seconds, to miss one costs a
/// cold start.
const FALL_SECS: f64 = 60.0;
/// Of it, time that must have been seen.
const FALL_SEEN_SECS: f64 = 55.0;
/// How long a rise must last before it is the new rate, at least, and as a share of the wait.
const ADOPT_SECS_MIN: f64 = 60.0;
const ADOPT_SHARE: f64 = 0.25;

/// Since when messages have come faster than they did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Surge {
    since_secs: Option<f64>,
}

/// The rates that a decision is made with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rates {
    /// Arrivals per second that are to be expected.
    pub(super) per_sec: f64,
    /// Arrivals per second just now, not below those.
    pub(super) now_per_sec: f64,
    /// Arrivals per second as known without the newest; 0 if too few came to know.
    pub(super) before_per_sec: f64,
    /// How long messages have come faster than they did. What has lasted so long will last as
    /// long again, as far as anybody knows.
    pub(super) surge_secs: f64,
    /// Whether another rate is to be believed from now on.
    pub(super) is_new: bool,
}

impl Surge {
    /// Holds the newest arrivals against the rate that was known before.
    pub(super) fn judge(
        &mut self,
        known: &Arrivals,
        news: &News,
        arrivals: f64,
        policy: &Policy,
    ) -> Rates {
        let News { at_secs, secs, .. } = *news;
        let before = known.per_sec();
        let rise = known.recent(RISE_SECS);
        let (lately, silence) = (known.recent(FALL_SECS), known.silence());
        let fall = if silence.secs > lately.secs { silence } else { lately };
        self.since_secs = match self.since_secs {
            _ if !rise.is_above(before) => None,
            None => Some(at_secs - secs),
            since => since,
        };
        let surge_secs = self.since_secs.map_or(0.0, |since| (at_secs - since).max(0.0));
        let has_risen = surge_secs >= ADOPT_SECS_MIN.max(ADOPT_SHARE * policy.max_wait_secs);
        let has_fallen = fall.secs >= FALL_SEEN_SECS && fall.is_below(before);
        let per_sec = match (has_risen, has_fallen) {
            (true, _) => before.max(fall.per_sec()),
            (false, true) => fall.per_sec(),
            (false, false) => before,
        };
        let is_new = has_risen || has_fallen;
        if is_new {
            self.since_secs = None;
        }
        let now_per_sec = rise.per_sec().min(arrivals / secs).max(per_sec);
        let before_per_sec = known.known_per_sec().unwrap_or(0.0);
        Rates { per_sec, now_per_sec, before_per_sec, surge_secs, is_new }
    }
}

#[cfg(test)]
mod tests;
