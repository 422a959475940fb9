//! A small world to work off queues in: time that jumps, calls that land after their callers died.

mod ports;

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use jiff::Timestamp;
use longshore::fleet::{Beat, Order};
use longshore::poll::{Checkpoint, Marks};
use serde_json::json;

use crate::ports::{Clock, Pause, Rng};

/// Everything there is.
pub(super) struct World {
    seed: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) now: Timestamp,
    sleepers: Vec<(Timestamp, Waker)>,
    /// Rows that are written when their time comes, whatever became of whoever sent them.
    landing: Vec<(Timestamp, Vec<(String, String)>)>,
    pub(super) rows: BTreeMap<String, String>,
    /// Versions of each object, the newest last, and what each holds.
    pub(super) objects: BTreeMap<String, Vec<String>>,
    pub(super) queue: BTreeMap<String, Queued>,
    pub(super) aside: BTreeSet<String>,
    /// What workers noted of messages, and whether the ledger takes nothing at present.
    pub(super) marks: BTreeMap<String, Marks>,
    pub(super) ledger_down: bool,
    pub(super) checkpoints: BTreeMap<String, Checkpoint>,
    /// Rows that were sent to the table, and whether each call takes long.
    pub(super) puts: usize,
    pub(super) is_slow: bool,
    pub(super) beats: Vec<Beat>,
    pub(super) order: Option<Order>,
    sent: u32,
    pub(super) protected: bool,
}

pub(super) struct Queued {
    pub(super) body: String,
    pub(super) receives: u32,
    visible_at: Timestamp,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

pub(super) type Process<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        Self { seed: AtomicU64::new(seed), state: Mutex::new(State { now, ..State::default() }) }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(super) fn below(&self, bound: u64) -> u64 {
        self.draw() % bound
    }

    /// Sends a message about an object as it is now, twice at times.
    pub(super) fn upload(&self, key: &str, content: &str) {
        let etag = {
            let mut state = self.state();
            let versions = state.objects.entry(key.to_owned()).or_default();
            versions.push(content.to_owned());
            format!("e{}", versions.len())
        };
        let body = json!({"bucket": "b", "key": key, "etag": etag}).to_string();
        self.send(&body);
        if self.below(4) == 0 {
            self.send(&body);
        }
    }

    pub(super) fn send(&self, body: &str) {
        let mut state = self.state();
        state.sent += 1;
        let (id, visible_at) = (format!("m{}", state.sent), state.now);
        let queued = Queued { body: body.to_owned(), receives: 0, visible_at };
        state.queue.insert(id, queued);
    }

    /// Polls the processes until all have ended, or `until` says so; time passes when nothing else
    /// happens. `each` is done before every step.
    pub(super) fn run<'a>(
        &self,
        processes: &mut [Process<'a>],
        mut each: impl FnMut(&mut [Process<'a>], u64) -> bool,
    ) {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        for step in 0.. {
            assert!(step < 1_000_000, "it does not end");
            woken.0.store(false, Ordering::Relaxed);
            let mut over = true;
            for process in processes.iter_mut() {
                over &= process.as_mut().poll(&mut context).is_ready();
            }
            if over || each(processes, step) {
                return;
            }
            if !woken.0.load(Ordering::Relaxed) {
                self.pass();
            }
        }
    }

    /// Time passes until the next thing happens.
    fn pass(&self) {
        let mut state = self.state();
        let landings = state.landing.iter().map(|(at, _)| *at);
        let next = state.sleepers.iter().map(|(at, _)| *at).chain(landings).min();
        state.now = next.expect("something will happen").max(state.now);
        let now = state.now;
        let (mut due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut state.landing).into_iter().partition(|(at, _)| *at <= now);
        due.sort_by_key(|(at, _)| *at);
        state.landing = later;
        state.rows.extend(due.into_iter().flat_map(|(_, rows)| rows));
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut state.sleepers).into_iter().partition(|(at, _)| *at <= now);
        state.sleepers = later;
        drop(state);
        for (_, waker) in due {
            waker.wake();
        }
    }

    async fn until(&self, at: Timestamp) {
        poll_fn(|context| {
            let mut state = self.state();
            if state.now >= at {
                return Poll::Ready(());
            }
            state.sleepers.push((at, context.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    /// Until everything that was sent has landed.
    pub(super) async fn settle(&self) {
        self.sleep(Duration::from_mins(1)).await;
    }

    /// A call under way, of up to two seconds.
    async fn call(&self) {
        let wait = Duration::from_millis(self.below(2_000));
        self.sleep(wait).await;
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        self.state().now
    }
}

impl Rng for World {
    /// SplitMix64.
    fn draw(&self) -> u64 {
        let step = 0x9E37_79B9_7F4A_7C15;
        let mut z = self.seed.fetch_add(step, Ordering::Relaxed).wrapping_add(step);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Pause for World {
    async fn sleep(&self, length: Duration) {
        let at = self.now() + length.max(Duration::from_millis(1));
        self.until(at).await;
    }
}
