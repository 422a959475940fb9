//! A run from its event to its one outcome.
//!
//! ```text
//! admitted ─▶ launching ─▶ launched ─▶ running ─▶ succeeded | failed | cancelled | superseded
//!    ▲            │
//!    └─ backoff ◀─┘            (forming ─▶ admitted: a batch that gathers its objects)
//! ```
//!
//! Every write of a run is a [`Change`] made by [`transition`] or [`admit`] and by nothing else.

mod change;
mod classify;
mod identity;
mod outcome;
#[cfg(test)]
mod samples;
mod state;
mod steps;
mod stopped;
mod transition;

pub use change::{Also, Change, ObjectClaim, Outbox, Written};
pub use classify::{classify, outcome_of};
pub use identity::{ForeignId, LaunchId, ObjectOrder, RunId, digest, identity};
pub use outcome::{Class, Outcome, WorkResult, WorkStatus};
pub use state::{Entry, Run, State, Target};
pub use steps::{LaunchRefusal, Refused, Step};
pub use stopped::{StoppedContainer, TaskChange, TaskStatus, UnreadableChange};
pub use transition::{LAUNCHES_MAX, LEASE_SECS, TOKEN_REUSE_SECS, admit, supersede, transition};
