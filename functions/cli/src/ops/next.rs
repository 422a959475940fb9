//! `longshore next`: when a schedule fires, of a trigger or of an expression that is being tried.

use jiff::Timestamp;
use longshore::{
    backfill::{Timetable, Zone, time, timetable},
    trigger::{Overlap, Schedule},
};
use longshore_eventbridge::Schedule as Expression;
use serde_json::{Map, Value, json};

use super::{
    OpsError, Stack, now, print_json,
    spans::{on_clock, rfc3339, span},
    triggers::{schedule_of, times_of},
};
use crate::{
    args::NextArgs,
    page::{say, table},
};

/// What there is to say behind the one time of `at(…)` while it lies ahead.
const ONCE: &str = "It fires once.";

/// Of the trigger in the ledger.
pub(super) async fn of_trigger(
    stack: &Stack,
    asked: &NextArgs,
    is_json: bool,
) -> Result<(), OpsError> {
    let name = asked.trigger.as_deref().unwrap_or_default();
    let trigger = stack.trigger(name).await?;
    let zone = zone_of(schedule_of(&trigger)?)?;
    let now = now();
    let after = after(asked, &zone, now)?;
    let times = times_of(&trigger, after)?;
    if !is_json && let Some(since) = trigger.paused_at {
        let since = on_clock(&zone, since);
        say(&format!("trigger {name} is paused since {since}: its ticks become runs that wait"));
    }
    show(&times, asked.count, after, now, is_json)
}

/// Of an expression, without asking AWS. A rate counts from the time asked for.
pub(super) fn of_expression(
    expression: &str,
    asked: &NextArgs,
    is_json: bool,
) -> Result<(), OpsError> {
    let schedule = Schedule {
        expression: expression.to_owned(),
        timezone: asked.timezone.clone(),
        start: None,
        end: None,
        flexible_time_window: None,
        jitter: None,
        start_within: None,
        catch_up: None,
        overlap: Overlap::default(),
        shards: None,
    };
    let now = now();
    let after = after(asked, &zone_of(&schedule)?, now)?;
    let times = timetable(&schedule, after, after);
    let times = times.map_err(|error| OpsError::Said(error.why))?;
    show(&times, asked.count, after, now, is_json)
}

pub(super) fn zone_of(schedule: &Schedule) -> Result<Zone, OpsError> {
    let zone = schedule.timezone.as_deref().map_or_else(|| Ok(Zone::default()), Zone::parse);
    zone.map_err(|error| OpsError::Said(error.to_string()))
}

fn after(asked: &NextArgs, zone: &Zone, now: Timestamp) -> Result<Timestamp, OpsError> {
    match &asked.after {
        None => Ok(now),
        Some(text) => time(text, zone).map_err(|error| OpsError::Said(format!("--after: {error}"))),
    }
}

fn show(
    times: &Timetable,
    count: u64,
    after: Timestamp,
    now: Timestamp,
    is_json: bool,
) -> Result<(), OpsError> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let ticks: Vec<_> = times.ticks(after, Timestamp::MAX).take(count).collect();
    let last = ticks.last().copied();
    let never = times.upcoming(last.unwrap_or(after)).err().map(|why| why.to_string());
    let zone = times.zone();
    if is_json {
        let entry =
            |at: &Timestamp| json!({"time": rfc3339(zone, *at), "utc": at, "zone": zone.name()});
        print_json(&json!(ticks.iter().map(entry).collect::<Vec<_>>()));
    } else if last.is_some() {
        say(&format!("{} in {zone}", times.schedule()));
        let rows: Vec<_> = ticks.iter().map(|at| row(zone, *at, now)).collect();
        table(&rows, &["time", "UTC", "when"]);
    }
    match (last, never) {
        (None, Some(why)) => Err(OpsError::Said(why)),
        (Some(last), Some(why)) if ticks.len() < count && !is_json => {
            let is_once = matches!(times.schedule(), Expression::At(_)) && last > now;
            say(if is_once { ONCE } else { &why });
            Ok(())
        }
        _ => Ok(()),
    }
}

fn row(zone: &Zone, at: Timestamp, now: Timestamp) -> Map<String, Value> {
    let away = match at.duration_since(now) {
        ahead if ahead.is_negative() => format!("{} ago", span(ahead.abs())),
        ahead => format!("in {}", span(ahead)),
    };
    let cells = [("time", on_clock(zone, at)), ("UTC", at.to_string()), ("when", away)];
    cells.map(|(name, cell)| (name.to_owned(), Value::String(cell))).into_iter().collect()
}
