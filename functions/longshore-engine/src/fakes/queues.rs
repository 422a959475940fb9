//! Where messages go: they stay there.

use std::sync::{Arc, Mutex};

use longshore::run::{Addressee, Outbox};

use super::{Dies, lock};
use crate::ports::{Outlet, Queue, QueueError};

/// A queue that keeps what it is sent.
pub(crate) struct FakeQueue {
    process: Arc<Dies>,
    sent: Mutex<Vec<(String, String)>>,
}

impl FakeQueue {
    pub(super) fn new(process: &Arc<Dies>) -> Self {
        Self { process: Arc::clone(process), sent: Mutex::default() }
    }

    /// The same, which the queue no longer has then.
    pub(crate) fn takes(&self) -> Vec<(String, String)> {
        std::mem::take(&mut lock(&self.sent))
    }

    /// Bodies with their reasons.
    pub(crate) fn sent(&self) -> Vec<(String, String)> {
        lock(&self.sent).clone()
    }
}

impl Queue for FakeQueue {
    async fn send(&self, body: &str, reason: &str) -> Result<(), QueueError> {
        let send = || lock(&self.sent).push((body.to_owned(), reason.to_owned()));
        self.process.call(send).await.map_err(QueueError)
    }
}

/// The `failed` queue and the event bus.
pub(crate) struct FakeOutlet {
    process: Arc<Dies>,
    sent: Mutex<Vec<Outbox>>,
    closed: Mutex<bool>,
}

impl FakeOutlet {
    pub(super) fn new(process: &Arc<Dies>) -> Self {
        Self { process: Arc::clone(process), sent: Mutex::default(), closed: Mutex::default() }
    }

    /// Refuses everything, or no longer.
    pub(crate) fn close(&self, closed: bool) {
        *lock(&self.closed) = closed;
    }

    /// What it was sent for `to`.
    pub(crate) fn sent(&self, to: Addressee) -> Vec<Outbox> {
        lock(&self.sent).iter().filter(|message| message.to == to).cloned().collect()
    }

    /// What a reader of `to` sees who drops what it has seen under the same run and attempt.
    pub(crate) fn read(&self, to: Addressee) -> Vec<Outbox> {
        let mut seen: Vec<Outbox> = Vec::new();
        for message in self.sent(to) {
            let name =
                |other: &&Outbox| (&other.run, other.attempt) == (&message.run, message.attempt);
            match seen.iter().find(name) {
                Some(known) => assert_eq!(*known, message, "one name, one message"),
                None => seen.push(message),
            }
        }
        seen
    }
}

impl Outlet for FakeOutlet {
    async fn send(&self, message: &Outbox) -> Result<(), QueueError> {
        let send = || {
            if *lock(&self.closed) {
                return Err("it is closed".to_owned());
            }
            lock(&self.sent).push(message.clone());
            Ok(())
        };
        self.process.call(send).await.and_then(|sent| sent).map_err(QueueError)
    }
}
