//! Nastiness on purpose: what AWS may do to its callers on a bad day, on every day.
//!
//! Every decision is a pure function of a seed, the kind of decision and its number among those of
//! its kind and subject (the n-th `RunTask`, the n-th event for a queue). So one seed is one
//! sequence for each of them, however threads interleave. Only what AWS documents as possible is
//! done, and never often or long enough that nothing gets through.
//!
//! ```text
//! request ─▶ gate ─▶ calls ─▶ refuse · hang up · fail     ecs ─▶ tasks ─▶ failures[] · lost event
//! bus, scheduler ─▶ deliveries ─▶ twice · late ─▶ target  mapping ─▶ deletion lost
//! ```

mod calls;
mod deliveries;
mod draw;
mod faults;
mod tasks;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

pub(crate) use calls::Behind;
pub(crate) use deliveries::Disturbed;
use draw::{Draw, Kind, Rate, Sequence};

use crate::{Ground, Happening};

/// Most subjects that are counted: callers choose names of operations, so these are not endless.
/// What comes beyond is left in peace.
const SUBJECTS_MAX: usize = 1_000;

/// Decides, counts and tells; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Chaos(Arc<Counted>);

#[derive(Debug)]
struct Counted {
    seed: u64,
    ground: Ground,
    /// How many decisions there were of a kind about a subject.
    decided: Mutex<BTreeMap<(Kind, String), u64>>,
}

impl Chaos {
    pub(crate) fn new(seed: u64, ground: Ground) -> Self {
        Self(Arc::new(Counted { seed, ground, decided: Mutex::default() }))
    }

    /// The next decision of a kind about a subject: what happens, if anything.
    fn next<T: Copy>(&self, kind: Kind, subject: &str, rates: &[Rate<T>]) -> Option<(T, Draw)> {
        let n = self.count(kind, subject)?;
        Sequence { seed: self.0.seed, kind, subject }.pick(n, rates)
    }

    fn count(&self, kind: Kind, subject: &str) -> Option<u64> {
        let mut decided = self.0.decided.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (kind, subject.to_owned());
        if decided.len() >= SUBJECTS_MAX && !decided.contains_key(&key) {
            return None;
        }
        let count = decided.entry(key).or_default();
        let n = *count;
        *count += 1;
        Some(n)
    }

    fn tell(&self, what: String) {
        self.0.ground.tell(Happening::Disturbed { what });
    }
}
