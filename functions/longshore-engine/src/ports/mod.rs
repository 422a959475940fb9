//! What the flows need from the world. AWS, the embedded AWS and the simulated world provide it.

mod checkpoints;
mod depth;
mod ecs;
mod fleet;
mod inbox;
mod lease;
mod ledger;
mod listing;
mod newest;
mod objects;
mod outlet;
mod pause;
mod queue;
mod scaling;
mod table;
mod ticks;
mod workers;
mod world;

pub use checkpoints::Checkpoints;
pub use depth::Depth;
pub use ecs::{Ecs, EcsError, LaunchTrouble};
pub use fleet::Fleet;
pub use inbox::{Inbox, InboxTrouble, Protection, Shelf, Terms, Unprotected};
pub use lease::Lease;
pub use ledger::{Claim, Claimed, Holder, Ledger, LedgerError};
pub use listing::{ListPage, Listing};
pub use newest::Newest;
pub use objects::{Chunks, ObjectRef, ObjectTrouble, Objects, Opened};
pub use outlet::Outlet;
pub use pause::Pause;
pub use queue::{Queue, QueueError};
pub use scaling::Scaling;
pub use table::{Table, TableTrouble};
pub use ticks::Ticks;
pub use workers::Workers;
pub use world::{Clock, Rng, World};

use crate::{Permits, Triggers};

/// What the flows of `trigger` and `observer` touch.
#[derive(Debug)]
pub struct Ports<'a, L, E, W> {
    /// The ledger.
    pub ledger: &'a L,
    /// ECS.
    pub ecs: &'a E,
    /// Time and chance.
    pub world: &'a W,
    /// The launches of this second.
    pub permits: &'a Permits,
    /// Triggers as this process has last seen them.
    pub triggers: &'a Triggers,
}
