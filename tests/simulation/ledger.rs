//! The ledger in memory: conditional writes, all of a change or none, answers that get lost.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use longshore::{
    run::{Also, Change, LaunchId, Outbox, Run, RunId, State, Written},
    trigger::Launch,
};
use longshore_engine::ports::{Ledger, LedgerError};

use super::{
    call::NoAnswer,
    chance::{Fault, Service},
    planted::Planted,
    world::{Wake, World},
};

/// See the module.
#[derive(Debug)]
pub(super) struct SimLedger<'w> {
    world: &'w World,
    planted: Planted,
    tables: Mutex<Tables>,
}

/// What the ledger holds.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// Runs.
    pub(super) runs: BTreeMap<RunId, Row>,
    /// Newest sequence of each object, and its run.
    pub(super) objects: BTreeMap<String, (String, RunId)>,
    /// Ended runs, by class.
    pub(super) counts: BTreeMap<&'static str, u64>,
    shards: BTreeMap<u8, Vec<RunId>>,
}

/// A run with what is kept under its key.
#[derive(Debug)]
pub(super) struct Row {
    /// The run.
    pub(super) run: Run,
    /// Messages it owes or owed, by attempt.
    pub(super) outbox: BTreeMap<u32, Outbox>,
    launches: BTreeMap<(u32, u32), Launch>,
}

impl<'w> SimLedger<'w> {
    pub(super) fn new(world: &'w World, planted: Planted) -> Self {
        Self { world, planted, tables: Mutex::default() }
    }

    pub(super) fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes `change` if its conditions hold, as DynamoDB judges them: the run's counts before
    /// the object's.
    pub(super) fn apply(&self, change: &Change) -> Written {
        let mut tables = self.tables();
        let current = tables.runs.get(&change.run.id).map(|row| &row.run);
        let holds = match (change.expects_ver, current) {
            (Some(ver), Some(run)) => run.ver == ver || self.planted == Planted::LedgerForgetsVer,
            (None, None) => true,
            _ => false,
        };
        if !holds {
            let current = current.cloned().unwrap_or_else(|| change.run.clone());
            if self.planted == Planted::CountedApart {
                tables.keep(&current.id, &count(change));
            }
            return change.judge(current);
        }
        for also in &change.also {
            if let Also::Object(claim) = also
                && let Some((newest, run)) = tables.objects.get(&claim.order.object)
                && *newest >= claim.order.sequence
            {
                return Written::Newer(run.clone());
            }
        }
        self.watch(current, &change.run);
        tables.put(&change.run);
        let also: Vec<_> = change.also.iter().filter(|also| !self.is_dropped(also)).collect();
        for also in also {
            tables.keep(&change.run.id, std::slice::from_ref(also));
        }
        Written::Done
    }

    fn is_dropped(&self, also: &Also) -> bool {
        let mark = matches!(also, Also::Outbox(message) if message.sent_at.is_some());
        mark && self.planted == Planted::SentMarkLost
    }

    /// I4, and what is worth telling of a write.
    fn watch(&self, old: Option<&Run>, new: &Run) {
        self.world.note(|| {
            let last = new.history.last().map_or("", |entry| entry.note.as_str());
            format!("{} ver {} {}: {last}", short(&new.id), new.ver, new.state.word())
        });
        let Some(old) = old else { return };
        if old.state.is_terminal() && (old.state != new.state || old.outcome != new.outcome) {
            let (old, new) = (old.state.word(), new.state.word());
            self.world.violate("I4 an end is final", format!("{old} became {new}"));
        }
        // A refusal would have gone through backoff.
        if old.state == State::Launching && new.state == old.state && new.launch > old.launch {
            self.world.count(|stats| stats.uncertain += 1);
        }
    }

    async fn read<T>(&self, read: impl FnOnce(&Tables) -> T) -> Result<T, LedgerError> {
        self.world.call(Service::Ledger, || read(&self.tables())).await.map_err(no_answer)
    }
}

impl Tables {
    fn put(&mut self, run: &Run) {
        if let Some(row) = self.runs.get_mut(&run.id) {
            row.run = run.clone();
            return;
        }
        self.shards.entry(shard(&run.id)).or_default().push(run.id.clone());
        let row = Row { run: run.clone(), outbox: BTreeMap::new(), launches: BTreeMap::new() };
        self.runs.insert(run.id.clone(), row);
    }

