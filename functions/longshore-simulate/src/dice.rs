//! Chance from a seed.

use std::f64::consts::TAU;

use crate::number::{real, whole};

/// SplitMix64, and the distributions that loads are made of.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The stream of a seed, and of a purpose: one more draw for one leaves the others as they are.
    #[must_use]
    pub fn new(seed: u64, purpose: &str) -> Self {
        let purpose = purpose
            .bytes()
            .fold(17_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        let mut dice = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ purpose);
        dice.draw();
        Self(dice.draw())
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Uniform between 0 and 1, neither of them.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    pub fn share(&mut self) -> f64 {
        ((self.draw() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Uniform below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        whole(self.share() * real(bound)).min(bound.saturating_sub(1))
    }

    /// Normal, of mean 0 and deviation 1.
    pub fn normal(&mut self) -> f64 {
        (-2.0 * self.share().ln()).sqrt() * (TAU * self.share()).cos()
    }

    /// Exponential.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.share().ln()
    }

    /// Lognormal, by its mean and its deviation as a share of the mean.
    pub fn lognormal(&mut self, mean: f64, variation: f64) -> f64 {
        let variance = (1.0 + variation * variation).ln();
        (mean.ln() - variance / 2.0 + variance.sqrt() * self.normal()).exp()
    }

    /// Arrival times up to `end_secs`, at a rate per second that changes with time and is never
    /// above `per_sec_max`.
    pub fn arrivals(
        &mut self,
        end_secs: f64,
        per_sec_max: f64,
        per_sec: impl Fn(f64) -> f64,
    ) -> Vec<f64> {
        let (mut at_secs, mut arrivals) = (0.0, Vec::new());
        loop {
            at_secs += self.exponential(1.0 / per_sec_max);
            if at_secs > end_secs {
                return arrivals;
            }
            if self.share() * per_sec_max < per_sec(at_secs) {
                arrivals.push(at_secs);
            }
        }
    }

    /// `count` arrivals, evenly within `secs` from `from_secs`, sorted.
    pub fn dump(&mut self, from_secs: f64, secs: f64, count: usize) -> Vec<f64> {
        let mut arrivals: Vec<f64> = (0..count).map(|_| from_secs + secs * self.share()).collect();
        arrivals.sort_by(f64::total_cmp);
        arrivals
    }
}
