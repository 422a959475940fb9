//! The queue of a pool in memory: what lies in it comes at least once, late, or is lost.

use std::collections::BTreeMap;

use longshore::{
    pool::PoolMessage,
    run::{CallVerdict, LaunchId, judge_error},
    trigger::{Launch, Pool},
};
use longshore_engine::ports::{EcsError, LaunchTrouble};

use super::{
    call::NoAnswer,
    chance::{Fault, Service, Stream},
    ecs::SimEcs,
    mates::{Happening, Mate},
    planted::Planted,
    refuse::Loss,
    wake::Wake,
    world::{MINUTE, SECOND},
};

/// URL of the queue.
pub(super) const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/111122223333/pool";
/// How late a message is that is late, at most.
const LATE_MS_MAX: u64 = 20 * MINUTE;
/// When SQS gives a message again that was deleted, at most.
const AGAIN_MS_MAX: u64 = 10 * MINUTE;

/// The queue, and who works it off.
#[derive(Debug, Default)]
pub(super) struct Pooled {
    messages: Vec<Lying>,
    /// Messages that no worker has, the one that came first first.
    pub(super) visible: Vec<usize>,
    launches: BTreeMap<LaunchId, Launch>,
    pub(super) mates: Vec<Mate>,
}

#[derive(Debug)]
struct Lying {
    message: PoolMessage,
    /// Whether it comes once more after it was deleted.
    has_copy: bool,
    is_gone: bool,
}

impl Pooled {
    pub(super) fn is_gone(&self, number: usize) -> bool {
        self.messages[number].is_gone
    }

    pub(super) fn message(&self, number: usize) -> PoolMessage {
        self.messages[number].message.clone()
    }

    /// The message is deleted; whether SQS gives it again all the same.
    fn delete(&mut self, number: usize) -> bool {
        let lying = &mut self.messages[number];
        let comes_again = std::mem::take(&mut lying.has_copy);
        lying.is_gone = !comes_again;
        comes_again
    }
}

impl SimEcs<'_> {
    /// SendMessage of a launch, with whatever goes wrong.
    pub(super) async fn sends(&self, launch: &Launch, pool: &Pool) -> Result<(), LaunchTrouble> {
        self.world.calls_run_task(&launch.id);
        let loss = self.loses(launch);
        if loss == Some(Loss::CallerBefore) {
            self.world.crashes("before SendMessage").await;
        }
        if let Some(wait_ms) = self.world.lateness() {
            self.world.note(|| format!("  SendMessage of {} will be late", launch.id));
            self.world.wake_in(wait_ms, Wake::LateEnqueue(Box::new(launch.clone())));
            drop(self.world.call(Service::Queue, || ()).await);
            return Err(LaunchTrouble::Unknown("no answer".into()));
        }
        let effect = || (loss != Some(Loss::Call)).then(|| self.lies(launch, pool));
        let answer = self.world.call(Service::Queue, effect).await;
        if loss == Some(Loss::CallerAfter) {
            self.world.crashes("after SendMessage").await;
        }
        match answer {
            Ok(Some(answer)) if loss.is_none() => answer,
            _ => Err(LaunchTrouble::Unknown("no answer".into())),
        }
    }

    /// SendMessage, as it takes effect.
    pub(super) fn lies(&self, launch: &Launch, pool: &Pool) -> Result<(), LaunchTrouble> {
        if self.world.strikes(Fault::Throttled) {
            return Err(LaunchTrouble::Unknown("Rate exceeded".into()));
        }
        if self.world.strikes(Fault::Refused) {
            self.world.note(|| format!("  the queue refuses {}", launch.id));
            let said = "The specified queue does not exist".to_owned();
            if let CallVerdict::Refused(refusal) = judge_error(400, "QueueDoesNotExist", said) {
                return Err(LaunchTrouble::Refused(refusal));
            }
        }
        let known = self.pool().launches.insert(launch.id.clone(), launch.clone());
        self.world.note(|| format!("  the pool gets {}", launch.id));
        self.world.count(|stats| stats.sent_again += u64::from(known.is_some()));
        if known.as_ref().is_some_and(|known| known != launch) {
            let seen = format!("launch {} is not what it was", launch.id);
            self.world.violate("I2 a launch is frozen", seen);
        }
        let is_swallowed = known.is_some() && self.planted == Planted::PoolTakesOnce;
        if is_swallowed || self.world.strikes(Fault::EventLost) {
            self.world.note(|| format!("  the message of {} is lost", launch.id));
            return Ok(());
        }
        let is_late = self.world.strikes(Fault::EventLate);
        let wait_ms = self.world.below(Stream::Pools, if is_late { LATE_MS_MAX } else { SECOND });
        let has_copy = self.world.strikes(Fault::EventAgain);
        let mut pooled = self.pool();
        let message = PoolMessage::of(launch, pool);
        pooled.messages.push(Lying { message, has_copy, is_gone: false });
        let number = pooled.messages.len() - 1;
        self.world.wake_in(wait_ms, Wake::Pool(Happening::Visible(number)));
        Ok(())
    }

    /// Whether the queue says that nothing lies in it, which is now and then not so.
    pub(super) async fn says_empty(&self) -> Result<bool, EcsError> {
        let answer = self.world.call(Service::Queue, || {
            let is_empty = self.pool().messages.iter().all(|lying| lying.is_gone);
            is_empty != self.world.strikes(Fault::Stale)
        });
        answer.await.map_err(|NoAnswer| EcsError("no answer".into()))
    }

    /// DeleteMessage, as it takes effect.
    pub(super) fn deletes(&self, number: usize) {
        if self.pool().delete(number) {
            let wait_ms = self.world.below(Stream::Pools, AGAIN_MS_MAX);
            self.world.wake_in(wait_ms, Wake::Pool(Happening::Visible(number)));
        }
    }

    /// Somebody purges the queue.
    pub(super) fn purges(&self) {
        self.world.note(|| "the queue of the pool is purged".into());
        let mut pooled = self.pool();
        pooled.visible.clear();
        pooled.messages.iter_mut().for_each(|lying| lying.is_gone = true);
    }
}
