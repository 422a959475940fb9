//! What the flows need from the world. AWS, the embedded AWS and the simulated world provide it.

mod ecs;
mod lease;
mod ledger;
mod objects;
mod pause;
mod queue;
mod table;
mod world;

pub use ecs::{Ecs, EcsError, LaunchTrouble};
pub use lease::Lease;
pub use ledger::{Ledger, LedgerError};
pub use objects::{Chunks, ObjectRef, ObjectTrouble, Objects, Opened};
pub use pause::Pause;
pub use queue::{Queue, QueueError};
pub use table::{Table, TableTrouble};
pub use world::{Clock, Rng};
