//! What a fleet and its queue looked like over time.

/// Most moments of a timeline: more than a chart has pixels across.
const MOMENTS_MAX: u32 = 600;

/// A queue and its fleet at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// When, in seconds.
    pub at_secs: f64,
    /// Messages that have come so far.
    pub come: usize,
    /// Messages that wait.
    pub waiting: usize,
    /// Tasks that are paid for: those that start, receive or leave.
    pub tasks: usize,
}

/// Moments at even distances.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    every_secs: f64,
    moments: Vec<Moment>,
}

impl Timeline {
    /// Of so many seconds.
    pub(crate) fn of(secs: f64) -> Self {
        let every_secs = (secs / f64::from(MOMENTS_MAX)).max(1.0).ceil();
        Self { every_secs, moments: Vec::new() }
    }

    /// Takes in what was there until `moment`, if it is time.
    pub(crate) fn see(&mut self, moment: Moment) {
        let next_secs = self.moments.last().map_or(0.0, |last| last.at_secs + self.every_secs);
        if moment.at_secs >= next_secs {
            self.moments.push(moment);
        }
    }

    /// All of them, in order.
    #[must_use]
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }
}
