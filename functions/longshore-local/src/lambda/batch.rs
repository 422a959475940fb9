//! A batch that gathers, within the limits of one invocation.

use super::record::Record;

/// Bytes of an event at most: 6 MB (Lambda quotas); a little less, for what surrounds the records.
const EVENT_BYTES_MAX: usize = 6_291_456 - 64;

/// Records that go to the function together.
#[derive(Debug)]
pub(super) struct Batch {
    records: Vec<Record>,
    bytes: usize,
    records_max: usize,
    closed: bool,
}

impl Batch {
    /// An empty batch for at most `records_max` records.
    pub(super) fn new(records_max: usize) -> Self {
        Self { records: Vec::new(), bytes: 0, records_max: records_max.max(1), closed: false }
    }

    /// Takes `record`, or gives it back because the batch is full. The first one always fits:
    /// otherwise it could never be handed over.
    pub(super) fn push(&mut self, record: Record) -> Option<Record> {
        let bytes = self.bytes + record.len();
        if self.room() == 0 || (bytes > EVENT_BYTES_MAX && !self.is_empty()) {
            self.closed = true;
            return Some(record);
        }
        self.bytes = bytes;
        self.records.push(record);
        None
    }

    /// How many more records it takes.
    pub(super) fn room(&self) -> usize {
        if self.closed { 0 } else { self.records_max - self.records.len() }
    }

    /// Whether nothing is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The records, in the order in which they came.
    pub(super) fn into_records(self) -> Vec<Record> {
        self.records
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::{Message, record::event};

    fn record(body_bytes: usize) -> Record {
        let message = Message { body: "x".repeat(body_bytes), ..Message::default() };
        Record::new(message, "arn:aws:sqs:us-east-1:000000000000:q")
    }

    #[test]
    fn a_batch_is_full_at_its_count() {
        let mut batch = Batch::new(2);
        assert_eq!((batch.push(record(1)), batch.push(record(2))), (None, None));
        assert_eq!(batch.room(), 0);
        assert_eq!(batch.push(record(3)), Some(record(3)));
        assert_eq!(batch.into_records(), [record(1), record(2)]);
    }

    #[test]
    fn an_event_stays_below_6_mb() {
        let mut batch = Batch::new(10);
        let taken = (0..10).filter(|_| batch.push(record(1_048_576)).is_none()).count();
        assert_eq!((taken, batch.room()), (5, 0));
        assert!(event(&batch.into_records()).len() <= 6_291_456);
    }

    #[test]
    fn a_record_that_escapes_beyond_6_mb_goes_alone() {
        let message = Message { body: "\u{1}".repeat(1_048_576), ..Message::default() };
        let large = Record::new(message, "arn:aws:sqs:us-east-1:000000000000:q");
        let mut batch = Batch::new(10);
        assert_eq!(batch.push(large), None);
        assert!(batch.push(record(1)).is_some());
    }
}
