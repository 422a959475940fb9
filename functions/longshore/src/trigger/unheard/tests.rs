use serde_json::{Value, json};

use super::*;
use crate::trigger::{Envelope, samples::tick};

/// A time of the 23rd of November.
fn at(time: &str) -> Timestamp {
    format!("2026-11-23T{time}Z").parse().unwrap()
}

/// A trigger whose schedule has sent a tick at `heard`, and was looked at up to `looked_to`.
fn registered(schedule: Value, heard: &str, looked_to: &str) -> Registered {
    let mut envelope = tick();
    envelope["trigger"]["schedule"] = schedule;
    let settings = Envelope::parse(&envelope.to_string()).unwrap().trigger;
    let first = Registered::first(settings, "arn:aws:scheduler:::schedule/a".into(), at(heard));
    Registered { ticked_at: Some(at(heard)), looked_to: Some(at(looked_to)), ..first }
}

/// The ticks to look for, without their seconds, and how many of them may run.
fn looks(registered: &Registered, now: &str) -> (Vec<String>, usize) {
    let Some(unheard) = registered.unheard(at(now)) else { return (Vec::new(), 0) };
    assert_eq!(unheard.ticks.last().unwrap().scheduled_at, unheard.looked_to);
    let time = |tick: &Tick| tick.scheduled_at.to_string()[11..16].to_owned();
    (unheard.ticks.iter().map(time).collect(), unheard.runs_max)
}

fn hourly() -> Value {
    json!({"expression": "cron(0 * * * ? *)", "catchUp": 2})
}

#[test]
fn a_tick_is_looked_for_once_and_when_its_event_should_have_come() {
    let of = |looked_to: &str| registered(hourly(), "08:00:00", looked_to);
    assert_eq!(looks(&of("08:00:00"), "09:09:59"), (vec![], 0));
    assert_eq!(looks(&of("08:00:00"), "09:10:00"), (vec!["09:00".into()], 2));
    assert_eq!(looks(&of("09:00:00"), "09:50:00"), (vec![], 0));
    let mut schedule = hourly();
    schedule["flexibleTimeWindow"] = json!("15m");
    let flexible = registered(schedule, "08:00:00", "08:00:00");
    assert_eq!(looks(&flexible, "09:24:59").0, Vec::<String>::new());
    assert_eq!(looks(&flexible, "09:25:00").0, ["09:00"]);
}

#[test]
fn what_lies_between_two_ticks_that_came_is_looked_for() {
    let gap = registered(hourly(), "12:00:00", "08:00:00");
    assert_eq!(
        looks(&gap, "12:30:00"),
        (["09:00", "10:00", "11:00", "12:00"].map(str::to_owned).to_vec(), 2)
    );
}

#[test]
fn a_schedule_that_is_silent_is_not_run_in_its_place_for_ever() {
    let of = |looked_to: &str, now: &str| looks(&registered(hourly(), "00:00:00", looked_to), now);
    assert_eq!(of("00:00:00", "01:30:00").1, 2);
    assert_eq!(of("01:00:00", "02:30:00"), (vec!["02:00".into()], 1));
    assert_eq!(of("02:00:00", "03:30:00"), (vec!["03:00".into()], 0));
    assert_eq!(of("09:00:00", "10:30:00"), (vec!["10:00".into()], 0));
    assert_eq!(of("10:00:00", "11:30:00"), (vec![], 0), "ten are told of");
    let all = of("00:00:00", "23:30:00");
    assert_eq!((all.0.len(), all.1), (10, 2));
}

#[test]
fn only_the_newest_of_very_many_are_looked_for() {
    let schedule = json!({"expression": "cron(* * * * ? *)", "catchUp": 100});
    let (ticks, runs_max) = looks(&registered(schedule, "23:00:00", "01:00:00"), "23:10:00");
    assert_eq!((ticks.len(), runs_max), (100, 100));
    assert_eq!((ticks[0].as_str(), ticks[99].as_str()), ("21:21", "23:00"));
}

#[test]
fn a_rate_counts_from_what_was_heard() {
    let of = |heard: &str, looked_to: &str, now: &str| {
        looks(&registered(json!({"expression": "rate(1 hour)"}), heard, looked_to), now).0
    };
    assert_eq!(of("08:07:00", "08:07:00", "10:17:00"), ["09:07", "10:07"]);
    assert_eq!(of("11:07:00", "08:07:00", "11:30:00"), ["09:07", "10:07", "11:07"]);
    // The schedule was written anew at 08:30, and fired then.
    assert_eq!(of("08:30:00", "08:07:00", "08:45:00"), ["08:30"]);
    assert_eq!(of("10:30:00", "08:07:00", "10:45:00"), ["09:30", "10:30"]);
    // The last of those that never came, and then one that did.
    assert_eq!(of("08:07:00", "09:07:00", "10:17:00"), ["10:07"]);
}

#[test]
fn there_is_nothing_to_look_for_without_a_schedule_or_a_first_tick() {
    let mut known = registered(hourly(), "08:00:00", "08:00:00");
    known.looked_to = None;
    known.ticked_at = None;
    assert_eq!(known.unheard(at("23:00:00")), None);
    let mut known = registered(hourly(), "08:00:00", "08:00:00");
    known.settings.schedule = None;
    assert_eq!(known.unheard(at("23:00:00")), None);
    let ended = json!({"expression": "rate(1 hour)", "end": "2026-11-23T08:30:00Z"});
    assert_eq!(registered(ended, "08:00:00", "08:00:00").unheard(at("23:00:00")), None);
}
