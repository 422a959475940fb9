//! The ledger in memory: conditional writes, all of a change or none, answers that get lost.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use longshore::{
    run::{Change, LaunchId, Outbox, Run, RunId, WorkStatus, Written},
    trigger::{Launch, Listed, Registered},
};
use longshore_engine::ports::{Claim, Claimed, Ledger, LedgerError};

use super::{
    call::NoAnswer,
    chance::{Fault, Service},
    planted::Planted,
    scenario::Scenario,
    tables::{Row, Tables, ended},
    ticked::Mark,
    wake::Wake,
    watch::Watch,
    world::{World, instant},
};

/// See the module.
#[derive(Debug)]
pub(super) struct SimLedger<'w> {
    pub(super) world: &'w World,
    scenario: &'w Scenario,
    pub(super) planted: Planted,
    tables: Mutex<Tables>,
}

impl<'w> SimLedger<'w> {
    pub(super) fn new(world: &'w World, scenario: &'w Scenario, planted: Planted) -> Self {
        Self { world, scenario, planted, tables: Mutex::default() }
    }

    pub(super) fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes `change` if its conditions hold, as DynamoDB judges them: the run's counts before
    /// the others.
    pub(super) fn apply(&self, change: &Change) -> Written {
        let mut tables = self.tables();
        let current = tables.runs.get(&change.run.id).map(|row| &row.run);
        let holds = match (change.expects_ver, current) {
            (Some(ver), Some(run)) => run.ver == ver || self.planted.forgets_ver(change),
            (None, None) => true,
            _ => false,
        };
        if !holds {
            let current = current.cloned().unwrap_or_else(|| change.run.clone());
            if self.planted == Planted::CountedApart {
                let counts = change.also.iter().filter(|also| ended(also).is_some());
                counts.for_each(|also| tables.keep(also));
            }
            return change.judge(current);
        }
        let refused = change.also.iter().find_map(|also| tables.refuses(also, self.planted));
        if let Some(refused) = refused {
            return refused;
        }
        let altered = (self.planted != Planted::Nothing).then(|| {
            let mut altered = change.clone();
            self.planted.alter(&mut altered, &tables);
            altered
        });
        let change = altered.as_ref().unwrap_or(change);
        let watch = Watch { world: self.world, scenario: self.scenario, change };
        watch.before(&mut tables);
        tables.put(&change.run);
        change.also.iter().for_each(|also| tables.keep(also));
        watch.after(&tables);
        Written::Done
    }

    /// Remembers settings if their condition holds.
    pub(super) fn remember(&self, seen: &Registered) {
        let task = &seen.settings.task.definition;
        self.world.note(|| format!("  settings of {task}, sent at {}", seen.seen_at));
        let mut tables = self.tables();
        let seen_at = |tables: &Tables| {
            let known = tables.triggers.get(&seen.settings.name)?;
            Some(known.registered.seen_at)
        };
        let before = seen_at(&tables);
        tables.remember(seen, self.world.now_ms(), self.planted);
        if seen_at(&tables) < before {
            self.world.violate("the newest settings stay", format!("{task} is older"));
        }
    }

    /// Whether the task has the fence of its run, and the run goes on.
    pub(super) fn holds_the_fence(&self, id: &LaunchId, task: &str) -> bool {
        let tables = self.tables();
        let run = tables.runs.get(&id.run).map(|row| &row.run);
        run.is_some_and(|run| run.executor.as_deref() == Some(task) && !run.state.is_terminal())
    }

    /// Whether the work of the launch is done, if the task has reported of it.
    pub(super) fn hears(&self, id: &LaunchId, task: &str) -> Option<bool> {
        let tables = self.tables();
        let run = tables.runs.get(&id.run).map(|row| &row.run)?;
        let is_its = run.launch_id() == *id && run.executor.as_deref() == Some(task);
        let result = run.result.as_ref().filter(|_| is_its)?;
        Some(result.status == WorkStatus::Done)
    }

    async fn read<T>(&self, read: impl FnOnce(&Tables) -> T) -> Result<T, LedgerError> {
        self.world.call(Service::Ledger, || read(&self.tables())).await.map_err(no_answer)
    }

    /// An index lags: the newest of its entries may be missing.
    fn lag<T>(&self, entries: &mut Vec<T>) {
        if self.world.strikes(Fault::Stale) {
            entries.pop();
        }
    }
}

