//! How an event or a tick reaches a queue or a function.

use std::fmt::Debug;

use futures_util::future::BoxFuture;

use crate::Fault;

/// Brings deliveries to the resource that their ARN names.
pub(crate) trait Deliver: Debug + Send + Sync {
    /// Returns when the resource has taken the delivery, so that it cannot be lost any more.
    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<(), Fault>>;
}

/// What one target gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// ARN of the queue or the function.
    pub arn: String,
    /// Message body, or the function's event.
    pub body: String,
    /// `MessageGroupId`, for queues only.
    pub message_group: Option<String>,
    /// Message attributes of type `String`, for queues only.
    pub attributes: Vec<(&'static str, String)>,
    /// Seconds for which the queue hides it first, for queues only.
    pub delay_secs: u32,
}
