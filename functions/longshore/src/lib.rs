//! Every decision of longshore, pure: no async, no clock, no randomness, no AWS crate.
//!
//! Time, seeds and settings are arguments; what comes back is plain data with its reason.
//!
//! ```text
//! trigger/  envelope ─▶ Trigger + Event ─▶ Plan ─▶ Launch (frozen)
//! run/      Run ─ transition(step) ─▶ Change: the next Run, and what is written with it
//! backfill/ times, objects ─▶ envelopes once more
//! ingest/   object ─▶ records ─▶ items ─▶ batches
//! batch/    tick ─▶ listing ─▶ objects of a shard ─▶ summary
//! pool/     launch ─▶ message for the workers of a queue ─▶ notice of its end
//! poll/     message of a queue ─▶ its place and turn ─▶ how it is settled
//! fleet/    workers of a queue: what they say, and are told
//! scale/    observation of a queue and its fleet ─▶ how many tasks, and why
//! ```

pub mod backfill;
pub mod backoff;
pub mod batch;
pub mod config;
pub mod fleet;
pub mod ingest;
pub mod poll;
pub mod pool;
pub mod printable;
pub mod run;
pub mod scale;
pub mod trigger;
