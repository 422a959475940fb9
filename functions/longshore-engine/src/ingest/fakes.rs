//! A small world to ingest in: objects in memory, a table with moods, waits that take no time.

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use longshore::ingest::{Batch, Behind, Refused, Unprocessed};
use serde_json::Value;

use crate::ports::{
    Chunks, Lease, ObjectRef, ObjectTrouble, Objects, Opened, Pause, Rng, Table, TableTrouble,
};

/// Most polls of a future that should end.
const POLLS_MAX: u64 = 50_000_000;

/// Polls `future` to its end.
pub(super) fn run<F: Future>(future: F) -> F::Output {
    run_for(POLLS_MAX, future).expect("the future ends")
}

/// Polls `future` so often, and drops it.
pub(super) fn run_for<F: Future>(polls: u64, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..polls).find_map(|_| match future.as_mut().poll(&mut context) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    })
}

/// Gives way `times` times.
pub(super) async fn give_way(times: u64) {
    let mut left = times;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Chance from a seed, and waits that are only counted.
pub(super) struct Chance {
    state: AtomicU64,
    pub(super) waits: AtomicU64,
}

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: AtomicU64::new(seed), waits: AtomicU64::new(0) }
    }

    pub(super) fn below(&self, bound: u64) -> u64 {
        self.draw() % bound
    }
}

impl Rng for Chance {
    /// SplitMix64.
    fn draw(&self) -> u64 {
        let step = 0x9E37_79B9_7F4A_7C15;
        let mut z = self.state.fetch_add(step, Ordering::Relaxed).wrapping_add(step);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Pause for Chance {
    async fn sleep(&self, _length: Duration) {
        self.waits.fetch_add(1, Ordering::Relaxed);
        give_way(self.below(4)).await;
    }
}

/// Ours for so many questions.
pub(super) struct Ours {
    left: AtomicU64,
    pub(super) behind: Mutex<Behind>,
}

impl Ours {
    pub(super) fn always() -> Self {
        Self::times(u64::MAX)
    }

    pub(super) fn times(times: u64) -> Self {
        Self { left: AtomicU64::new(times), behind: Mutex::default() }
    }
}

impl Lease for Ours {
    async fn still_ours(&self) -> bool {
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .is_ok()
    }

    fn reached(&self, records: u64, refused: &[Refused]) {
        self.behind.lock().unwrap().reached(records, refused);
    }
}

/// One object to read, and whatever is written.
pub(super) struct Shelf {
    pub(super) bytes: Bytes,
    pub(super) content_type: Option<String>,
    /// Length of a chunk.
    pub(super) chunk: usize,
    /// The stream breaks after so many bytes, each time it is opened; 0 for never.
    pub(super) breaks_after: usize,
    /// The answer to the open with this number, from 0, instead of the object.
    pub(super) trouble: Mutex<BTreeMap<u64, ObjectTrouble>>,
    pub(super) opens: Mutex<Vec<(ObjectRef, u64)>>,
    pub(super) puts: Mutex<BTreeMap<String, Bytes>>,
}

impl Shelf {
    pub(super) fn with(bytes: impl Into<Bytes>) -> Self {
        Self {
            bytes: bytes.into(),
            content_type: None,
            chunk: 1_000,
            breaks_after: 0,
            trouble: Mutex::default(),
            opens: Mutex::default(),
            puts: Mutex::default(),
        }
    }
}

pub(super) struct Body {
    rest: Bytes,
    chunk: usize,
    breaks_after: Option<usize>,
}

impl Chunks for Body {
    async fn next(&mut self) -> Result<Option<Bytes>, ObjectTrouble> {
        give_way(1).await;
        let length = self.chunk.min(self.rest.len());
        if let Some(left) = &mut self.breaks_after {
            let Some(after) = left.checked_sub(length) else {
                return Err(ObjectTrouble::Retryable("connection reset".into()));
            };
            *left = after;
        }
        let chunk = self.rest.split_to(length);
        Ok((!chunk.is_empty()).then_some(chunk))
    }
}

impl Objects for Shelf {
    type Body = Body;

    async fn open(&self, object: &ObjectRef, offset: u64) -> Result<Opened<Body>, ObjectTrouble> {
        let number = {
            let mut opens = self.opens.lock().unwrap();
            opens.push((object.clone(), offset));
            opens.len() as u64 - 1
        };
        if let Some(trouble) = self.trouble.lock().unwrap().remove(&number) {
            return Err(trouble);
        }
        let offset = usize::try_from(offset).unwrap();
        let breaks_after = (self.breaks_after > 0).then_some(self.breaks_after);
        Ok(Opened {
            size: self.bytes.len() as u64,
            etag: Some("\"e1\"".into()),
            content_type: self.content_type.clone(),
            version_id: None,
            last_modified: None,
            body: Body { rest: self.bytes.slice(offset..), chunk: self.chunk, breaks_after },
        })
    }

    async fn put(&self, bucket: &str, key: &str, bytes: Bytes) -> Result<(), ObjectTrouble> {
        self.puts.lock().unwrap().insert(format!("{bucket}/{key}"), bytes);
        Ok(())
    }
}

/// How often a call goes wrong, out of 8.
#[derive(Clone, Copy, Default)]
pub(super) struct Moods {
    pub(super) unprocessed: u64,
    pub(super) refuses: u64,
    /// Writes, and then says that it did not.
    pub(super) loses_answers: u64,
}

/// A table with the key `id` that refuses items with the attribute `poison`.
pub(super) struct MoodyTable<'a> {
    pub(super) chance: &'a Chance,
    pub(super) moods: Moods,
    pub(super) rows: Mutex<BTreeMap<String, Value>>,
    in_flight: Mutex<BTreeSet<String>>,
    pub(super) calls: AtomicU64,
    /// Whether one writer after the other begins anew with rows that were written before.
    pub(super) has_lives: bool,
}

impl<'a> MoodyTable<'a> {
    pub(super) fn new(chance: &'a Chance, moods: Moods) -> Self {
        let (rows, in_flight, calls) = Default::default();
        Self { chance, moods, rows, in_flight, calls, has_lives: false }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.lock().unwrap().is_empty()
    }

