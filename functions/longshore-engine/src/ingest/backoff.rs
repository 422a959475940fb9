//! How long to wait before the next try, and when to give up.

use std::time::Duration;

use bytes::Bytes;

use super::IngestError;
use crate::ports::{ObjectTrouble, Objects, Pause, Rng};

/// First bound of a wait; it doubles with every try.
const BASE_MS: u64 = 25;
/// Largest bound of a wait.
const WAIT_MS_MAX: u64 = 5_000;
/// Most that is waited without any progress. A table throttled for longer is better met by a new
/// attempt of the run than by a task that is paid for waiting.
const PATIENCE_MS: u64 = 300_000;

/// Full jitter: each wait is random up to a bound that doubles.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    tries: u32,
    waited_ms: u64,
}

impl Backoff {
    /// Waits; `false`, without waiting, when patience is at its end.
    pub(super) async fn wait(&mut self, pause: &(impl Pause + Rng)) -> bool {
        if self.waited_ms >= PATIENCE_MS {
            return false;
        }
        let bound = BASE_MS.saturating_mul(1 << self.tries.min(20)).min(WAIT_MS_MAX);
        // At least 1 ms, so that patience ends whatever the dice say.
        let wait_ms = 1 + pause.draw() % bound;
        self.tries += 1;
        self.waited_ms += wait_ms;
        pause.sleep(Duration::from_millis(wait_ms)).await;
        true
    }

    /// There was progress.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }
}

/// Writes an object, with patience.
pub(super) async fn put(
    objects: &impl Objects,
    pause: &(impl Pause + Rng),
    bucket: &str,
    key: &str,
    bytes: &Bytes,
) -> Result<(), IngestError> {
    let mut backoff = Backoff::default();
    loop {
        let trouble = match objects.put(bucket, key, bytes.clone()).await {
            Ok(()) => return Ok(()),
            Err(trouble) => trouble,
        };
        if !matches!(trouble, ObjectTrouble::Retryable(_)) {
            let words = format!("dead letters cannot be written to `{bucket}/{key}`: {trouble}");
            return Err(IngestError::Rejected(words));
        }
        if !backoff.wait(pause).await {
            return Err(IngestError::Retryable(format!(
                "dead letters to `{bucket}/{key}`: {trouble}"
            )));
        }
    }
}
