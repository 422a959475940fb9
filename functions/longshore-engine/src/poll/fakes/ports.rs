//! The ports of the small world.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use longshore::fleet::{Beat, Order, Worker};
use longshore::ingest::{Batch, Unprocessed};
use longshore::poll::{Aside, Checkpoint, Lend, Marks, Message, Note, Told};
use longshore::trigger::ObjectVersion;
use serde_json::Value;

use super::{Queued, World};
use crate::ports::{
    Checkpoints, Chunks, Clock as _, Inbox, InboxTrouble, LedgerError, Newest, ObjectRef,
    ObjectTrouble, Objects, Opened, Pause as _, Protection, Shelf, Table, TableTrouble, Terms,
    Unprotected, Workers,
};

impl Inbox for World {
    async fn terms(&self) -> Result<Terms, InboxTrouble> {
        Ok(Terms { visibility_secs: 30, redrives: false })
    }

    async fn receive(
        &self,
        count: usize,
        visibility_secs: u32,
    ) -> Result<Vec<Message>, InboxTrouble> {
        if self.below(20) == 0 {
            return Err(InboxTrouble::Retryable("503".into()));
        }
        for _ in 0..20 {
            let messages = self.take(count, visibility_secs);
            if !messages.is_empty() {
                return Ok(messages);
            }
            self.sleep(Duration::from_secs(1)).await;
        }
        Ok(Vec::new())
    }

    async fn delete(&self, lends: &[Lend]) -> Result<Vec<Told>, InboxTrouble> {
        self.call().await;
        Ok(lends.iter().map(|lend| self.tell(lend, true)).collect())
    }

    async fn lend(&self, lends: &[Lend]) -> Result<Vec<Told>, InboxTrouble> {
        self.call().await;
        Ok(lends.iter().map(|lend| self.tell(lend, false)).collect())
    }
}

impl World {
    fn take(&self, count: usize, visibility_secs: u32) -> Vec<Message> {
        let mut state = self.state();
        let now = state.now;
        let visible = state.queue.iter_mut().filter(|(_, it)| it.visible_at <= now);
        let receive = |(id, queued): (&String, &mut Queued)| {
            queued.receives += 1;
            queued.visible_at = now + Duration::from_secs(visibility_secs.into());
            Message {
                id: id.clone(),
                receipt: format!("{id}/{}", queued.receives),
                body: queued.body.clone(),
                group: None,
                receives: queued.receives,
                sent: None,
                first_received: None,
            }
        };
        visible.take(count).map(receive).collect()
    }

    fn tell(&self, lend: &Lend, delete: bool) -> Told {
        let mood = self.below(10);
        let mut state = self.state();
        let until = state.now + Duration::from_secs(lend.secs.into());
        let (id, receives) = lend.receipt.split_once('/').unwrap();
        let queued = state.queue.get_mut(id).filter(|it| it.receives.to_string() == receives);
        match (mood, queued) {
            (0, _) => return Told::Again,
            (_, None) => return Told::Gone,
            (_, Some(queued)) => queued.visible_at = until,
        }
        if delete {
            state.queue.remove(id);
        }
        if mood == 1 { Told::Again } else { Told::Done }
    }
}

impl Shelf for World {
    async fn keep(&self, aside: &Aside) -> Result<(), String> {
        self.call().await;
        self.state().aside.insert(aside.key.clone());
        Ok(())
    }
}

impl Workers for World {
    async fn beat(&self, _: &str, beat: &Beat) -> Result<Order, LedgerError> {
        self.call().await;
        let mut state = self.state();
        state.beats.push(beat.clone());
        state.order.ok_or_else(|| LedgerError("down".into()))
    }

    async fn workers(&self, _: &str) -> Result<Vec<Worker>, LedgerError> {
        Ok(Vec::new())
    }

    async fn note(
        &self,
        _: &str,
        message: &Message,
        note: Note,
        _: Timestamp,
    ) -> Result<Marks, LedgerError> {
        self.call().await;
        let mood = self.below(20);
        let mut state = self.state();
        if state.ledger_down || mood == 0 {
            return Err(LedgerError("down".into()));
        }
        let marks = state.marks.entry(message.id.clone()).or_default();
        marks.take(note, message.receives);
        let marks = marks.clone();
        if mood == 1 { Err(LedgerError("the answer was lost".into())) } else { Ok(marks) }
    }

