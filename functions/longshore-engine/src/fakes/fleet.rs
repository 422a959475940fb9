//! A queue, the fleet that works it off, and their rows, in memory: workers begin, work and leave
//! as time passes.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use jiff::{SignedDuration, Timestamp};
use longshore::{
    fleet::{Beat, Change, Fate, REST, Record, Scaled, Service, Stage, Worker},
    run::RefusalKind,
};

use super::{Dies, FakeWorld, lock};
use crate::ports::Clock;

mod calls;

/// How long a task takes from its launch until it receives.
pub(crate) const LAUNCH: SignedDuration = SignedDuration::from_secs(20);
const CLUSTER: &str = "arn:aws:ecs:eu-west-1:123456789012:task/main";

/// A queue and everything about it.
pub(crate) struct FakeYard {
    process: Arc<Dies>,
    world: Arc<FakeWorld>,
    pub(crate) now: Mutex<Yard>,
}

/// What there is.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is trouble of its own, made by a test")]
pub(crate) struct Yard {
    pub(crate) row: Option<Scaled>,
    pub(crate) changes: BTreeMap<Timestamp, Change>,
    pub(crate) records: Vec<Record>,
    /// Messages that wait; those at work are in flight.
    pub(crate) visible: u32,
    /// Whether the depth cannot be read.
    pub(crate) is_dark: bool,
    /// Whether each worker always has a message in hand.
    pub(crate) is_busy: bool,
    pub(crate) tasks: Vec<FakeTask>,
    /// RunTask's calls: token and count.
    pub(crate) calls: Vec<(String, u32)>,
    tokens: BTreeMap<String, Vec<String>>,
    /// Tasks that there is room for.
    pub(crate) room: Option<usize>,
    pub(crate) refusal: Option<RefusalKind>,
    pub(crate) is_uncertain: bool,
    pub(crate) service: Service,
    /// Whether UpdateService is throttled.
    pub(crate) is_throttled: bool,
    /// What DescribeServices says, if it does not tell of the service.
    pub(crate) not_described: Option<&'static str>,
    /// What UpdateService was called with.
    pub(crate) desired: Vec<u32>,
}

/// A task of the fleet.
#[derive(Clone, Debug)]
pub(crate) struct FakeTask {
    pub(crate) arn: String,
    pub(crate) launched_at: Timestamp,
    pub(crate) drain: Option<Timestamp>,
    /// Since when it holds nothing any more, and rests.
    pub(crate) drained: Option<Timestamp>,
    pub(crate) ended: Option<Fate>,
    pub(crate) definition: Option<String>,
    pub(crate) messages: u64,
}

impl FakeYard {
    pub(crate) fn new(process: &Arc<Dies>, world: &Arc<FakeWorld>) -> Self {
        let (process, world) = (Arc::clone(process), Arc::clone(world));
        Self { process, world, now: Mutex::default() }
    }

    /// The world as it has become.
    async fn call<T>(&self, work: impl FnOnce(&mut Yard, Timestamp) -> T) -> Result<T, String> {
        let now = self.world.now();
        self.process.call(|| work(&mut lock(&self.now), now)).await
    }

    /// Workers that are there already, each since ten minutes.
    pub(crate) fn staffed(&self, count: usize) {
        let mut yard = lock(&self.now);
        let launched_at = self.world.now() - SignedDuration::from_mins(10);
        for _ in 0..count {
            yard.begin(launched_at, None);
        }
    }
}

impl Yard {
    pub(crate) fn begin(&mut self, launched_at: Timestamp, definition: Option<String>) -> String {
        let arn = format!("{CLUSTER}/{:08x}", self.tasks.len());
        self.tasks.push(FakeTask {
            arn: arn.clone(),
            launched_at,
            drain: None,
            drained: None,
            ended: None,
            definition,
            messages: 0,
        });
        arn
    }

    /// Tasks that have not ended.
    pub(crate) fn alive(&self) -> usize {
        self.tasks.iter().filter(|task| task.ended.is_none()).count()
    }

    fn rows(&self, now: Timestamp) -> Vec<Worker> {
        let since = |task: &FakeTask| task.launched_at + LAUNCH;
        let begun = self.tasks.iter().filter(|task| task.ended.is_none() && since(task) <= now);
        let row = |task: &FakeTask| Worker {
            beat: Beat {
                task: task.arn.clone(),
                definition: task.definition.clone(),
                since: since(task),
                at: now,
                messages: task.messages,
                busy_ms: task.messages * 1_000,
                in_flight: u32::from(self.is_busy),
                stage: if task.drained.is_some() { Stage::Drained } else { Stage::Receiving },
            },
            drain: task.drain,
        };
        begun.map(row).collect()
    }

    /// So many of those that were told to leave hold nothing any more.
    pub(crate) fn drained(&mut self, count: usize, now: Timestamp) {
        let told = self.tasks.iter_mut().filter(|task| task.drain.is_some());
        for task in told.take(count) {
            task.drained.get_or_insert(now);
        }
    }

    /// Who has rested leaves. ECS stops tasks that are not protected, those that start before any
    /// that rest, and starts what is missing.
    pub(crate) fn ecs(&mut self, now: Timestamp) {
        let desired = usize::try_from(self.service.desired).unwrap();
        for task in self.tasks.iter_mut().filter(|task| task.ended.is_none()) {
            if task.drained.is_some_and(|since| now.duration_since(since) >= REST) {
                task.ended = Some(Fate::Stopped);
            }
        }
        let surplus = self.alive().saturating_sub(desired);
        let alive = self.tasks.iter_mut().rev().filter(|task| task.ended.is_none());
        let free = |task: &&mut FakeTask| task.launched_at + LAUNCH > now || task.drained.is_some();
        alive.filter(free).take(surplus).for_each(|task| task.ended = Some(Fate::Stopped));
        let definition = self.service.definition.clone();
        for _ in self.alive()..desired {
            self.begin(now, definition.clone());
        }
    }

    /// What the messages' workers did since the last look: one each. Who was told to leave, leaves.
    fn work(&mut self, now: Timestamp) {
        for task in &mut self.tasks {
            let is_there = task.ended.is_none() && task.launched_at + LAUNCH <= now;
            if is_there && task.drain.is_none() && self.visible > 0 {
                self.visible -= 1;
                task.messages += 1;
            }
        }
    }
}
