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
mod evidence;
mod identity;
mod logs;
mod memory;
mod outcome;
mod places;
mod refusal;
mod result_file;
#[cfg(test)]
pub(crate) mod samples;
mod shards;
mod spent;
mod state;
mod steps;
mod stopped;
mod ticks;
mod transition;

pub use change::{
    Addressee, Also, Change, Counted, ObjectClaim, ObjectHold, Outbox, Page, Slot, Written,
};
pub use classify::{classify, outcome_of};
pub use evidence::Evidence;
pub use identity::{ForeignId, LaunchId, ObjectOrder, RunId, digest, identity, tick_identity};
pub use logs::{LogPointer, LogSettings};
pub use memory::raised_memory;
pub use outcome::{Class, Outcome, WorkResult, WorkStatus};
pub use places::{NoPlaces, PLACES_MAX, Places};
pub use refusal::{CallVerdict, LaunchRefusal, RefusalKind, judge_error, judge_failure};
pub use result_file::{FailedObject, RESULT_FILE_BYTES_MAX, ResultFile, UnusableResult};
pub use shards::all_ended;
pub use spent::Spent;
pub use state::{Entry, Run, State, Stopping, Target, Wait};
pub use steps::{Refused, Step, Worker};
pub use stopped::{StoppedContainer, TaskChange, TaskStatus, UnreadableChange};
pub use transition::{LEASE_SECS, TOKEN_REUSE_SECS, admit, form, supersede, transition, unheard};
