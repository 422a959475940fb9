//! A ledger in memory, into which tests look and others may write.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use longshore::{
    run::{Change, Class, Counted, LaunchId, Outbox, Run, RunId, Written},
    trigger::{Launch, Listed, Registered},
};

use super::{Dies, FakeWorld, lock, rows::Rows};
use crate::ports::{Claim, Claimed, Ledger, LedgerError};

type Intrusion = Box<dyn FnOnce(Run) -> Run + Send>;

pub(crate) struct FakeLedger {
    process: Arc<Dies>,
    world: Arc<FakeWorld>,
    rows: Mutex<Rows>,
    /// Writes to come before somebody else writes first, and what they write.
    intrusion: Mutex<Option<(u32, Intrusion)>>,
    /// How long every write takes.
    pub(crate) write_secs: Mutex<i64>,
}

impl FakeLedger {
    pub(super) fn new(process: &Arc<Dies>, world: &Arc<FakeWorld>) -> Self {
        Self {
            process: Arc::clone(process),
            world: Arc::clone(world),
            rows: Mutex::default(),
            intrusion: Mutex::default(),
            write_secs: Mutex::default(),
        }
    }

    pub(crate) fn runs(&self) -> Vec<Run> {
        lock(&self.rows).runs.values().cloned().collect()
    }

    /// Time to live is over for the run.
    pub(crate) fn forget(&self, id: &RunId) {
        let mut rows = lock(&self.rows);
        rows.runs.remove(id);
        rows.catch_up();
    }

    /// Somebody has deleted the frozen launches of the run.
    pub(crate) fn lose_launches(&self, id: &RunId) {
        lock(&self.rows).launches.retain(|launch, _| launch.run != *id);
    }

    /// Ends that were counted.
    pub(crate) fn counts(&self) -> Vec<Class> {
        let class = |counted: &Counted| match counted {
            Counted::Ended(class) => Some(*class),
            Counted::Redriven => None,
        };
        lock(&self.rows).counts.iter().filter_map(class).collect()
    }

    /// How many redrives were counted.
    pub(crate) fn redrives(&self) -> usize {
        lock(&self.rows).counts.iter().filter(|what| **what == Counted::Redriven).count()
    }

    /// Slots that are held.
    pub(crate) fn slots(&self) -> Vec<(u32, RunId)> {
        let rows = lock(&self.rows);
        rows.slots.iter().map(|((_, number), run)| (*number, run.clone())).collect()
    }

    /// Pauses the trigger, or resumes it.
    pub(crate) fn pause(&self, trigger: &str, paused_at: Option<Timestamp>) {
        let mut rows = lock(&self.rows);
        rows.triggers.get_mut(trigger).expect("it was seen").paused_at = paused_at;
    }

    /// Whether the indexes show what is written from now on, and what was written so far.
    pub(crate) fn lags(&self, lags: bool) {
        let mut rows = lock(&self.rows);
        rows.lags = lags;
        rows.catch_up();
    }

    /// The trigger as remembered.
    pub(crate) fn trigger(&self, name: &str) -> Registered {
        lock(&self.rows).triggers[name].clone()
    }

    /// Lets somebody else write first, just before the `nth` write from now, counted from 0.
    pub(crate) fn intrude(&self, nth: u32, write: impl FnOnce(Run) -> Run + Send + 'static) {
        *lock(&self.intrusion) = Some((nth, Box::new(write)));
    }

    fn let_others_write(&self, id: &RunId) {
        let mut intrusion = lock(&self.intrusion);
        match intrusion.take() {
            Some((0, write)) => {
                let mut rows = lock(&self.rows);
                let run = rows.runs.remove(id).expect("somebody else knows the run");
                rows.runs.insert(id.clone(), write(run));
            }
            Some((nth, write)) => *intrusion = Some((nth - 1, write)),
            None => {}
        }
    }

    async fn call<T>(&self, work: impl FnOnce(&mut Rows) -> T) -> Result<T, LedgerError> {
        self.process.call(|| work(&mut lock(&self.rows))).await.map_err(LedgerError)
    }
}

/// Which of the 256 shards a run is in.
pub(crate) fn shard(id: &RunId) -> u8 {
    id.as_str().bytes().fold(0, u8::wrapping_add)
}

impl Ledger for FakeLedger {
    async fn write(&self, change: &Change) -> Result<Written, LedgerError> {
        let write = |rows: &mut Rows| rows.write(change);
        self.process
            .call(|| {
                self.let_others_write(&change.run.id);
                let written = write(&mut lock(&self.rows));
                self.world.pass(*lock(&self.write_secs));
                written
            })
            .await
            .map_err(LedgerError)
    }

    async fn run(&self, id: &RunId) -> Result<Option<Run>, LedgerError> {
        self.call(|rows| rows.runs.get(id).cloned()).await
    }

