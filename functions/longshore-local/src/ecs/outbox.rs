//! Events on their way out: numbered, written with what they tell of, handed over in order.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, TryLockError},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Change, Ground, Happening, StoreError};

use super::{describe, lock, task::Task};

/// Takes the `detail` and the `resources` of an `ECS Task State Change` event.
///
/// When it returns, the event is no longer ECS's to keep.
pub(crate) type Publish = Arc<dyn Fn(Value, Vec<String>) + Send + Sync>;

/// Kind of a waiting event's row; its key is the number, so that rows load in order.
const EVENT: &str = "ecs-event";

/// Events not yet handed over.
pub(super) struct Outbox {
    publish: Publish,
    /// Held by whoever hands events over, so that they leave one by one.
    turn: Mutex<()>,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    next_number: u64,
    events: VecDeque<Numbered>,
}

/// An event with its place in the order of all.
type Numbered = (u64, Notice);

/// One change of one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Notice {
    task: String,
    detail: Value,
    started_by: Option<String>,
    status: String,
    reason: Option<String>,
    exit_code: Option<i32>,
}

impl Notice {
    pub(super) fn of(task: &Task) -> Self {
        Self {
            task: task.arn.clone(),
            detail: describe::event(task),
            started_by: task.started_by.clone(),
            status: task.last_status.name().into(),
            reason: task.stopped_reason.clone(),
            exit_code: task.exit_code(),
        }
    }

    fn happening(&self) -> Happening {
        Happening::TaskChanged {
            task: self.task.clone(),
            started_by: self.started_by.clone().unwrap_or_default(),
            status: self.status.clone(),
            reason: self.reason.clone(),
            exit_code: self.exit_code,
        }
    }
}

fn key(number: u64) -> String {
    format!("{number:020}")
}

impl Outbox {
    /// The events that the last life of this AWS did not hand over.
    pub(super) fn load(ground: &Ground, publish: Publish) -> Result<Self, StoreError> {
        let mut waiting = Waiting::default();
        for (key, notice) in ground.store.load::<Notice>(EVENT)? {
            let number = key.parse().unwrap_or(0);
            waiting.next_number = number + 1;
            waiting.events.push_back((number, notice));
        }
        Ok(Self { publish, turn: Mutex::new(()), waiting: Mutex::new(waiting) })
    }

    /// Gives events their numbers; the caller holds the state's lock until they are pushed.
    pub(super) fn number(&self, notices: impl Iterator<Item = Notice>) -> Vec<Numbered> {
        let mut waiting = lock(&self.waiting);
        notices
            .map(|notice| {
                let number = waiting.next_number;
                waiting.next_number += 1;
                (number, notice)
            })
            .collect()
    }

    /// Rows by which the events outlive this process.
    pub(super) fn rows(events: &[Numbered]) -> impl Iterator<Item = Change> {
        events.iter().map(|(number, notice)| Change::put(EVENT, key(*number), notice))
    }

    /// Queues written events.
    pub(super) fn push(&self, events: Vec<Numbered>) {
        lock(&self.waiting).events.extend(events);
    }

    /// Hands over what waits, unless somebody else is doing so, who then takes these too.
    pub(super) fn flush(&self, ground: &Ground) {
        while !lock(&self.waiting).events.is_empty() {
            let _turn = match self.turn.try_lock() {
                Err(TryLockError::WouldBlock) => return,
                Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
                Ok(turn) => turn,
            };
            while let Some((number, notice)) = self.pop() {
                ground.tell(notice.happening());
                (self.publish)(notice.detail, vec![notice.task]);
                if let Err(error) = ground.store.write(&[Change::delete(EVENT, key(number))]) {
                    tracing::warn!(%error, "an event will be published again at the next start");
                }
            }
        }
    }

    fn pop(&self) -> Option<Numbered> {
        lock(&self.waiting).events.pop_front()
    }
}
