//! What a trigger says of the schedule whose ticks start its runs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::quantity::Seconds;

/// The schedule whose ticks the trigger's events are, as registered with the trigger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Schedule {
    /// `rate(…)`, `cron(…)` or `at(…)`.
    pub expression: String,
    /// IANA time zone; UTC without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// First instant, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// Last instant, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// A tick that cannot start within this is missed, and starts no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_within: Option<Seconds>,
    /// Most missed ticks to run afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catch_up: Option<u32>,
    /// What a tick does while the one before it is still at work.
    #[serde(default)]
    pub overlap: Overlap,
    /// Tasks per tick.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shards: Option<u32>,
}

/// What a tick does while the run of an earlier one is not over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Overlap {
    /// Starts beside it.
    Allow,
    /// Starts nothing: nobody's jobs overlap by accident.
    #[default]
    Skip,
    /// Waits, and starts when it is over.
    Queue,
    /// Has its task stopped, and starts then.
    Replace,
}
