//! envelope ─▶ settings + event ─▶ plan ─▶ launch

mod allowed;
mod event;
mod gather;
mod input;
mod launch;
mod plan;
mod quantity;
mod registered;
#[cfg(test)]
pub(crate) mod samples;
mod schedule;
mod secrets;
mod settings;
mod unheard;
mod validate;
mod warnings;

pub use allowed::Allowed;
pub(crate) use event::deserialize;
pub use event::{Envelope, Event, ObjectEvent, Rejected, Tick};
pub use gather::{Gathering, gather};
pub use input::{Input, Inputs, Listed, ObjectVersion, Objects, Shard, TickInput};
pub use launch::{Circumstances, Launch, OVERRIDES_CHARS_MAX, Pool};
pub use plan::{Plan, plan};
pub use quantity::{Bytes, Seconds};
pub use registered::{Clash, Registered};
pub use schedule::{Overlap, Schedule};
pub use secrets::is_secret;
pub use settings::{
    Backoff, Batch, Capacity, LaunchMode, LaunchType, Network, Order, Placement,
    PlacementConstraint, PlacementStrategy, Retry, RetryRule, RetryThen, TaskSettings, Trigger,
};
pub use unheard::{Found, Unheard};
pub use warnings::{Warning, warnings};
