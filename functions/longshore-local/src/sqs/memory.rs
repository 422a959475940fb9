//! All queues, and the rows by which they outlive the process.
//!
//! A row per queue, per message (`<queue>/<message id>`) and per deduplication id
//! (`<queue>/<id>`): a name of a queue has no slash.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::faults::no_queue;
use super::history::History;
use super::message::Message;
use super::queue::{Queue, Touched};
use super::recent::Sent;
use super::settings::Settings;
use crate::{Change, Fault, Store, StoreError};

const QUEUE: &str = "sqs_queue";
const MESSAGE: &str = "sqs_message";
const RECENT: &str = "sqs_recent";

/// Everything that SQS knows.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) queues: BTreeMap<String, Held>,
    /// When a queue of this name was deleted; forgotten with the process.
    pub(super) deleted_ms: BTreeMap<String, i64>,
    unsaved: Vec<Change>,
}

/// A queue with what the service knows of it besides.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) queue: Queue,
    /// Settings that decide nothing; those that do are in the queue.
    pub(super) other: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) created_ms: i64,
    pub(super) modified_ms: i64,
    pub(super) purged_ms: Option<i64>,
    /// Its counts so far, if they are shown late.
    pub(super) history: History,
    /// Rings when a receiver should look again.
    pub(super) bell: Arc<Notify>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Row {
    settings: Settings,
    tags: BTreeMap<String, String>,
    created_ms: i64,
    modified_ms: i64,
}

impl Held {
    pub(super) fn new(settings: Settings, now_ms: i64) -> Self {
        Self {
            queue: Queue::new(settings.spec),
            other: settings.other,
            tags: BTreeMap::new(),
            created_ms: now_ms,
            modified_ms: now_ms,
            purged_ms: None,
            history: History::default(),
            bell: Arc::new(Notify::new()),
        }
    }

    pub(super) fn settings(&self) -> Settings {
        Settings { spec: self.queue.spec.clone(), other: self.other.clone() }
    }

    pub(super) fn set(&mut self, settings: Settings, now_ms: i64) {
        self.queue.spec = settings.spec;
        self.other = settings.other;
        self.modified_ms = now_ms;
    }

    fn row(&self) -> Row {
        Row {
            settings: self.settings(),
            tags: self.tags.clone(),
            created_ms: self.created_ms,
            modified_ms: self.modified_ms,
        }
    }
}

impl Memory {
    /// Reads back what [`Memory::save`] wrote.
    pub(super) fn load(store: &Store) -> Result<Self, StoreError> {
        let mut memory = Self::default();
        for (name, row) in store.load::<Row>(QUEUE)? {
            let mut held = Held::new(row.settings, row.created_ms);
            held.tags = row.tags;
            held.modified_ms = row.modified_ms;
            memory.queues.insert(name, held);
        }
        for (key, message) in store.load::<Message>(MESSAGE)? {
            if let Some((held, _)) = memory.of_key(&key) {
                held.queue.restore(message);
            }
        }
        for (key, sent) in store.load::<Sent>(RECENT)? {
            if let Some((held, id)) = memory.of_key(&key) {
                held.queue.restore_recent(id, sent);
            }
        }
        Ok(memory)
    }

    /// The queue of this name, with the time passed.
    pub(super) fn queue(&mut self, name: &str, now_ms: i64) -> Result<&mut Held, Fault> {
        let held = self.queues.get_mut(name).ok_or_else(no_queue)?;
        held.queue.expire(now_ms);
        Ok(held)
    }

    /// Notes the counts of every queue, if they are shown late: those of now, and those that it had
    /// whenever a hidden message became visible since somebody last looked.
    pub(super) fn note_counts(&mut self, now_ms: i64, lag_ms: Option<i64>) {
        let Some(lag_ms) = lag_ms else { return };
        let since_ms = now_ms - lag_ms;
        for Held { queue, history, .. } in self.queues.values_mut() {
            while let Some(due_ms) = queue.due_ms().filter(|due_ms| *due_ms <= now_ms) {
                queue.expire(due_ms);
                history.note(due_ms, queue.counts(), since_ms);
            }
            queue.expire(now_ms);
            history.note(now_ms, queue.counts(), since_ms);
        }
    }

    /// Remembers to save the settings of a queue.
    pub(super) fn touch(&mut self, name: &str) {
        if let Some(held) = self.queues.get(name) {
            self.unsaved.push(Change::put(QUEUE, name, &held.row()));
            held.bell.notify_waiters();
        }
    }

    /// Removes a queue with its messages.
    pub(super) fn remove(&mut self, name: &str, now_ms: i64) -> Result<(), Fault> {
        let held = self.queues.remove(name).ok_or_else(no_queue)?;
        self.deleted_ms.insert(name.to_owned(), now_ms);
        self.unsaved.push(Change::delete(QUEUE, name));
        let Touched { messages, recent, .. } = held.queue.everything();
        self.unsaved.extend(messages.iter().map(|id| Change::delete(MESSAGE, key(name, id))));
        self.unsaved.extend(recent.iter().map(|id| Change::delete(RECENT, key(name, id))));
        held.bell.notify_waiters();
        Ok(())
    }

    /// Writes all that changed since the last time; then receivers that wait may look.
    pub(super) fn save(&mut self, store: &Store) -> Result<(), StoreError> {
        let mut changes = std::mem::take(&mut self.unsaved);
        let mut bells = Vec::new();
        for (name, held) in &mut self.queues {
            let touched = held.queue.take_touched();
            if touched.arrived {
                bells.push(Arc::clone(&held.bell));
            }
            if store.is_kept() {
                describe(name, &held.queue, &touched, &mut changes);
            }
        }
        let saved = if changes.is_empty() { Ok(()) } else { store.write(&changes) };
        for bell in bells {
            bell.notify_waiters();
        }
        saved
    }

    fn of_key<'a>(&mut self, key: &'a str) -> Option<(&mut Held, &'a str)> {
        let (name, id) = key.split_once('/')?;
        Some((self.queues.get_mut(name)?, id))
    }
}

fn key(queue: &str, id: &str) -> String {
    format!("{queue}/{id}")
}

fn describe(name: &str, queue: &Queue, touched: &Touched, changes: &mut Vec<Change>) {
    changes.extend(touched.messages.iter().map(|id| match queue.message(id) {
        Some(message) => Change::put(MESSAGE, key(name, id), message),
        None => Change::delete(MESSAGE, key(name, id)),
    }));
    changes.extend(touched.recent.iter().map(|id| match queue.recent(id) {
        Some(sent) => Change::put(RECENT, key(name, id), sent),
        None => Change::delete(RECENT, key(name, id)),
    }));
}