    /// Whoever was in flight has landed, or never will.
    pub(super) fn forget_calls(&self) {
        self.in_flight.lock().unwrap().clear();
    }

    fn mood(&self, often: u64) -> bool {
        self.chance.below(8) < often
    }

    fn put(&self, id: &str, item: &Value) {
        let old = self.rows.lock().unwrap().insert(id.to_owned(), item.clone());
        let number = |item: &Value| item["n"]["N"].as_str().and_then(|n| n.parse::<u64>().ok());
        let older = old.and_then(|old| number(&old)) > number(item);
        assert!(!older || self.has_lives, "an older row of `{id}` came after a newer one");
    }

    fn answer(&self, puts: &[(String, Value)]) -> Result<Unprocessed, TableTrouble> {
        if puts.iter().any(|(_, item)| item.get("poison").is_some()) {
            return Err(TableTrouble::Invalid("poison".into()));
        }
        if self.mood(self.moods.refuses) {
            return Err(TableTrouble::Retryable("slow down".into()));
        }
        let partial = self.mood(self.moods.unprocessed);
        let mut left = Unprocessed::none();
        for (index, (id, item)) in puts.iter().enumerate() {
            if partial && self.chance.below(2) == 0 {
                left = left.and(index);
            } else {
                self.put(id, item);
            }
        }
        if self.mood(self.moods.loses_answers) {
            return Err(TableTrouble::Retryable("connection reset".into()));
        }
        Ok(left)
    }
}

impl Table for MoodyTable<'_> {
    async fn write(&self, batch: &Batch) -> Result<Unprocessed, TableTrouble> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let body = [b"[", batch.bytes(), b"]"].concat();
        let puts: Vec<Value> = serde_json::from_slice(&body).unwrap();
        let puts: Vec<(String, Value)> = puts
            .into_iter()
            .map(|put| put["PutRequest"]["Item"].clone())
            .map(|item| (item["id"]["S"].as_str().unwrap().to_owned(), item))
            .collect();
        assert!((1..=25).contains(&puts.len()));
        for (id, _) in &puts {
            assert!(self.in_flight.lock().unwrap().insert(id.clone()), "`{id}` is in flight twice");
        }
        give_way(self.chance.below(20)).await;
        for (id, _) in &puts {
            self.in_flight.lock().unwrap().remove(id);
        }
        self.answer(&puts)
    }
}