    fn keep(&mut self, run: &RunId, kept: &[Also]) {
        for also in kept {
            match also {
                Also::Count { class, .. } => *self.counts.entry(class.word()).or_default() += 1,
                Also::Object(claim) => {
                    let newest = (claim.order.sequence.clone(), claim.run.clone());
                    self.objects.insert(claim.order.object.clone(), newest);
                }
                Also::Launch(launch) => {
                    if let Some(row) = self.runs.get_mut(run) {
                        let key = (launch.id.attempt, launch.id.launch);
                        row.launches.insert(key, (**launch).clone());
                    }
                }
                Also::Outbox(message) => {
                    if let Some(row) = self.runs.get_mut(run) {
                        row.outbox.insert(message.attempt, message.clone());
                    }
                }
            }
        }
    }
}

impl Ledger for SimLedger<'_> {
    async fn write(&self, change: &Change) -> Result<Written, LedgerError> {
        if let Some(wait_ms) = self.world.lateness() {
            self.world.note(|| format!("  {} a write will be late", short(&change.run.id)));
            self.world.wake_in(wait_ms, Wake::LateWrite(Box::new(change.clone())));
            drop(self.world.call(Service::Ledger, || ()).await);
            return Err(no_answer(NoAnswer));
        }
        if self.world.strikes(Fault::Repeated) {
            self.world.call(Service::Ledger, || self.apply(change)).await.map_err(no_answer)?;
        }
        self.world.call(Service::Ledger, || self.apply(change)).await.map_err(no_answer)
    }

    async fn run(&self, id: &RunId) -> Result<Option<Run>, LedgerError> {
        self.read(|tables| tables.runs.get(id).map(|row| row.run.clone())).await
    }

    async fn launch(&self, id: &LaunchId) -> Result<Option<Launch>, LedgerError> {
        let key = (id.attempt, id.launch);
        self.read(|tables| tables.runs.get(&id.run)?.launches.get(&key).cloned()).await
    }

    async fn newest(&self, _: &str, object: &str) -> Result<Option<RunId>, LedgerError> {
        self.read(|tables| tables.objects.get(object).map(|(_, run)| run.clone())).await
    }

    async fn outbox(&self, id: &RunId) -> Result<Vec<Outbox>, LedgerError> {
        let messages = |row: &Row| row.outbox.values().cloned().collect();
        self.read(|tables| tables.runs.get(id).map(messages).unwrap_or_default()).await
    }

    async fn due(
        &self,
        shard: u8,
        now: Timestamp,
        count_max: usize,
    ) -> Result<Vec<RunId>, LedgerError> {
        // A shard without runs has nothing to tell, and most have none.
        if !self.tables().shards.contains_key(&shard) {
            return Ok(Vec::new());
        }
        let mut due = self.read(|tables| tables.due(shard, now)).await?;
        if self.world.strikes(Fault::Stale) {
            due.pop();
        }
        due.truncate(count_max);
        Ok(due)
    }
}

impl Tables {
    fn due(&self, shard: u8, now: Timestamp) -> Vec<RunId> {
        let runs = self.shards.get(&shard).into_iter().flatten();
        let runs = runs.filter_map(|id| self.runs.get(id).map(|row| &row.run));
        let mut due: Vec<_> = runs
            .filter_map(|run| Some((run.swept_at().filter(|&due| due <= now)?, &run.id)))
            .collect();
        due.sort();
        due.into_iter().map(|(_, id)| id.clone()).collect()
    }

    /// Whether every run has ended and owes nothing.
    pub(super) fn is_quiet(&self) -> bool {
        self.runs.values().all(|row| row.run.state.is_terminal() && row.run.due.is_none())
    }

    /// Whether any run is due at `now`: a sweep would do nothing without.
    pub(super) fn is_any_due(&self, now: Timestamp) -> bool {
        self.runs.values().any(|row| row.run.swept_at().is_some_and(|due| due <= now))
    }
}

fn count(change: &Change) -> Vec<Also> {
    change.also.iter().filter(|also| matches!(also, Also::Count { .. })).cloned().collect()
}

fn no_answer(_: NoAnswer) -> LedgerError {
    LedgerError("no answer".into())
}

/// A shard that follows from the id.
fn shard(id: &RunId) -> u8 {
    id.as_str().bytes().fold(0, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte))
}

/// As much of an id as a reader of the history needs.
pub(super) fn short(id: &RunId) -> &str {
    &id.as_str()[..4]
}
