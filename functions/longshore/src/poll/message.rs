//! A message as it was received.

use jiff::Timestamp;

/// A message that a worker holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id, the same whenever it is received.
    pub id: String,
    /// What this receive of it is named by.
    pub receipt: String,
    /// What it says.
    pub body: String,
    /// Its group: the order of a FIFO queue, the tenant of a fair one.
    pub group: Option<String>,
    /// How often it was received, this time included (`ApproximateReceiveCount`).
    pub receives: u32,
    /// When it was sent.
    pub sent: Option<Timestamp>,
    /// When it was received for the first time.
    pub first_received: Option<Timestamp>,
}