    async fn launch(&self, id: &LaunchId) -> Result<Option<Launch>, LedgerError> {
        self.call(|rows| rows.launches.get(id).cloned()).await
    }

    async fn list(&self, list: &RunId) -> Result<Vec<Listed>, LedgerError> {
        self.call(|rows| rows.list(list)).await
    }

    async fn claim(&self, claim: &Claim<'_>) -> Result<Claimed, LedgerError> {
        self.call(|rows| rows.claim(claim)).await
    }

    async fn newest(&self, trigger: &str, object: &str) -> Result<Option<RunId>, LedgerError> {
        self.call(|rows| rows.newest(trigger, object)).await
    }

    async fn outbox(&self, id: &RunId) -> Result<Vec<Outbox>, LedgerError> {
        let owed = |rows: &mut Rows| {
            // In an order that nobody may count on.
            rows.outbox.values().rev().filter(|message| message.run == *id).cloned().collect()
        };
        self.call(owed).await
    }

    async fn due(
        &self,
        of: u8,
        now: Timestamp,
        count_max: usize,
    ) -> Result<Vec<RunId>, LedgerError> {
        let due = |rows: &mut Rows| {
            let runs = rows.index.values().filter(|run| shard(&run.id) == of);
            let due = |run: &Run| Some((run.due.filter(|due| *due <= now)?, run.id.clone()));
            let mut due: Vec<_> = runs.filter_map(due).collect();
            due.sort();
            due.into_iter().map(|(_, id)| id).take(count_max).collect()
        };
        self.call(due).await
    }

    async fn registered(&self, trigger: &str) -> Result<Option<Registered>, LedgerError> {
        self.call(|rows| rows.triggers.get(trigger).cloned()).await
    }

    async fn register(&self, seen: &Registered) -> Result<(), LedgerError> {
        let register = |rows: &mut Rows| {
            let name = seen.settings.name.clone();
            let known = rows.triggers.get(&name);
            if known
                .is_some_and(|known| known.source != seen.source || known.seen_at > seen.seen_at)
            {
                return;
            }
            let next = match known {
                None => seen.clone(),
                Some(known) => {
                    let (settings, seen_at, timed_at) =
                        (seen.settings.clone(), seen.seen_at, seen.timed_at);
                    Registered { settings, seen_at, timed_at, ..known.clone() }
                }
            };
            rows.triggers.insert(name, next);
        };
        self.call(register).await
    }

    async fn ticked(&self, trigger: &str, tick: Timestamp) -> Result<(), LedgerError> {
        let ticked = |rows: &mut Rows| {
            let Some(trigger) = rows.triggers.get_mut(trigger) else { return };
            trigger.ticked_at = trigger.ticked_at.max(Some(tick));
            trigger.looked_to.get_or_insert(tick);
        };
        self.call(ticked).await
    }

    async fn looked(
        &self,
        trigger: &str,
        to: Timestamp,
        caught_up: u32,
    ) -> Result<(), LedgerError> {
        let looked = |rows: &mut Rows| {
            let Some(trigger) = rows.triggers.get_mut(trigger) else { return };
            if trigger.looked_to < Some(to) {
                (trigger.looked_to, trigger.caught_up) = (Some(to), caught_up);
            }
        };
        self.call(looked).await
    }

    async fn triggers(&self) -> Result<Vec<String>, LedgerError> {
        self.call(|rows| rows.triggers.keys().cloned().collect()).await
    }

    async fn queued(&self, trigger: &str, count_max: usize) -> Result<Vec<RunId>, LedgerError> {
        let queued = |rows: &mut Rows| {
            let waits = |run: &&Run| run.trigger == trigger && run.is_queued();
            let age = |run: &Run| (run.admitted_at, run.id.clone());
            let mut queued: Vec<_> = rows.index.values().filter(waits).map(age).collect();
            queued.sort();
            queued.into_iter().map(|(_, id)| id).take(count_max).collect()
        };
        self.call(queued).await
    }

    async fn free_slot(&self, trigger: &str, limit: u32) -> Result<Option<u32>, LedgerError> {
        let is_free =
            |rows: &Rows, slot: u32| !rows.slots.contains_key(&(trigger.to_owned(), slot));
        self.call(|rows| (0..limit).find(|slot| is_free(rows, *slot))).await
    }

    async fn slot_holder(&self, trigger: &str, number: u32) -> Result<Option<RunId>, LedgerError> {
        self.call(|rows| rows.slots.get(&(trigger.to_owned(), number)).cloned()).await
    }

    async fn permits(
        &self,
        kind: &str,
        now: Timestamp,
        wanted: u32,
        per_second: u32,
    ) -> Result<u32, LedgerError> {
        let take = |rows: &mut Rows| {
            let taken = rows.permits.entry((kind.to_owned(), now.as_second())).or_default();
            let granted = wanted.min(per_second.saturating_sub(*taken));
            *taken += granted;
            granted
        };
        self.call(take).await
    }
}
