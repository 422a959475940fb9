//! A tick, as a schedule or a scheduled rule sends it.

use serde_json::Value;

use super::{Event, RawEvent, Rejected, Tick};
use crate::trigger::settings::Trigger;

/// The type of event ("Scheduled Event", in the user guides of EventBridge and its Scheduler).
pub(super) const DETAIL_TYPE: &str = "Scheduled Event";
/// Member of the detail by which a person's command says that it is none of the schedule's own.
const ASKED: &str = "asked";
/// Who may send one; a schedule's own input says nothing of it.
const SOURCES: [&str; 2] = ["aws.events", "aws.scheduler"];

const ATTRIBUTES: &str = "insert \"<aws.scheduler.scheduled-time>\" as `time` and \
    \"<aws.scheduler.schedule-arn>\" in `resources`";
const SAY: &str = "say the schedule's `expression` in the trigger's `schedule`";
const TAKE_OUT: &str = "take the setting out, or let a schedule send the event";

pub(super) fn parse(raw: RawEvent) -> Result<Tick, Rejected> {
    if let Some(source) = raw.source.filter(|source| !SOURCES.contains(&source.as_str())) {
        let why = format!("is `{}`, which sends no ticks", source.escape_debug());
        return Err(Rejected::new("event.source", why, "let a schedule send the event"));
    }
    let Some(scheduled_at) = raw.time else {
        return Err(Rejected::new("event.time", "is missing", ATTRIBUTES));
    };
    let mut resources = raw.resources.into_iter();
    match (resources.next(), resources.next()) {
        (Some(schedule), None) if schedule.starts_with("arn:") => {
            let asked = raw.detail.get(ASKED).and_then(Value::as_bool).unwrap_or_default();
            Ok(Tick { schedule, scheduled_at, asked, unheard: false })
        }
        _ => Err(Rejected::new("event.resources", "is not the ARN of one schedule", ATTRIBUTES)),
    }
}

impl Event {
    /// Refuses an event that the settings around it are not for.
    pub(super) fn suits(&self, trigger: &Trigger) -> Result<(), Rejected> {
        match (self, &trigger.schedule) {
            (Self::Tick(_), None) => {
                Err(Rejected::new("trigger.schedule", "is missing, and the event is a tick", SAY))
            }
            (Self::Object(_), Some(_)) => {
                Err(Rejected::new("trigger.schedule", "is set, and the event is no tick", TAKE_OUT))
            }
            _ => Ok(()),
        }
    }
}
