//! Time that tests move, and processes that die.

use std::sync::{
    Mutex,
    atomic::{AtomicI64, AtomicU64, Ordering::SeqCst},
};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{lock, turns::turn};
use crate::ports::{Clock, Pause, Rng};

/// A process that may die at one of its calls; a dead one reaches nothing more.
#[derive(Debug, Default)]
pub(crate) struct Dies(Mutex<Fate>);

#[derive(Debug, Default)]
struct Fate {
    calls: u32,
    planned: Option<(u32, Death)>,
    is_dead: bool,
}

/// When within the call it dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Death {
    /// The call is never made.
    Before,
    /// The call is carried out, and its answer heard by nobody.
    After,
}

impl Dies {
    /// Dies at the `nth` call from now, counted from 0.
    pub(crate) fn at(&self, nth: u32, death: Death) {
        *lock(&self.0) = Fate { calls: 0, planned: Some((nth, death)), is_dead: false };
    }

    /// Dies now.
    pub(crate) fn dies(&self) {
        lock(&self.0).is_dead = true;
    }

    pub(super) fn is_dead(&self) -> bool {
        lock(&self.0).is_dead
    }

    /// Lives again, and says whether it had died.
    pub(super) fn restart(&self) -> bool {
        std::mem::take(&mut *lock(&self.0)).is_dead
    }

    /// Makes a call that does `work`, and gives its answer if the process lives to hear it.
    pub(super) async fn call<T>(&self, work: impl FnOnce() -> T) -> Result<T, String> {
        turn().await;
        let dies = {
            let mut fate = lock(&self.0);
            let dies = fate.planned.filter(|(nth, _)| *nth == fate.calls).map(|(_, death)| death);
            fate.calls += 1;
            if fate.is_dead || dies == Some(Death::Before) {
                fate.is_dead = true;
                return Err("the process is dead".into());
            }
            fate.is_dead = dies.is_some();
            dies.is_some()
        };
        let answer = work();
        if dies { Err("the process died".into()) } else { Ok(answer) }
    }
}

/// Time that passes when tests say so or somebody sleeps, and draws that only count.
#[derive(Debug, Default)]
pub(crate) struct FakeWorld {
    millis: AtomicI64,
    draws: AtomicU64,
    /// How far the clock of whoever asks is ahead.
    skew_secs: AtomicI64,
}

impl FakeWorld {
    pub(crate) fn pass(&self, secs: i64) {
        self.millis.fetch_add(secs * 1_000, SeqCst);
    }

    /// From now on whoever asks has a clock that is so far ahead, or behind.
    pub(crate) fn skew(&self, secs: i64) {
        self.skew_secs.store(secs, SeqCst);
    }
}

impl Clock for FakeWorld {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-11-12T00:00:00Z".parse().unwrap();
        start
            + SignedDuration::from_millis(self.millis.load(SeqCst))
            + SignedDuration::from_secs(self.skew_secs.load(SeqCst))
    }
}

impl Rng for FakeWorld {
    fn draw(&self) -> u64 {
        self.draws.fetch_add(1, SeqCst)
    }
}

impl Pause for FakeWorld {
    async fn sleep(&self, length: Duration) {
        turn().await;
        self.millis.fetch_add(i64::try_from(length.as_millis()).unwrap(), SeqCst);
    }
}