    async fn drain(&self, _: &str, _: &str, _: Timestamp) -> Result<(), LedgerError> {
        Ok(())
    }
}

impl Checkpoints for World {
    async fn checkpoint(&self, _: &str, id: &str) -> Result<Option<Checkpoint>, LedgerError> {
        self.call().await;
        if self.below(10) == 0 {
            return Err(LedgerError("down".into()));
        }
        Ok(self.state().checkpoints.get(id).cloned())
    }

    async fn keep_checkpoint(
        &self,
        _: &str,
        id: &str,
        checkpoint: &Checkpoint,
        _: Timestamp,
    ) -> Result<(), LedgerError> {
        self.call().await;
        let mood = self.below(10);
        if mood > 0 {
            self.state().checkpoints.insert(id.to_owned(), checkpoint.clone());
        }
        if mood > 1 { Ok(()) } else { Err(LedgerError("down, or the answer was lost".into())) }
    }
}

impl Protection for World {
    async fn protect(&self) -> Result<(), Unprotected> {
        self.call().await;
        self.state().protected = true;
        Ok(())
    }

    async fn unprotect(&self) -> Result<(), Unprotected> {
        self.state().protected = false;
        Ok(())
    }
}

pub(crate) struct Body(Option<Bytes>);

impl Chunks for Body {
    async fn next(&mut self) -> Result<Option<Bytes>, ObjectTrouble> {
        Ok(self.0.take())
    }
}

impl Objects for World {
    type Body = Body;

    async fn open(&self, object: &ObjectRef, _: u64) -> Result<Opened<Body>, ObjectTrouble> {
        self.call().await;
        let state = self.state();
        let versions = state.objects.get(&object.key);
        let versions = versions.ok_or_else(|| ObjectTrouble::Gone("404".into()))?;
        let etag = Some(format!("e{}", versions.len()));
        if object.etag.is_some() && object.etag != etag {
            return Err(ObjectTrouble::Superseded("412".into()));
        }
        let content = Bytes::from(versions.last().unwrap().clone());
        let size = content.len() as u64;
        let body = Body(Some(content));
        Ok(Opened { size, etag, content_type: None, version_id: None, last_modified: None, body })
    }

    async fn put(&self, _: &str, key: &str, _: Bytes) -> Result<(), ObjectTrouble> {
        panic!("`{key}` is written")
    }
}

impl Newest for World {
    async fn newest(
        &self,
        bucket: &str,
        key: &str,
    ) -> Result<Option<ObjectVersion>, ObjectTrouble> {
        self.call().await;
        let state = self.state();
        Ok(state.objects.get(key).map(|versions| ObjectVersion {
            bucket: bucket.into(),
            key: key.into(),
            version_id: None,
            etag: Some(format!("e{}", versions.len())),
            size: None,
            sequencer: None,
        }))
    }
}

impl Table for World {
    /// Takes up to 19 seconds, and is written at the end of them whoever still waits.
    async fn write(&self, batch: &Batch) -> Result<Unprocessed, TableTrouble> {
        let body = [b"[", batch.bytes(), b"]"].concat();
        let puts: Vec<Value> = serde_json::from_slice(&body).unwrap();
        let row = |put: &Value| {
            let text =
                |name: &str| put["PutRequest"]["Item"][name]["S"].as_str().unwrap().to_owned();
            (text("id"), text("v"))
        };
        let is_slow = self.state().is_slow;
        let slow = if is_slow || self.below(4) == 0 { 19_000 } else { 500 };
        let at = self.now() + Duration::from_millis(1 + self.below(slow));
        self.state().puts += puts.len();
        self.state().landing.push((at, puts.iter().map(row).collect()));
        self.until(at).await;
        if self.below(20) == 0 {
            return Err(TableTrouble::Retryable("the answer was lost".into()));
        }
        Ok(Unprocessed::none())
    }
}
