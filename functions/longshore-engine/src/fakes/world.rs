//! Time that tests move, processes that die, and queues that only fill.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, AtomicU64, Ordering::SeqCst},
};

use jiff::{SignedDuration, Timestamp};

use super::lock;
use crate::ports::{Clock, Queue, QueueError, Rng};

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

    /// Lives again, and says whether it had died.
    pub(crate) fn restart(&self) -> bool {
        std::mem::take(&mut *lock(&self.0)).is_dead
    }

    /// Makes a call that does `work`, and gives its answer if the process lives to hear it.
    pub(super) fn call<T>(&self, work: impl FnOnce() -> T) -> Result<T, String> {
        let mut fate = lock(&self.0);
        let dies = fate.planned.filter(|(nth, _)| *nth == fate.calls).map(|(_, death)| death);
        fate.calls += 1;
        if fate.is_dead || dies == Some(Death::Before) {
            fate.is_dead = true;
            return Err("the process is dead".into());
        }
        fate.is_dead = dies.is_some();
        drop(fate);
        let answer = work();
        if dies.is_some() { Err("the process died".into()) } else { Ok(answer) }
    }
}

/// Time that only tests move, and draws that only count.
#[derive(Debug, Default)]
pub(crate) struct FakeWorld {
    secs: AtomicI64,
    draws: AtomicU64,
}

impl FakeWorld {
    pub(crate) fn pass(&self, secs: i64) {
        self.secs.fetch_add(secs, SeqCst);
    }
}

impl Clock for FakeWorld {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-11-12T00:00:00Z".parse().unwrap();
        start + SignedDuration::from_secs(self.secs.load(SeqCst))
    }
}

impl Rng for FakeWorld {
    fn draw(&self) -> u64 {
        self.draws.fetch_add(1, SeqCst)
    }
}

/// A queue that keeps what it is sent.
pub(crate) struct FakeQueue {
    process: Arc<Dies>,
    sent: Mutex<Vec<(String, String)>>,
}

impl FakeQueue {
    pub(super) fn new(process: &Arc<Dies>) -> Self {
        Self { process: Arc::clone(process), sent: Mutex::default() }
    }

    /// Bodies with their reasons.
    pub(crate) fn sent(&self) -> Vec<(String, String)> {
        lock(&self.sent).clone()
    }
}

impl Queue for FakeQueue {
    async fn send(&self, body: &str, reason: &str) -> Result<(), QueueError> {
        let send = || lock(&self.sent).push((body.to_owned(), reason.to_owned()));
        self.process.call(send).map_err(QueueError)
    }
}
