//! A tick of a schedule works off many objects: which ones, and what became of them.
//!
//! ```text
//! options  ─▶ words of a command line ─▶ source, choice, parallel
//! source   ─▶ a prefix that is listed, or an S3 Inventory: manifest ─▶ rows
//! filter   ─▶ object of the listing ─▶ ours, filtered out, or another shard's
//! summary  ─▶ what is kept of a tick ─▶ since when the next one looks
//! ```

mod address;
mod decode;
pub mod filter;
pub mod inventory;
pub mod manifest;
pub mod options;
pub mod shard;
pub mod summary;
mod tally;

pub use address::{Address, AddressError};
pub use decode::url_decoded;
pub use filter::{Filter, Found, Verdict};
pub use inventory::{InventoryRows, RowError};
pub use manifest::{Manifest, ManifestError};
pub use options::{Choice, Options, OptionsError, Since, Source};
pub use shard::{Shard, ShardError};
pub use summary::{TickEnd, TickSummary, previous};
pub use tally::Tally;
