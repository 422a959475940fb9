//! An AWS in memory for the flows: the process that calls can be made to die at any call, and two
//! flows can be played at once.

mod deaths;
mod ecs;
mod fleet;
mod ledger;
mod queues;
mod rows;
mod samples;
mod scenes;
mod turns;
mod world;

use std::sync::{Arc, Mutex, MutexGuard};

use jiff::{SignedDuration, Timestamp};
use longshore::{
    run::{Run, RunId, Step},
    trigger::Allowed,
};

pub(crate) use deaths::at_every_call;
pub(crate) use ecs::{Answer, FakeEcs, FakeTask};
pub(crate) use fleet::{FakeYard, LAUNCH};
pub(crate) use ledger::{FakeLedger, shard};
pub(crate) use queues::{FakeOutlet, FakeQueue};
pub(crate) use samples::{
    DEFINITION, POOL, UPLOADS, about, about_version, event, message, tick, with_detail,
    with_settings,
};
pub(crate) use turns::{ready, together, until_dead, ways};
pub(crate) use world::{Death, Dies, FakeWorld};

use crate::{
    Advanced, Handled, Message, Observed, Permits, Sweep, Swept, Triggers, Trouble, advance,
    on_change, on_messages,
    ports::{Clock, Ports},
    sweep,
};

/// How long a sweep may take: a minute, when the next one begins.
const SWEEP_SECS: i64 = 60;

/// What a process remembers until it ends.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    permits: Permits,
    triggers: Triggers,
}

/// All of it, and the process that calls it.
pub(crate) struct Cloud {
    pub(crate) process: Arc<Dies>,
    memory: Mutex<Arc<Memory>>,
    per_second: u32,
    pub(crate) ledger: FakeLedger,
    pub(crate) ecs: FakeEcs,
    pub(crate) dead_letters: FakeQueue,
    pub(crate) outcomes: FakeQueue,
    pub(crate) outlet: FakeOutlet,
    pub(crate) world: Arc<FakeWorld>,
}

impl Cloud {
    /// A cloud in which permits are no matter.
    pub(crate) fn new() -> Self {
        Self::with_permits(1_000)
    }

    /// A cloud whose account launches so many tasks per second.
    pub(crate) fn with_permits(per_second: u32) -> Self {
        let process = Arc::new(Dies::default());
        let world = Arc::new(FakeWorld::default());
        let cloud = Self {
            memory: Mutex::default(),
            per_second,
            ledger: FakeLedger::new(&process, &world),
            ecs: FakeEcs::new(&process, &world),
            dead_letters: FakeQueue::new(&process),
            outcomes: FakeQueue::new(&process),
            outlet: FakeOutlet::new(&process),
            process,
            world,
        };
        cloud.restart();
        cloud
    }

    /// A process that remembers nothing.
    pub(crate) fn fresh(&self) -> Memory {
        Self::slower(self.per_second)
    }

    /// A process that remembers nothing, in an account that launches `per_second` tasks.
    pub(crate) fn slower(per_second: u32) -> Memory {
        Memory { permits: Permits::of(per_second), triggers: Triggers::default() }
    }

    /// Starts the process anew, and says whether it had died.
    pub(crate) fn restart(&self) -> bool {
        *lock(&self.memory) = Arc::new(self.fresh());
        self.process.restart()
    }

    fn memory(&self) -> Arc<Memory> {
        Arc::clone(&lock(&self.memory))
    }

    /// The ports of a process.
    pub(crate) fn ports<'a>(
        &'a self,
        memory: &'a Memory,
    ) -> Ports<'a, FakeLedger, FakeEcs, FakeWorld> {
        Ports {
            ledger: &self.ledger,
            ecs: &self.ecs,
            world: &self.world,
            permits: &memory.permits,
            triggers: &memory.triggers,
        }
    }

    /// A delivery of `body`, sent at `sent_at`, to the trigger function.
    pub(crate) async fn delivery(
        &self,
        memory: &Memory,
        body: &str,
        sent_at: Timestamp,
    ) -> Result<Handled, Trouble> {
        let mut handled = self.delivery_of(memory, &[body], sent_at).await;
        assert_eq!(handled.len(), 1);
        handled.remove(0)
    }

    /// A delivery of several messages at once, all sent at `sent_at`, to the trigger function.
    pub(crate) async fn delivery_of(
        &self,
        memory: &Memory,
        bodies: &[&str],
        sent_at: Timestamp,
    ) -> Vec<Result<Handled, Trouble>> {
        let allowed = Allowed {
            buckets: vec![samples::BUCKET.into()],
            clusters: vec![samples::CLUSTER.into()],
            subnets: Vec::new(),
            queues: vec![samples::POOL.into()],
        };
        let messages: Vec<_> = bodies.iter().map(|body| Message { body, sent_at }).collect();
        let on = self.ports(memory);
        Box::pin(on_messages(&on, &self.dead_letters, &allowed, &messages)).await
    }

    /// A delivery of `body` to the observer function.
    pub(crate) async fn observation(
        &self,
        memory: &Memory,
        body: &str,
    ) -> Result<Observed, Trouble> {
        Box::pin(on_change(&self.ports(memory), &self.outlet, &self.dead_letters, body)).await
    }

    /// A sweep of `shards` that takes at most `secs`.
    pub(crate) async fn sweeping(
        &self,
        memory: &Memory,
        shards: std::ops::RangeInclusive<u8>,
        secs: i64,
    ) -> Result<Swept, Trouble> {
        let until = self.world.now() + SignedDuration::from_secs(secs);
        let these = Sweep { shards, until };
        Box::pin(sweep(&self.ports(memory), &self.outlet, &*self.world, &these)).await
    }

    pub(crate) fn deliver(&self, body: &str) -> Result<Handled, Trouble> {
        ready(self.delivery(&self.memory(), body, self.world.now()))
    }

    pub(crate) fn deliver_all(&self, bodies: &[String]) -> Vec<Result<Handled, Trouble>> {
        let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
        ready(self.delivery_of(&self.memory(), &bodies, self.world.now()))
    }

    pub(crate) fn observe(&self, body: &str) -> Result<Observed, Trouble> {
        ready(self.observation(&self.memory(), body))
    }

    pub(crate) fn sweep(&self) -> Result<Swept, Trouble> {
        ready(self.sweeping(&self.memory(), 0..=u8::MAX, SWEEP_SECS))
    }

    /// What somebody does with a run by hand.
    pub(crate) fn take(&self, id: &RunId, step: &Step) -> Advanced {
        let run = self.ledger.runs().into_iter().find(|run| run.id == *id).expect("it is there");
        ready(advance(&self.ledger, &*self.world, run, step)).expect("nothing dies meanwhile")
    }

    /// The only run.
    pub(crate) fn run(&self) -> Run {
        let runs = self.ledger.runs();
        assert_eq!(runs.len(), 1, "{runs:?}");
        runs.into_iter().next().unwrap()
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}
