//! Draws: numbers that look like chance and follow from seed, kind, subject and number alone.

use sha2::{Digest, Sha256};

/// Most hits in a row: SDKs try a call three times, so that the third gets through.
const IN_A_ROW_MAX: usize = 2;

/// How often something happens, in draws of a thousand, and what.
pub(super) type Rate<T> = (u64, T);

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Call,
    Delivery,
    Deletion,
    Placement,
    Visibility,
    TaskEvent,
    Token,
}

/// All decisions of a kind about a subject, in their order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sequence<'a> {
    pub(super) seed: u64,
    pub(super) kind: Kind,
    pub(super) subject: &'a str,
}

/// One draw: independent numbers for whether, which and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Draw([u8; 32]);

impl Sequence<'_> {
    /// What the `n`-th decision is, if it is anything: by rate, and never more than
    /// [`IN_A_ROW_MAX`] times in a row.
    pub(super) fn pick<T: Copy>(self, n: u64, rates: &[Rate<T>]) -> Option<(T, Draw)> {
        let draw = self.draw(n);
        let hit = draw.hit(rates)?;
        let is_hit = |n: &u64| self.draw(*n).hit(rates).is_some();
        let before = (0..n).rev().take_while(is_hit).count();
        (before % (IN_A_ROW_MAX + 1) != IN_A_ROW_MAX).then_some((hit, draw))
    }

    fn draw(self, n: u64) -> Draw {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_le_bytes());
        hash.update(n.to_le_bytes());
        hash.update([self.kind as u8]);
        hash.update(self.subject);
        Draw(hash.finalize().into())
    }
}

impl Draw {
    fn hit<T: Copy>(self, rates: &[Rate<T>]) -> Option<T> {
        let mut left = self.number(0, 1_000);
        for (rate, what) in rates {
            if left < *rate {
                return Some(*what);
            }
            left -= rate;
        }
        None
    }

    /// One of several, each as likely.
    pub(super) fn of<T: Copy>(self, several: &[T]) -> Option<T> {
        let count = u64::try_from(several.len()).unwrap_or(u64::MAX);
        let index = usize::try_from(self.number(1, count)).unwrap_or_default();
        several.get(index).copied()
    }

    /// A number from `least` to `most`, each as likely.
    pub(super) fn between(self, least: u32, most: u32) -> u32 {
        let width = u64::from(most.saturating_sub(least)) + 1;
        least + u32::try_from(self.number(2, width)).unwrap_or_default()
    }

    /// The `place`-th of the draw's numbers, below `limit`.
    fn number(self, place: usize, limit: u64) -> u64 {
        let (words, _) = self.0.as_chunks::<8>();
        let word = words.get(place).map_or(0, |word| u64::from_le_bytes(*word));
        u64::try_from((u128::from(word) * u128::from(limit)) >> 64).unwrap_or_default()
    }
}
