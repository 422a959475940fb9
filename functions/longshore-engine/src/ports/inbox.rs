//! A queue that a worker works off, ten messages a call.

use std::future::Future;

use longshore::poll::{Aside, Lend, Message, Told};

/// Receives messages and says what becomes of them.
pub trait Inbox: Sync {
    /// What the queue is set to.
    fn terms(&self) -> impl Future<Output = Result<Terms, InboxTrouble>> + Send;

    /// Waits up to 20 seconds for up to `count` messages, of at most ten, and lends them for
    /// `visibility_secs`. A call that is given up may have taken messages all the same: they come
    /// again when their time is over.
    fn receive(
        &self,
        count: usize,
        visibility_secs: u32,
    ) -> impl Future<Output = Result<Vec<Message>, InboxTrouble>> + Send;

    /// Deletes up to ten messages; says of each what became of it, in their order.
    fn delete(
        &self,
        lends: &[Lend],
    ) -> impl Future<Output = Result<Vec<Told>, InboxTrouble>> + Send;

    /// Makes up to ten messages invisible for their seconds from now on, none for at once; says of
    /// each what became of it, in their order.
    fn lend(&self, lends: &[Lend]) -> impl Future<Output = Result<Vec<Told>, InboxTrouble>> + Send;
}

/// What a queue is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Its visibility timeout, in seconds.
    pub visibility_secs: u32,
    /// Whether SQS itself moves messages away that are received too often.
    pub redrives: bool,
}

/// A queue could not be asked or told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InboxTrouble {
    /// Another try may work.
    #[error("the queue did not answer: {0}")]
    Retryable(String),
    /// Not while the queue, or what the task may do, is as it is.
    #[error("the queue refused: {0}")]
    Refused(String),
}

/// Where messages go that nobody can work on.
pub trait Shelf: Sync {
    /// Keeps `aside`; safe to repeat.
    fn keep(&self, aside: &Aside) -> impl Future<Output = Result<(), String>> + Send;
}

/// The protection of a task of a service (Amazon ECS developer guide, "Task scale-in protection").
pub trait Protection: Sync {
    /// Has the service leave the task alone for an hour.
    fn protect(&self) -> impl Future<Output = Result<(), Unprotected>> + Send;

    /// Lets the service stop it again.
    fn unprotect(&self) -> impl Future<Output = Result<(), Unprotected>> + Send;
}

/// The protection of the task was not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unprotected {
    /// A deployment waits for the task to end.
    #[error("a deployment waits: {0}")]
    Blocked(String),
    /// It is not known, or not possible now.
    #[error("the task is not protected: {0}")]
    Trouble(String),
}
