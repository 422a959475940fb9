//! Loads by name, made up from a seed.

mod loads;

use std::str::FromStr;

use self::loads::{dump, heavy, long_work, patient, smooth, sparse, two_senders, unseen};
use crate::{dice::Dice, trace::Trace};

/// A shape of load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// 20 messages a second of 2 s for two hours.
    Steady,
    /// A day: 0.3 to 10 a second and back.
    Diurnal,
    /// The rate grows twentyfold in five hours, and the work threefold.
    Drift,
    /// One a second, then fifty for ten minutes.
    Flash,
    /// Two rates that change at random, work of a Pareto distribution.
    Heavy,
    /// One in ten minutes.
    Sparse,
    /// Forty messages of ten minutes, every 35 minutes.
    LongWork,
    /// 10,000 messages at once, three times.
    Dump10k,
    /// 100,000 messages within a minute.
    Dump100k,
    /// A million messages within two minutes.
    Dump1m,
    /// Some minutes of load and some of none.
    OnOff,
    /// Three rates that change at random, eight messages per task.
    Switching,
    /// The rate climbs for twenty minutes and drops, again and again.
    Sawtooth,
    /// Work of a minute and a half, at a few rates.
    NinetySeconds,
    /// Every five minutes a few hundred messages, and a trickle between.
    Pulses,
    /// One in five seconds, of which each can wait for ten minutes.
    Patient,
    /// Many short messages, and now and then three hundred that are twenty times as much work.
    TwoSenders,
}

impl Shape {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Steady,
        Self::Diurnal,
        Self::Drift,
        Self::Flash,
        Self::Heavy,
        Self::Sparse,
        Self::LongWork,
        Self::Dump10k,
        Self::Dump100k,
        Self::Dump1m,
        Self::OnOff,
        Self::Switching,
        Self::Sawtooth,
        Self::NinetySeconds,
        Self::Pulses,
        Self::Patient,
        Self::TwoSenders,
    ];

    /// Those that the constants of the law were chosen with.
    pub const KNOWN: [Self; 10] = [
        Self::Steady,
        Self::Diurnal,
        Self::Drift,
        Self::Flash,
        Self::Heavy,
        Self::Sparse,
        Self::LongWork,
        Self::Dump10k,
        Self::Dump100k,
        Self::Dump1m,
    ];

    /// Those that the constants of the law were not chosen with. The two that are in neither list
    /// are what its patience, and its eye for longer work, are about.
    pub const UNSEEN: [Self; 5] =
        [Self::OnOff, Self::Switching, Self::Sawtooth, Self::NinetySeconds, Self::Pulses];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Diurnal => "diurnal",
            Self::Drift => "drift",
            Self::Flash => "flash",
            Self::Heavy => "heavy",
            Self::Sparse => "sparse",
            Self::LongWork => "long-work",
            Self::Dump10k => "dump-10k",
            Self::Dump100k => "dump-100k",
            Self::Dump1m => "dump-1m",
            Self::OnOff => "on-off",
            Self::Switching => "switching",
            Self::Sawtooth => "sawtooth",
            Self::NinetySeconds => "ninety-seconds",
            Self::Pulses => "pulses",
            Self::Patient => "patient",
            Self::TwoSenders => "two-senders",
        }
    }

    /// Messages of this shape.
    #[must_use]
    pub fn trace(self, seed: u64) -> Trace {
        let mut dice = Dice::new(seed, self.name());
        let dice = &mut dice;
        let (arrivals, work_secs, slots, max_wait_secs, end_secs) = match self {
            Self::Steady | Self::Diurnal | Self::Drift | Self::Flash => smooth(self, dice),
            Self::Dump10k | Self::Dump100k | Self::Dump1m => dump(self, dice),
            Self::Heavy => heavy(dice),
            Self::Sparse => sparse(dice),
            Self::LongWork => long_work(dice),
            Self::Patient => patient(dice),
            Self::TwoSenders => two_senders(dice),
            _ => unseen(self, dice),
        };
        let warm_up_secs = if self == Self::Steady { 1_200.0 } else { 0.0 };
        let name = self.name().to_owned();
        Trace { name, arrivals, work_secs, slots, max_wait_secs, end_secs, warm_up_secs }
    }
}

impl FromStr for Shape {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|shape| shape.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("`{name}` is no shape; write one of {names}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_the_same_for_a_seed_and_another_for_the_next() {
        for shape in Shape::ALL.into_iter().filter(|shape| *shape != Shape::Dump1m) {
            let trace = shape.trace(7);
            assert_eq!(trace, shape.trace(7), "{}", shape.name());
            assert_ne!(trace.arrivals, shape.trace(8).arrivals, "{}", shape.name());
            assert!(trace.arrivals.is_sorted() && trace.arrivals.len() == trace.work_secs.len());
            assert_eq!(shape.name().parse(), Ok(shape));
        }
        assert!("flsh".parse::<Shape>().is_err_and(|error| error.contains("one of steady, ")));
    }

    #[test]
    fn loads_are_as_heavy_as_they_are_said_to_be() {
        let steady = Shape::Steady.trace(1);
        assert!((143_000..145_000).contains(&steady.arrivals.len()));
        assert!((steady.mean_work_secs() - 2.0).abs() < 0.05, "{}", steady.mean_work_secs());
        assert!((71_000.0..73_000.0).contains(&steady.task_secs()), "{}", steady.task_secs());
        assert_eq!(Shape::Dump10k.trace(1).arrivals.len(), 30_000);
    }
}