impl Ledger for SimLedger<'_> {
    async fn write(&self, change: &Change) -> Result<Written, LedgerError> {
        self.world.count(|stats| stats.writes += 1);
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
        let read = |tables: &Tables| tables.runs.get(&id.run)?.launches.get(&key).cloned();
        let mut launch = self.read(read).await?;
        if let Some(launch) = launch.as_mut().filter(|_| self.planted == Planted::PoolForgotten) {
            launch.pool = None;
        }
        Ok(launch)
    }

    async fn list(&self, list: &RunId) -> Result<Vec<Listed>, LedgerError> {
        self.read(|tables| tables.list(list)).await
    }

    async fn claim(&self, claim: &Claim<'_>) -> Result<Claimed, LedgerError> {
        self.world.count(|stats| stats.writes += 1);
        self.claimed(claim).await.map_err(no_answer)
    }

    async fn newest(&self, trigger: &str, object: &str) -> Result<Option<RunId>, LedgerError> {
        let key = (trigger.to_owned(), object.to_owned());
        self.read(|tables| tables.objects.get(&key).map(|object| object.newest.clone())).await
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
        if !self.tables().knows(shard) {
            return Ok(Vec::new());
        }
        let mut due = self.read(|tables| tables.due(shard, now, self.planted)).await?;
        self.lag(&mut due);
        due.truncate(count_max);
        Ok(due)
    }

    async fn registered(&self, trigger: &str) -> Result<Option<Registered>, LedgerError> {
        let registered = |tables: &Tables| Some(tables.triggers.get(trigger)?.registered.clone());
        let mut registered = self.read(registered).await?;
        if let Some(registered) = &mut registered {
            self.planted.misread(registered);
        }
        Ok(registered)
    }

    async fn register(&self, seen: &Registered) -> Result<(), LedgerError> {
        if let Some(wait_ms) = self.world.lateness() {
            self.world.wake_in(wait_ms, Wake::LateRegister(Box::new(seen.clone())));
            drop(self.world.call(Service::Ledger, || ()).await);
            return Err(no_answer(NoAnswer));
        }
        self.world.call(Service::Ledger, || self.remember(seen)).await.map_err(no_answer)
    }

    async fn ticked(&self, trigger: &str, tick: Timestamp) -> Result<(), LedgerError> {
        self.mark(trigger, Mark::Heard(tick)).await.map_err(no_answer)
    }

    async fn looked(
        &self,
        trigger: &str,
        to: Timestamp,
        caught_up: u32,
    ) -> Result<(), LedgerError> {
        self.mark(trigger, Mark::Looked(to, caught_up)).await.map_err(no_answer)
    }

    async fn triggers(&self) -> Result<Vec<String>, LedgerError> {
        let mut names = self.read(|tables| tables.triggers.keys().cloned().collect()).await?;
        self.lag(&mut names);
        Ok(names)
    }

    async fn queued(&self, trigger: &str, count_max: usize) -> Result<Vec<RunId>, LedgerError> {
        let seen = || instant(self.world.now_ms().saturating_sub(self.world.lag_ms()));
        let mut queued = self.read(|tables| tables.queued(trigger, seen())).await?;
        self.lag(&mut queued);
        queued.truncate(count_max);
        Ok(queued)
    }

    async fn free_slot(&self, trigger: &str, limit: u32) -> Result<Option<u32>, LedgerError> {
        self.read(|tables| {
            (0..limit).find(|number| !tables.slots.contains_key(&(trigger.to_owned(), *number)))
        })
        .await
    }

    async fn slot_holder(&self, trigger: &str, number: u32) -> Result<Option<RunId>, LedgerError> {
        self.read(|tables| tables.slots.get(&(trigger.to_owned(), number)).cloned()).await
    }

    async fn permits(
        &self,
        kind: &str,
        now: Timestamp,
        wanted: u32,
        per_second: u32,
    ) -> Result<u32, LedgerError> {
        let take = || {
            if self.planted == Planted::PermitsIgnored {
                return wanted;
            }
            let mut tables = self.tables();
            let taken = tables.permits.entry((kind.to_owned(), now.as_second())).or_default();
            let granted = wanted.min(per_second - (*taken).min(per_second));
            *taken += granted;
            drop(tables);
            self.world.grants(kind, now.as_second(), granted);
            granted
        };
        self.world.call(Service::Ledger, take).await.map_err(no_answer)
    }
}

fn no_answer(_: NoAnswer) -> LedgerError {
    LedgerError("no answer".into())
}

/// As much of an id as a reader of the history needs.
pub(super) fn short(id: &RunId) -> &str {
    &id.as_str()[..4]
}
