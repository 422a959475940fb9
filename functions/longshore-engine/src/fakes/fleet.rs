//! A queue, the fleet that works it off, and their rows, in memory: workers begin, work and leave
//! as time passes.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use jiff::{SignedDuration, Timestamp};
use longshore::{
    fleet::{
        Beat, Change, Depth, Fate, FleetLaunch, Order, Record, Scaled, Service, Stage, Worker,
        task_id,
    },
    run::{LaunchRefusal, RefusalKind},
    scale::Reading,
};

use super::{Dies, FakeWorld, lock};
use crate::ports::{self, Clock, EcsError, Fleet, LaunchTrouble, LedgerError, QueueError};

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
    /// What it was called with.
    pub(crate) desired: Vec<u32>,
    /// How many of those that were told to leave hold nothing any more, and stay.
    pub(crate) drained: usize,
}

/// A task of the fleet.
#[derive(Clone, Debug)]
pub(crate) struct FakeTask {
    pub(crate) arn: String,
    pub(crate) launched_at: Timestamp,
    pub(crate) drain: Option<Timestamp>,
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
        let (drain, ended) = (None, None);
        let task =
            FakeTask { arn: arn.clone(), launched_at, drain, ended, definition, messages: 0 };
        self.tasks.push(task);
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
                stage: Stage::Receiving,
            },
            drain: task.drain,
        };
        let mut rows: Vec<Worker> = begun.map(row).collect();
        for row in rows.iter_mut().filter(|row| row.drain.is_some()).take(self.drained) {
            row.beat.stage = Stage::Drained;
        }
        rows
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

impl ports::Scaling for FakeYard {
    async fn scaled(&self, _: &str) -> Result<Option<Scaled>, LedgerError> {
        self.call(|yard, _| yard.row.clone()).await.map_err(LedgerError)
    }

    async fn keep(&self, scaled: &Scaled) -> Result<bool, LedgerError> {
        let write = |yard: &mut Yard, _| {
            let before = yard.row.as_ref().map_or(0, |row| row.ver);
            let is_next = scaled.ver == before + 1;
            // As it is read again.
            let text = serde_json::to_string(scaled).unwrap();
            yard.row = if is_next { serde_json::from_str(&text).unwrap() } else { yard.row.take() };
            is_next
        };
        self.call(write).await.map_err(LedgerError)
    }

    async fn tell(&self, _: &str, change: &Change) -> Result<(), LedgerError> {
        let tell = |yard: &mut Yard, _| drop(yard.changes.insert(change.at, change.clone()));
        self.call(tell).await.map_err(LedgerError)
    }

    async fn record(&self, _: &str, record: &Record) -> Result<(), LedgerError> {
        let text = serde_json::to_string(record).unwrap();
        let read = serde_json::from_str(&text).unwrap();
        self.call(|yard, _| yard.records.push(read)).await.map_err(LedgerError)
    }
}

impl ports::Workers for FakeYard {
    async fn beat(&self, _: &str, _: &Beat) -> Result<Order, LedgerError> {
        unreachable!("the workers of the yard are its own")
    }

    async fn workers(&self, _: &str) -> Result<Vec<Worker>, LedgerError> {
        self.call(|yard, now| yard.rows(now)).await.map_err(LedgerError)
    }

    async fn drain(&self, _: &str, task: &str, now: Timestamp) -> Result<(), LedgerError> {
        let drain = |yard: &mut Yard, _| {
            let told = yard.tasks.iter_mut().find(|one| task_id(&one.arn) == task);
            let told = told.expect("it is a task of the fleet");
            told.drain.get_or_insert(now);
        };
        self.call(drain).await.map_err(LedgerError)
    }
}

impl ports::Depth for FakeYard {
    async fn depth(&self, _: &str) -> Result<Depth, QueueError> {
        self.world.pass_millis(1);
        let read = |yard: &mut Yard, now: Timestamp| {
            yard.work(now);
            if yard.is_dark {
                return Err("it is dark".to_owned());
            }
            let in_flight = if yard.is_busy { yard.rows(now).len() } else { 0 };
            let in_flight = f64::from(u32::try_from(in_flight).unwrap());
            let at_secs = now.as_duration().as_secs_f64();
            let reading = Reading { at_secs, visible: yard.visible.into(), in_flight };
            Ok(Depth { reading, delayed: 0.0 })
        };
        self.call(read).await.and_then(|read| read).map_err(QueueError)
    }
}

impl Fleet for FakeYard {
    async fn launch(&self, launch: &FleetLaunch<'_>) -> Result<Vec<String>, LaunchTrouble> {
        let run = |yard: &mut Yard, now| {
            yard.calls.push((launch.token.to_owned(), launch.count));
            if let Some(kind) = yard.refusal {
                let reason = "refused".to_owned();
                return Err(LaunchTrouble::Refused(LaunchRefusal { reason, kind }));
            }
            let room = yard.room.map_or(usize::MAX, |room| room.saturating_sub(yard.alive()));
            let known = yard.tokens.get(launch.token).cloned();
            let started = known.unwrap_or_else(|| {
                let count = usize::try_from(launch.count).unwrap().min(room);
                (0..count).map(|_| yard.begin(now, None)).collect()
            });
            if started.is_empty() {
                let (reason, kind) = ("RESOURCE:MEMORY".to_owned(), RefusalKind::Capacity);
                return Err(LaunchTrouble::Refused(LaunchRefusal { reason, kind }));
            }
            yard.tokens.insert(launch.token.to_owned(), started.clone());
            if yard.is_uncertain {
                return Err(LaunchTrouble::Unknown("the answer is lost".into()));
            }
            Ok(started)
        };
        self.call(run).await.unwrap_or_else(|died| Err(LaunchTrouble::Unknown(died)))
    }

    async fn fates(&self, _: &str, tasks: &[String]) -> Result<BTreeMap<String, Fate>, EcsError> {
        let ask = |yard: &mut Yard, _| {
            let fate = |task: &FakeTask| task.ended.unwrap_or(Fate::Alive);
            let asked = yard.tasks.iter().map(|task| (task_id(&task.arn).to_owned(), fate(task)));
            asked.filter(|(id, _)| tasks.contains(id)).collect()
        };
        self.call(ask).await.map_err(EcsError)
    }

    async fn service(&self, _: &str, _: &str) -> Result<Service, EcsError> {
        self.call(|yard, _| yard.service.clone()).await.map_err(EcsError)
    }

    async fn set_desired(&self, _: &str, _: &str, desired: u32) -> Result<(), EcsError> {
        let set = |yard: &mut Yard, _| {
            yard.desired.push(desired);
            if yard.is_throttled {
                return Err("ThrottlingException: rate exceeded".to_owned());
            }
            yard.service.desired = desired;
            Ok(())
        };
        self.call(set).await.and_then(|set| set).map_err(EcsError)
    }
}
