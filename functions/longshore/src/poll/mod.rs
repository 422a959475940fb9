//! A worker of a queue: what it receives, which messages it begins, how long it holds them, and
//! what becomes of each.
//!
//! ```text
//! appetite ─▶ messages ─▶ place ─▶ turns ─▶ work ─▶ settle ─▶ delete | come back | set aside
//!                          lease ─▶ extend …┘
//! ```
//!
//! A queue tells how often a message was received, and nothing else of its past. What ended in
//! order is told apart from what took its worker with it by a [`Memory`] of this worker's own, and by
//! the [`Marks`] that workers with a ledger leave for each other.

mod aside;
mod body;
mod checkpoint;
mod desk;
mod freshness;
mod lease;
mod marks;
mod memory;
mod message;
mod options;
mod place;
mod room;
mod settle;
mod turns;

pub use aside::{Aside, Part, Rejection};
pub use body::{Brought, NoObjects, objects};
pub use checkpoint::Checkpoint;
pub use desk::{Ask, Desk, Do, Happened, Key, Lend, Post, Protected, Told};
pub use freshness::{Fresh, fresh, is_the_same};
pub use lease::{Lease, VISIBILITY_SECS_MIN};
pub use marks::{Marks, Note};
pub use memory::{Memory, Past};
pub use message::Message;
pub use options::{PollOptions, PollOptionsError};
pub use place::{Place, place, place_of_run};
pub use room::Appetite;
pub use settle::{Ended, Settled, Stopped, settle};
pub use turns::{Waiting, turns};
