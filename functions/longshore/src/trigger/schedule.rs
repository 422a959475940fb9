//! What a trigger says of the schedule whose ticks start its runs.

use jiff::Timestamp;
use longshore_eventbridge::{Schedule as Expression, Timetable, Zone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{event::Rejected, quantity::Seconds};

const CORRECT: &str = "write in the trigger's `schedule` what the schedule itself says";

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
    /// How long after a tick its event may be sent: the schedule's `FlexibleTimeWindow`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flexible_time_window: Option<Seconds>,
    /// A tick begins anywhere within this after its time, so that not everything begins on the hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jitter: Option<Seconds>,
    /// A tick that cannot start within this is missed, and starts no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_within: Option<Seconds>,
    /// Most ticks in a row to run of which the schedule sent no event, the newest; the others are
    /// recorded as missed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catch_up: Option<u32>,
    /// What a tick does while the one before it is still at work.
    #[serde(default)]
    pub overlap: Overlap,
    /// Tasks per tick.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shards: Option<u32>,
}

impl Schedule {
    /// Whether `other` says the same times.
    #[must_use]
    pub fn has_ticks_of(&self, other: &Self) -> bool {
        let times = |it: &Self| {
            (it.expression.clone(), it.timezone.clone(), it.start.clone(), it.end.clone())
        };
        times(self) == times(other)
    }

    /// When its ticks are; a rate without a start counts from `anchor`.
    pub fn timetable(&self, anchor: Timestamp) -> Result<Timetable, Rejected> {
        let wrong =
            |at: &str, why: String| Rejected::new(format!("trigger.schedule.{at}"), why, CORRECT);
        let expression = Expression::parse(&self.expression)
            .map_err(|error| wrong("expression", error.to_string()))?;
        let zone = Zone::parse(self.timezone.as_deref().unwrap_or("UTC"))
            .map_err(|error| wrong("timezone", error.to_string()))?;
        let instant = |at: &str, text: &Option<String>| match text.as_deref().map(str::parse) {
            None => Ok(None),
            Some(Ok(instant)) => Ok(Some(instant)),
            Some(Err(_)) => {
                let text = text.as_deref().unwrap_or_default().escape_debug();
                Err(wrong(at, format!("`{text}` is no instant such as 2026-11-23T09:00:00Z")))
            }
        };
        Timetable::new(expression, zone, anchor)
            .between(instant("start", &self.start)?, instant("end", &self.end)?)
            .map_err(|error| wrong("end", error.to_string()))
    }
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
