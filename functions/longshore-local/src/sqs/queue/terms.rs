//! What goes into a queue and what comes out of it.

use std::collections::BTreeSet;

use super::super::message::{Attributes, Message};

/// What changed since it was last asked for.
#[derive(Debug, Default)]
pub(in crate::sqs) struct Touched {
    /// Messages written, changed or removed.
    pub(in crate::sqs) messages: BTreeSet<String>,
    /// Deduplication ids remembered or forgotten.
    pub(in crate::sqs) recent: BTreeSet<String>,
    /// Whether a receiver that found nothing should look again.
    pub(in crate::sqs) arrived: bool,
}

/// A message to send; every field was checked.
#[derive(Clone, Debug, Default)]
pub(in crate::sqs) struct Outgoing {
    pub(in crate::sqs) id: String,
    pub(in crate::sqs) body: String,
    pub(in crate::sqs) attributes: Attributes,
    pub(in crate::sqs) system: Attributes,
    pub(in crate::sqs) group: Option<String>,
    pub(in crate::sqs) deduplication_id: Option<String>,
    /// What identifies a message sent twice; only of a FIFO queue.
    pub(in crate::sqs) deduplication_key: Option<String>,
    /// The queue's own delay unless told.
    pub(in crate::sqs) delay_secs: Option<u32>,
}

/// What a receive took.
#[derive(Debug, Default)]
pub(in crate::sqs) struct Taken {
    /// In flight from now on.
    pub(in crate::sqs) received: Vec<Message>,
    /// Received too often: no longer here, and to be put into the dead-letter queue.
    pub(in crate::sqs) dead: Vec<Message>,
}

/// What a receive asks for.
#[derive(Clone, Copy, Debug)]
pub(in crate::sqs) struct Ask {
    pub(in crate::sqs) max: usize,
    pub(in crate::sqs) visibility_secs: u32,
    /// Whether the dead-letter queue exists; messages stay where it does not.
    pub(in crate::sqs) redrive: bool,
}

/// One receive of one message: what a receipt handle says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sqs) struct Receipt {
    pub(in crate::sqs) id: String,
    /// The message's receive count then.
    pub(in crate::sqs) receives: u32,
}

/// Why a receipt was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sqs) enum Refusal {
    /// A FIFO queue accepts it only while the message is in flight by it.
    Expired,
    /// The message is gone, or was received again since.
    NotAvailable,
    /// The message would be hidden for more than twelve hours since this receive.
    TooLong,
}

/// The approximate numbers of messages, which are exact here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::sqs) struct Counts {
    pub(in crate::sqs) visible: usize,
    pub(in crate::sqs) in_flight: usize,
    pub(in crate::sqs) delayed: usize,
}
