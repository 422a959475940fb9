//! The tasks that work off a queue: what each says of itself, and what it is told.
//!
//! ```text
//! worker ─ Beat ─▶ its row ─▶ scaler        scaler ─ drain ─▶ its row ─ Order ─▶ worker
//! ```

mod beat;

pub use beat::{Beat, Order, Stage, Worker, queue_name};
