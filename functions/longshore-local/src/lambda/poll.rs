//! How a mapping polls: gather a batch, hand it over, delete what is done.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::{sync::watch, task::JoinSet, time::timeout};

use super::{
    Invoke, Source,
    batch::Batch,
    record::{Record, event},
    settlement::{Settlement, settle},
};
use crate::{Clock, template::MappingSpec};

/// Longest wait of a receive, 20 s in SQS.
const LONG_POLL: Duration = Duration::from_secs(20);

/// Messages of one receive, and of one delete, at most (SQS quotas).
const SQS_BATCH_MAX: usize = 10;

/// Invocations at once when a mapping starts, and how many more each busy second allows (Lambda
/// Developer Guide, "Configuring scaling behavior for SQS event source mappings": 300 a minute).
const CONCURRENCY_STEP: usize = 5;

/// Invocations at once unless the mapping says otherwise; AWS goes to 1,250, but each is a process
/// of this machine.
const CONCURRENCY_MAX: usize = 10;

/// How long polling rests after the queue could not be read.
const FAULT_PAUSE: Duration = Duration::from_secs(1);

/// How long running invocations may finish when the mapping stops; their messages reappear.
const DRAIN_MAX: Duration = Duration::from_secs(10);

/// A mapping between a queue and a function.
pub(super) struct Flow<S, T> {
    pub(super) clock: Clock,
    pub(super) spec: MappingSpec,
    pub(super) source: S,
    pub(super) target: T,
}

impl<S: Source, T: Invoke> Flow<S, T> {
    /// Polls until `stop`, then lets what runs finish for a while.
    pub(super) async fn poll(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut running = JoinSet::new();
        let mut carried = VecDeque::new();
        let mut busy_since = self.clock.now();
        loop {
            while running.try_join_next().is_some() {}
            let has_seat = running.len() < self.concurrency(busy_since);
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => break,
                records = self.gather(&mut carried), if has_seat => {
                    while running.try_join_next().is_some() {}
                    if running.is_empty() {
                        busy_since = self.clock.now();
                    }
                    running.spawn(Arc::clone(&self).hand_over(records));
                }
                Some(_) = running.join_next(), if !has_seat => {}
                () = self.clock.sleep(Duration::from_secs(1)), if !has_seat => {}
            }
        }
        // What is not settled by then reappears.
        drop(timeout(DRAIN_MAX, running.join_all()).await);
    }

    /// How many invocations may run now.
    fn concurrency(&self, busy_since: Timestamp) -> usize {
        let busy_secs = self.clock.now().duration_since(busy_since).as_secs();
        concurrency(self.spec.concurrency_max, usize::try_from(busy_secs).unwrap_or(0))
    }

    /// Gathers one batch: until it is full, its window is over, or at once without a window.
    /// What no longer fits is carried into the next one.
    async fn gather(&self, carried: &mut VecDeque<Record>) -> Vec<Record> {
        let mut batch = Batch::new(self.spec.batch_size as usize);
        self.fill(&mut batch, std::mem::take(carried), carried);
        let mut window_ends = (!batch.is_empty()).then(|| self.window_end());
        while batch.room() > 0 {
            let wait = window_ends.map_or(LONG_POLL, |end| left(end, self.clock.now()));
            let max = batch.room().min(SQS_BATCH_MAX);
            let received = match self.source.receive(max, wait.min(LONG_POLL)).await {
                Ok(messages) => messages,
                Err(fault) => {
                    tracing::warn!(queue = %self.spec.queue_arn, %fault, "cannot receive");
                    self.clock.sleep(FAULT_PAUSE).await;
                    Vec::new()
                }
            };
            let count = received.len();
            let records = received.into_iter().map(|it| Record::new(it, &self.spec.queue_arn));
            self.fill(&mut batch, records, carried);
            let end = match window_ends {
                Some(end) => end,
                None if count > 0 => *window_ends.insert(self.window_end()),
                None => continue,
            };
            let left = left(end, self.clock.now());
            // A queue that had all that was asked for may have more. SQS waits whole seconds, so
            // an empty answer within the last one says that there is nothing to wait for.
            let is_over = if self.spec.window_secs == 0 { count < max } else { left.is_zero() };
            if is_over || (count == 0 && left < Duration::from_secs(1)) {
                break;
            }
        }
        batch.into_records()
    }

    fn fill(
        &self,
        batch: &mut Batch,
        records: impl IntoIterator<Item = Record>,
        carried: &mut VecDeque<Record>,
    ) {
        // Handed over beside their group's earlier messages, those of a FIFO queue could overtake
        // them; let go, they reappear in order.
        let is_carried = self.spec.queue_arn.rsplit('.').next() != Some("fifo");
        let rest = records.into_iter().filter_map(|record| batch.push(record));
        carried.extend(rest.filter(|_| is_carried));
    }

    fn window_end(&self) -> Timestamp {
        let window = SignedDuration::from_secs(self.spec.window_secs.into());
        self.clock.now().checked_add(window).unwrap_or(Timestamp::MAX)
    }

    async fn hand_over(self: Arc<Self>, records: Vec<Record>) {
        let invoked = match self.target.invoke(event(&records)).await {
            Ok(invoked) => invoked,
            Err(fault) => {
                tracing::warn!(function = %self.spec.function_arn, %fault, "cannot invoke");
                return;
            }
        };
        let ids: Vec<&str> = records.iter().map(|record| record.message_id.as_str()).collect();
        let done = match settle(&invoked, self.spec.reports_failures, &ids) {
            Settlement::All => records,
            Settlement::AllBut(failed) => {
                records.into_iter().filter(|record| !failed.contains(&record.message_id)).collect()
            }
            Settlement::Nothing(reason) => {
                let messages = records.len();
                tracing::warn!(function = %self.spec.function_arn, messages, %reason, "batch failed");
                return;
            }
        };
        for chunk in done.chunks(SQS_BATCH_MAX) {
            let handles = chunk.iter().map(|record| record.receipt_handle.clone()).collect();
            if let Err(fault) = self.source.delete(handles).await {
                tracing::warn!(queue = %self.spec.queue_arn, %fault, "done messages reappear");
            }
        }
    }
}

/// Invocations at once after `busy_secs` seconds of work.
fn concurrency(max: Option<u32>, busy_secs: usize) -> usize {
    let max = max.map_or(CONCURRENCY_MAX, |max| max as usize);
    CONCURRENCY_STEP.saturating_mul(busy_secs.saturating_add(1)).min(max).max(1)
}

fn left(end: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(end.duration_since(now)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concurrency_starts_at_five_and_grows_by_five_a_second_to_its_cap() {
        for (max, busy_secs, expected) in [
            (None, 0, 5),
            (None, 1, 10),
            (None, 60, 10),
            (Some(2), 0, 2),
            (Some(1_000), 3, 20),
            (Some(1_000), usize::MAX, 1_000),
        ] {
            assert_eq!(concurrency(max, busy_secs), expected, "{max:?} after {busy_secs} s");
        }
    }
}
