//! The tasks that work off a queue: what each says of itself, what it is told, and what a tick of
//! the scaler makes of them.
//!
//! ```text
//! worker ─ Beat ─▶ its row ─▶ scaler        scaler ─ drain ─▶ its row ─ Order ─▶ worker
//! depth, workers' rows, answers of ECS ─▶ Scaled::tick ─▶ Observation ─ decide ─▶ Scaled ─▶ Acts
//! ```

mod ask;
mod beat;
mod change;
mod crew;
mod heard;
mod record;
#[cfg(test)]
mod samples;
mod scaled;
mod service;
mod settings;
mod tick;
mod victims;

pub use ask::{Answer, Ask, Asked, Fate};
pub use beat::{Beat, Order, REST, Stage, Worker, queue_name};
pub use change::{CHANGES_KEPT, Change};
pub use crew::task_id;
pub use heard::Heard;
pub use record::Record;
pub use scaled::{Acts, Decided, FleetLaunch, Scaled, Stages};
pub use service::{Service, Staff};
pub use settings::{FleetSettings, Queue, QueueSettings};
pub use tick::{Depth, Sighting, Ticked};
