//! `longshore schedules`: what starts runs by the clock, when next, when last, and how that went.

use jiff::{SignedDuration, Timestamp};
use longshore::{
    backfill::Zone,
    run::{Class, Run, State},
    trigger::{Registered, Schedule},
};
use longshore_engine::ports::Ledger as _;
use serde_json::{Map, Value, json};

use super::{
    OpsError, Stack,
    next::zone_of,
    now, print_json,
    spans::{short, span},
    triggers::times_of,
};
use crate::page::{say, table};

/// A schedule, for the user.
struct Line {
    trigger: Registered,
    schedule: Schedule,
    /// Its next time, or why there is none.
    next: Result<Timestamp, String>,
    last: Option<Run>,
}

pub(super) async fn schedules(stack: &Stack, is_json: bool) -> Result<(), OpsError> {
    let now = now();
    let names = stack.ledger.triggers().await.map_err(|error| stack.ledger_error(error))?;
    let mut lines = Vec::new();
    for name in names {
        let registered = stack.ledger.registered(&name).await;
        // The list may lag behind `longshore forget`.
        let Some(trigger) = registered.map_err(|error| stack.ledger_error(error))? else {
            continue;
        };
        if let Some(schedule) = trigger.settings.schedule.clone() {
            let next = match times_of(&trigger, now) {
                Ok(times) => times.upcoming(now).map_err(|why| why.to_string()),
                Err(OpsError::Said(why)) => Err(why),
                Err(error) => return Err(error),
            };
            let last = stack.last_tick(&trigger).await?;
            lines.push(Line { trigger, schedule, next, last });
        }
    }
    if is_json {
        print_json(&json!(lines.iter().map(|line| line.json(now)).collect::<Vec<_>>()));
    } else if lines.is_empty() {
        say("no schedules: a schedule is known from its first tick on");
    } else {
        let rows: Vec<_> = lines.iter().map(|line| line.row(now)).collect();
        table(&rows, &COLUMNS);
        for line in &lines {
            if let Err(why) = &line.next {
                say(&format!("{}: {why}", line.trigger.settings.name));
            }
            if let Some(since) = line.trigger.silent_since(now) {
                let (name, zone) = (&line.trigger.settings.name, zone_of(&line.schedule));
                let since = short(&zone.unwrap_or_default(), since);
                say(&format!("{name}: the ticks since {since} have not come: {SILENT}"));
            }
        }
    }
    Ok(())
}

/// What to do about a schedule that has sent nothing.
const SILENT: &str = "see whether the schedule is enabled, whether it is deleted, and whether its \
                      queue for dead letters holds them";

const COLUMNS: [&str; 7] = ["trigger", "schedule", "next", "last tick", "result", "took", "paused"];

impl Line {
    fn row(&self, now: Timestamp) -> Map<String, Value> {
        let zone = zone_of(&self.schedule).unwrap_or_default();
        let zone_name = self.schedule.timezone.as_deref().unwrap_or(zone.name());
        let last = self.last.as_ref();
        let cells = [
            self.trigger.settings.name.clone(),
            format!("{} {zone_name}", self.schedule.expression),
            self.next.as_ref().map_or_else(|_| "-".into(), |at| short(&zone, *at)),
            last.and_then(due).map_or_else(|| "-".into(), |at| short(&zone, at)),
            last.map_or("-", result).to_owned(),
            last.and_then(|run| took(run, now)).map_or_else(|| "-".into(), span),
            self.trigger.paused_at.map(|at| since(&zone, at, now)).unwrap_or_default(),
        ];
        COLUMNS.iter().map(|name| (*name).to_owned()).zip(cells.map(Value::String)).collect()
    }

    fn json(&self, now: Timestamp) -> Value {
        let last = self.last.as_ref().map(|run| {
            json!({
                "run": run.id,
                "scheduledAt": due(run),
                "state": run.state,
                "class": run.outcome.as_ref().map(|outcome| outcome.class),
                "reason": run.outcome.as_ref().map(|outcome| &outcome.reason),
                "tookSeconds": took(run, now).map(|took| took.as_secs()),
            })
        });
        json!({
            "trigger": self.trigger.settings.name,
            "schedule": self.schedule,
            "source": self.trigger.source,
            "next": self.next.as_ref().ok(),
            "never": self.next.as_ref().err(),
            "last": last,
            "pausedAt": self.trigger.paused_at,
            "silentSince": self.trigger.silent_since(now),
        })
    }
}

fn since(zone: &Zone, at: Timestamp, now: Timestamp) -> String {
    format!("since {} ({})", short(zone, at), span(now.duration_since(at)))
}

fn due(run: &Run) -> Option<Timestamp> {
    run.input.tick().map(|tick| tick.scheduled_at)
}

/// What became of it, in a word: a tick that started nothing says why.
fn result(run: &Run) -> &'static str {
    match run.outcome.as_ref().map(|outcome| outcome.class) {
        Some(Class::Skipped) => "skipped",
        Some(Class::Missed) => "missed",
        Some(Class::Unheard) => "unheard",
        _ => run.state.word(),
    }
}

/// From when its first task ran to its end, or until now. ECS may tell of a short one when it is
/// over: then from its launch.
fn took(run: &Run, now: Timestamp) -> Option<SignedDuration> {
    let first = |state| run.history.iter().find(|entry| entry.state == state);
    let began = first(State::Running).or_else(|| first(State::Launching))?.at;
    let end = if run.state.is_terminal() { run.since.unwrap_or(now) } else { now };
    Some(between(began, end))
}

/// How long it was. The two times come from two programs, each of which reads the clock for itself:
/// where that runs fast, the later of them may bear the earlier time.
fn between(began: Timestamp, end: Timestamp) -> SignedDuration {
    end.duration_since(began).max(SignedDuration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_took_less_than_no_time() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let secs =
            [(5, 9), (5, 5), (9, 5)].map(|(began, end)| between(at(began), at(end)).as_secs());
        assert_eq!(secs, [4, 0, 0]);
    }
}
