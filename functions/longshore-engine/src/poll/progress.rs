//! How far the work on a message is, told to whoever has the message next.

use std::{
    convert::Infallible,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use longshore::{
    ingest::Behind,
    poll::{Checkpoint, Message},
    trigger::ObjectVersion,
};
use tracing::warn;

use super::Rows;
use crate::{
    ingest::IngestError,
    ports::{Checkpoints, LedgerError, Pause, World},
};

/// A worker that is killed costs its successor no more than this, and reading again.
const KEEP_EVERY: Duration = Duration::from_mins(5);

/// How far the work on a message is.
#[derive(Debug)]
pub(super) struct Progress<'a, N, C> {
    checkpoints: Option<&'a C>,
    world: &'a N,
    queue: &'a str,
    message: &'a str,
    at: Mutex<At>,
}

#[derive(Debug)]
struct At {
    now: Checkpoint,
    kept: Checkpoint,
    /// Where the work began.
    begun: Checkpoint,
}

impl<N, C> Progress<'_, N, C> {
    /// Takes in what `tell` tells of it.
    pub(super) fn note<R>(&self, tell: impl FnOnce(&mut Checkpoint) -> R) -> R {
        tell(&mut self.at().now)
    }

    fn at(&self) -> std::sync::MutexGuard<'_, At> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a, N: World + Pause, C: Checkpoints> Progress<'a, N, C> {
    /// Of a message whose work begins; one that was received before may have been left half done.
    pub(super) async fn of<O, T, P>(
        rows: &Rows<'a, O, T, N, P, C>,
        message: &'a Message,
    ) -> Result<Self, LedgerError> {
        let Rows { checkpoints, world, queue, .. } = *rows;
        let known = match checkpoints.filter(|_| message.receives > 1) {
            Some(checkpoints) => checkpoints.checkpoint(queue, &message.id).await?,
            None => None,
        };
        let begun = known.unwrap_or_default();
        let at = At { now: begun.clone(), kept: begun.clone(), begun };
        Ok(Self { checkpoints, world, queue, message: &message.id, at: Mutex::new(at) })
    }

    /// The object at `place` is begun: gives what is done of `version`. Before anything is written over
    /// what was done of another version, that is taken back.
    pub(super) async fn begin(
        &self,
        place: usize,
        version: &ObjectVersion,
    ) -> Result<Behind, IngestError> {
        let (behind, is_known) = self.note(|checkpoint| checkpoint.begin(place, version));
        let is_told = is_known || self.write().await;
        is_told.then_some(behind).ok_or_else(|| {
            let words = "the ledger does not take back how far another version of it was";
            IngestError::Retryable(words.into())
        })
    }

    /// Keeps how far it is from time to time, as long as somebody waits for it.
    pub(super) async fn keep_now_and_then(&self) -> Infallible {
        loop {
            self.world.sleep(KEEP_EVERY).await;
            self.keep().await;
        }
    }

    /// Keeps how far it is, and says whether everybody knows of more than where it began.
    pub(super) async fn keep(&self) -> bool {
        let is_news = {
            let At { now, kept, .. } = &*self.at();
            now.is_beyond(kept)
        };
        if is_news && self.checkpoints.is_some() {
            self.write().await;
        }
        let At { kept, begun, .. } = &*self.at();
        kept.is_beyond(begun)
    }

    /// Writes how far it is, and says whether everybody knows now.
    async fn write(&self) -> bool {
        let Some(checkpoints) = self.checkpoints else { return true };
        let (checkpoint, now) = (self.at().now.clone(), self.world.now());
        let kept = checkpoints.keep_checkpoint(self.queue, self.message, &checkpoint, now).await;
        if let Err(trouble) = &kept {
            warn!(%trouble, message.id = self.message, "It is not kept how far a message is");
            return false;
        }
        self.at().kept = checkpoint;
        true
    }
}
