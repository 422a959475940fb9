//! Runs as work for the workers of a queue: `launch: pool`.
//!
//! ```text
//! Launch ─▶ PoolMessage ─▶ queue ─▶ worker: fence ─▶ work ─▶ Notice ─▶ outcomes ─▶ Outcome
//! ```
//!
//! The message only says that there is work: what the work is, and whose, is in the ledger. So it
//! may come twice, late or never, and a run is what it is with a task of its own.

mod advice;
mod message;
mod notice;

pub use advice::advice;
pub use message::PoolMessage;
pub use notice::{Notice, WorkEnd};
