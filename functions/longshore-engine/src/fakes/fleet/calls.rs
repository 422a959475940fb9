//! What the flows call of the yard.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use longshore::{
    fleet::{
        Beat, Change, Depth, Fate, FleetLaunch, Order, Record, Scaled, Service, Worker, task_id,
    },
    poll::{Marks, Message, Note},
    run::{LaunchRefusal, RefusalKind},
    scale::Reading,
};

use super::{FakeTask, FakeYard, Yard};
use crate::ports::{self, EcsError, Fleet, LaunchTrouble, LedgerError, Pause, QueueError};

/// How long a call takes.
const CALL: Duration = Duration::from_millis(40);

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
        let tell = |yard: &mut Yard, _| yard.changes.insert(change.at, change.clone());
        self.call(tell).await.map(|_| ()).map_err(LedgerError)
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

    async fn note(
        &self,
        _: &str,
        _: &Message,
        _: Note,
        _: Timestamp,
    ) -> Result<Marks, LedgerError> {
        unreachable!("the workers of the yard are its own")
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
        self.world.sleep(CALL).await;
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
        let describe = |yard: &mut Yard, _| match yard.not_described {
            Some(why) => Err(why.to_owned()),
            None => Ok(yard.service.clone()),
        };
        self.call(describe).await.and_then(|service| service).map_err(EcsError)
    }

    async fn set_desired(&self, _: &str, _: &str, desired: u32) -> Result<(), EcsError> {
        let set = |yard: &mut Yard, _| {
            yard.desired.push(desired);
            if yard.is_throttled {
                return Err("ThrottlingException: rate exceeded".to_owned());
            }
            yard.service.desired = desired;
            if yard.is_uncertain {
                return Err("InternalFailure: the answer is lost".to_owned());
            }
            Ok(())
        };
        self.call(set).await.and_then(|set| set).map_err(EcsError)
    }
}
