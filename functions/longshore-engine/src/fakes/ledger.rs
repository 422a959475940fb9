//! A ledger that writes all of a change or none of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use longshore::{
    run::{Also, Change, Class, LaunchId, Outbox, Run, RunId, Written},
    trigger::Launch,
};

use super::{Dies, FakeWorld, lock};
use crate::ports::{Ledger, LedgerError};

type Intrusion = Box<dyn FnOnce(Run) -> Run + Send>;

#[derive(Default)]
struct Rows {
    runs: BTreeMap<RunId, Run>,
    launches: BTreeMap<LaunchId, Launch>,
    /// Newest sequence and its run, by trigger and object.
    objects: BTreeMap<(String, String), (String, RunId)>,
    outbox: BTreeMap<(RunId, u32), Outbox>,
    counts: Vec<Class>,
}

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

    /// Ends that were counted.
    pub(crate) fn counts(&self) -> Vec<Class> {
        lock(&self.rows).counts.clone()
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
}

impl Rows {
    fn write(&mut self, change: &Change) -> Written {
        let current = self.runs.get(&change.run.id);
        if current.map(|run| run.ver) != change.expects_ver {
            return change.judge(current.expect("runs are never removed").clone());
        }
        for also in &change.also {
            let Also::Object(claim) = also else { continue };
            let key = (claim.trigger.clone(), claim.order.object.clone());
            if let Some((newest, run)) = self.objects.get(&key)
                && *newest >= claim.order.sequence
            {
                return Written::Newer(run.clone());
            }
            self.objects.insert(key, (claim.order.sequence.clone(), claim.run.clone()));
        }
        for also in &change.also {
            match also {
                Also::Object(_) => {}
                Also::Launch(launch) => {
                    self.launches.entry(launch.id.clone()).or_insert_with(|| (**launch).clone());
                }
                Also::Outbox(message) => {
                    let key = (message.run.clone(), message.attempt);
                    self.outbox.insert(key, message.clone());
                }
                Also::Count { class, .. } => self.counts.push(*class),
            }
        }
        self.runs.insert(change.run.id.clone(), change.run.clone());
        Written::Done
    }
}

impl Ledger for FakeLedger {
    async fn write(&self, change: &Change) -> Result<Written, LedgerError> {
        self.let_others_write(&change.run.id);
        let written = self.process.call(|| lock(&self.rows).write(change)).map_err(LedgerError);
        self.world.pass(*lock(&self.write_secs));
        written
    }

    async fn run(&self, id: &RunId) -> Result<Option<Run>, LedgerError> {
        self.process.call(|| lock(&self.rows).runs.get(id).cloned()).map_err(LedgerError)
    }

    async fn launch(&self, id: &LaunchId) -> Result<Option<Launch>, LedgerError> {
        self.process.call(|| lock(&self.rows).launches.get(id).cloned()).map_err(LedgerError)
    }

    async fn newest(&self, trigger: &str, object: &str) -> Result<Option<RunId>, LedgerError> {
        let key = (trigger.to_owned(), object.to_owned());
        let newest = || lock(&self.rows).objects.get(&key).map(|(_, run)| run.clone());
        self.process.call(newest).map_err(LedgerError)
    }

    async fn outbox(&self, id: &RunId) -> Result<Vec<Outbox>, LedgerError> {
        let owed = || {
            let rows = lock(&self.rows);
            rows.outbox.values().filter(|message| message.run == *id).cloned().collect()
        };
        self.process.call(owed).map_err(LedgerError)
    }

    async fn due(
        &self,
        shard: u8,
        now: Timestamp,
        count_max: usize,
    ) -> Result<Vec<RunId>, LedgerError> {
        let due = || {
            let rows = lock(&self.rows);
            let of_shard = |run: &&Run| run.id.as_str().bytes().fold(0, u8::wrapping_add) == shard;
            let mut due: Vec<_> = rows
                .runs
                .values()
                .filter(of_shard)
                .filter_map(|run| Some((run.swept_at().filter(|due| *due <= now)?, run.id.clone())))
                .collect();
            due.sort();
            due.into_iter().map(|(_, id)| id).take(count_max).collect()
        };
        self.process.call(due).map_err(LedgerError)
    }
}
