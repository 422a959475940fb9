//! What becomes of the bytes of one S3 object, step by step, with constant memory.
//!
//! ```text
//! object  ─▶ kind: rows of CSV or TSV, lines of NDJSON, or one opaque thing
//! records ─▶ bytes in any chunks ─▶ records with number and offset
//! items   ─▶ record ─▶ DynamoDB-JSON, or a bad record with its reason
//! batches ─▶ items ─▶ batches of one lane, the newest row of a key last
//! summary ─▶ read = written + replaced + dead-lettered
//! ```

pub mod batches;
mod behind;
pub mod dead_letters;
mod hash;
pub mod items;
pub mod key;
pub mod metadata;
pub mod object;
mod reason;
pub mod records;
pub mod summary;
pub mod unprocessed;

pub use batches::{Batch, Pushed, lane_of};
pub use behind::{Behind, REFUSED_MAX, Refused};
pub use dead_letters::{DeadLetters, Origin};
pub use items::{Item, Items, Step};
pub use key::{KeyField, KeySchema, KeyType};
pub use object::{Format, Kind};
pub use reason::{BadRecord, ObjectFault, Reason};
pub use summary::{Counts, Summary};
pub use unprocessed::Unprocessed;
