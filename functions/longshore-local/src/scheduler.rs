//! EventBridge Scheduler: fires schedules by this AWS's clock.
//!
//! A tick is named by its schedule and its scheduled time; it may be delivered late, and is
//! delivered at least once while this runs ("What is EventBridge Scheduler").
//!
//! ```text
//! ScheduleSpec ─▶ open (refuses what is not served) ─▶ run ─▶ tick ─▶ input ─▶ Deliver ─▶ target
//! ```

#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, future::Future, pin::pin, sync::Arc};

use futures_util::{StreamExt, stream::FuturesUnordered};
use jiff::{SignedDuration, Timestamp};
use longshore_eventbridge::{Schedule, Timetable, Zone};
use sha2::{Digest, Sha256};

use crate::{
    Fault, Ground, Happening,
    bus::{Deliver, Delivery, Ids, rfc3339},
    template::ScheduleSpec,
};

/// Most deliveries under way at once; a tick that comes meanwhile waits, and loses nothing but
/// time. A function may take 15 minutes for one.
const DELIVERIES_MAX: usize = 64;

/// Fires the enabled schedules of a template.
#[derive(Debug)]
pub(crate) struct Scheduler {
    ground: Ground,
    targets: Arc<dyn Deliver>,
    ids: Ids,
    opened: Timestamp,
    schedules: Vec<Armed>,
}

/// An enabled schedule with its times.
#[derive(Debug)]
struct Armed {
    spec: ScheduleSpec,
    times: Timetable,
}

/// A tick to come, of the schedule `index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Tick {
    /// When it is sent.
    sent: Timestamp,
    /// Its time.
    at: Timestamp,
    index: usize,
}

impl Armed {
    /// The next tick after `at`. With a flexible window it is sent within that, as AWS chooses
    /// ("Configuring flexible time windows"): here always at the same place.
    fn next_after(&self, at: Timestamp, index: usize) -> Option<Tick> {
        let at = self.times.next_after(at)?;
        let window_secs = i64::from(self.spec.window_minutes) * 60;
        let mut hash = Sha256::new();
        hash.update(&self.spec.arn);
        hash.update(at.as_second().to_be_bytes());
        let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
        let place = i64::from(u32::from_be_bytes([a, b, c, d])) % window_secs.max(1);
        let sent = at.checked_add(SignedDuration::from_secs(place)).ok()?;
        Some(Tick { sent, at, index })
    }
}

/// Why a schedule is refused.
#[derive(Debug, thiserror::Error)]
pub enum SchedulerError {
    /// Its times are wrong.
    #[error("schedule `{schedule}`: {why}")]
    Times {
        /// Name of the schedule.
        schedule: String,
        /// What is wrong, and what to do.
        why: String,
    },
    /// No ids can be made.
    #[error(transparent)]
    Ids(#[from] Fault),
}

impl Scheduler {
    /// Reads all schedules, also disabled ones, and refuses the first that cannot be served.
    pub(crate) fn open(
        ground: Ground,
        targets: Arc<dyn Deliver>,
        specs: Vec<ScheduleSpec>,
    ) -> Result<Arc<Self>, SchedulerError> {
        let now = ground.clock.now();
        let mut schedules = Vec::new();
        for spec in specs {
            let times = timetable(&spec, now)
                .map_err(|why| SchedulerError::Times { schedule: spec.name.clone(), why })?;
            if spec.enabled {
                schedules.push(Armed { spec, times });
            }
        }
        Ok(Arc::new(Self { ground, targets, ids: Ids::new()?, opened: now, schedules }))
    }

    /// Fires each schedule at its times, until `shutdown` ends. Deliveries that are under way then
    /// are given up.
    pub(crate) async fn run(&self, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = pin!(shutdown);
        // A rate without a start date fires when it is created.
        let before = self.opened.checked_sub(SignedDuration::from_secs(1)).unwrap_or(self.opened);
        let next = |index: usize, after| self.schedules[index].next_after(after, index);
        let all = 0..self.schedules.len();
        let mut due: BTreeSet<_> = all.filter_map(|index| next(index, before)).collect();
        let mut underway = FuturesUnordered::new();
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                Some(()) = underway.next() => {}
                tick = self.earliest(&due), if underway.len() < DELIVERIES_MAX => {
                    due.remove(&tick);
                    due.extend(next(tick.index, tick.at));
                    underway.push(self.fire(&self.schedules[tick.index].spec, tick.at));
                }
            }
        }
    }

    /// Waits for the next tick; for ever without one.
    async fn earliest(&self, due: &BTreeSet<Tick>) -> Tick {
        match due.first() {
            None => std::future::pending().await,
            Some(tick) => {
                self.ground.clock.sleep_until(tick.sent).await;
                *tick
            }
        }
    }

    async fn fire(&self, spec: &ScheduleSpec, at: Timestamp) {
        let delivery = Delivery {
            arn: spec.target_arn.clone(),
            body: input(spec, at, &self.ids.next()),
            message_group: spec.message_group.clone(),
            attributes: Vec::new(),
            delay_secs: 0,
        };
        self.ground.tell(Happening::ScheduleFired {
            schedule: spec.name.clone(),
            target: delivery.arn.clone(),
        });
        if let Err(fault) = self.targets.deliver(&delivery).await {
            self.ground.tell(Happening::DeliveryFailed {
                from: spec.name.clone(),
                target: delivery.arn,
                reason: fault.to_string(),
            });
        }
    }
}

/// When the schedule fires, if it was created at `now`.
fn timetable(spec: &ScheduleSpec, now: Timestamp) -> Result<Timetable, String> {
    let schedule = Schedule::parse(&spec.expression).map_err(|error| error.to_string())?;
    let zone = Zone::parse(&spec.timezone).map_err(|error| error.to_string())?;
    let times = Timetable::new(schedule, zone, now).between(spec.start, spec.end);
    times.map_err(|error| error.to_string())
}

/// The input with Scheduler's own values in it ("Adding context attributes in EventBridge
/// Scheduler"). A delivery is tried once here, so that it is always the first attempt.
fn input(spec: &ScheduleSpec, at: Timestamp, execution_id: &str) -> String {
    spec.input
        .replace("<aws.scheduler.schedule-arn>", &spec.arn)
        .replace("<aws.scheduler.scheduled-time>", &rfc3339(at))
        .replace("<aws.scheduler.execution-id>", execution_id)
        .replace("<aws.scheduler.attempt-number>", "1")
}
