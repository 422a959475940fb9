//! How much the counts of a queue waver, which are approximate (GetQueueAttributes API reference).

use serde::{Deserialize, Serialize};

/// Share of a queue's length by which it may seem to grow without growing, at least and at most.
const BAND: (f64, f64) = (0.03, 0.5);
/// The same in deviations of its counts.
const BAND_DEVIATIONS: f64 = 2.5;
/// Share of the newest of what is known.
const NEW_SHARE: f64 = 0.05;
/// Fewer messages than these are counted one by one, and waver by nothing.
const MESSAGES_MIN: f64 = 100.0;

/// What was seen of it. A count that is too high now makes the queue seem to grow now, and to
/// shrink at the next reading: neighbouring growths are opposed as much as counts waver, and not
/// by anything that is true of the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Noise {
    /// The last growth that nothing explained, as a share of the queue.
    before: f64,
    /// Mean product of neighbours.
    covariance: f64,
}

impl Noise {
    /// Share of the queue's length that is left in doubt.
    pub(super) fn band(&self) -> f64 {
        let deviation = (-self.covariance).max(0.0).sqrt();
        (BAND_DEVIATIONS * deviation).clamp(BAND.0, BAND.1)
    }

    /// Takes in a growth that nothing explained, of a queue of so many messages.
    pub(super) fn learn(&mut self, growth: f64, messages: f64) {
        let share =
            if messages < MESSAGES_MIN { 0.0 } else { (growth / messages).clamp(-1.0, 1.0) };
        self.covariance += NEW_SHARE * (share * self.before - self.covariance);
        self.before = share;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::number::whole;

    /// Messages of a thousand that are left in doubt after growths that nothing explained.
    fn band(growths: impl IntoIterator<Item = f64>) -> u32 {
        let mut noise = Noise::default();
        growths.into_iter().for_each(|growth| noise.learn(growth, 1_000.0));
        whole((noise.band() * 1_000.0).round())
    }

    #[test]
    fn a_band_is_as_wide_as_counts_waver() {
        let wavering = |by: f64| (0..100_u8).map(move |n| if n % 2 == 0 { by } else { -by });
        assert_eq!([band([]), band(wavering(10.0)), band(wavering(100.0))], [30, 30, 249]);
        assert_eq!(band(wavering(900.0)), 500);
    }

    #[test]
    fn a_queue_that_really_grows_or_shrinks_does_not_waver() {
        assert_eq!([band([100.0; 50]), band([-100.0; 50])], [30, 30]);
        assert_eq!(band([0.0, 5_000.0, 0.0, 0.0]), 30, "nor does one that something fell into");
    }
}
