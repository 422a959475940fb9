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

/// The ticks to look for, without their seconds, and how many of them run if there is none of all.
fn looks(registered: &Registered, now: &str) -> (Vec<String>, usize) {
    let Some(unheard) = registered.unheard(at(now)) else { return (Vec::new(), 0) };
    assert_eq!(unheard.ticks.last().unwrap().scheduled_at, unheard.looked_to);
    let time = |tick: &Tick| tick.scheduled_at.to_string()[11..16].to_owned();
    let (runs, _) = unheard.runs(&vec![Found::Nothing; unheard.ticks.len()]);
    (unheard.ticks.iter().map(time).collect(), runs.into_iter().filter(|it| *it).count())
}

fn hourly() -> Value {
    json!({"expression": "cron(0 * * * ? *)", "catchUp": 2})
}

#[test]
fn a_tick_is_looked_for_once_and_when_its_event_should_have_come() {
    let of = |looked_to: &str| registered(hourly(), "08:00:00", looked_to);
    assert_eq!(looks(&of("08:00:00"), "09:09:59"), (vec![], 0));
    assert_eq!(looks(&of("08:00:00"), "09:10:00"), (vec!["09:00".into()], 1));
    assert_eq!(looks(&of("09:00:00"), "09:50:00"), (vec![], 0));
    let mut schedule = hourly();
    schedule["flexibleTimeWindow"] = json!("15m");
    let flexible = registered(schedule, "08:00:00", "08:00:00");
    assert_eq!(looks(&flexible, "09:24:59").0, Vec::<String>::new());
    assert_eq!(looks(&flexible, "09:25:00").0, ["09:00"]);
}

#[test]
fn a_schedule_of_which_a_tick_should_have_come_is_silent_since_then() {
    let since = |known: &Registered, now: &str| known.silent_since(at(now));
    let known = registered(hourly(), "08:00:00", "08:00:00");
    assert_eq!(since(&known, "09:09:59"), None, "it may still come");
    assert_eq!(since(&known, "09:10:00"), Some(at("09:00:00")));
    assert_eq!(since(&known, "23:59:59"), Some(at("09:00:00")), "however long");
    let looked = registered(hourly(), "08:00:00", "15:00:00");
    assert_eq!(since(&looked, "15:30:00"), Some(at("09:00:00")), "also when it was looked for");
    let anew = Registered { timed_at: Some(at("12:30:00")), ..known.clone() };
    assert_eq!(since(&anew, "13:09:00"), None, "its times were others");
    assert_eq!(since(&anew, "13:10:00"), Some(at("13:00:00")));
    let mut ended = hourly();
    ended["end"] = json!("2026-11-23T08:30:00Z");
    assert_eq!(since(&registered(ended, "08:00:00", "08:00:00"), "12:00:00"), None, "it is over");
    assert_eq!(since(&Registered { ticked_at: None, ..known }, "12:00:00"), None);
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
    let of = |caught_up: u32, looked_to: &str, now: &str| {
        let known = registered(hourly(), "00:00:00", looked_to);
        looks(&Registered { caught_up, ..known }, now)
    };
    assert_eq!(of(0, "00:00:00", "01:30:00"), (vec!["01:00".into()], 1));
    assert_eq!(of(1, "01:00:00", "02:30:00"), (vec!["02:00".into()], 1));
    assert_eq!(of(2, "02:00:00", "03:30:00"), (vec!["03:00".into()], 0));
    assert_eq!(of(2, "09:00:00", "10:30:00"), (vec!["10:00".into()], 0));
    assert_eq!(of(2, "10:00:00", "11:30:00"), (vec![], 0), "ten are told of");
    let all = of(0, "00:00:00", "23:30:00");
    assert_eq!((all.0.len(), all.1), (10, 0), "if it is heard again, the newest will run");
}

#[test]
fn of_each_row_the_newest_run_however_many_looks_it_takes() {
    use Found::{CaughtUp, Heard, Nothing, Recorded};
    let runs = |catch_up: u32, caught_up: u32, is_more: bool, found: &[Found]| {
        let look =
            Unheard { ticks: Vec::new(), catch_up, caught_up, is_more, looked_to: at("00:00:00") };
        let (runs, caught_up) = look.runs(found);
        assert_eq!(runs.len(), found.len());
        let runs: String = runs.iter().map(|it| if *it { 'r' } else { '-' }).collect();
        (runs, caught_up)
    };
    let cases: [(u32, u32, &[Found], &str, u32); 9] = [
        (0, 0, &[Nothing, Nothing], "--", 0),
        (1, 0, &[Nothing, Nothing, Nothing], "--r", 1),
        (2, 0, &[Nothing, Nothing, Nothing], "-rr", 2),
        (2, 1, &[Nothing, Nothing, Nothing], "--r", 2),
        (1, 1, &[Nothing], "-", 1),
        // Somebody died before he could say how far he came.
        (1, 0, &[Recorded, CaughtUp, Nothing], "---", 1),
        (2, 0, &[Recorded, CaughtUp, Nothing], "--r", 2),
        // A tick that came ends the row.
        (1, 1, &[Nothing, Heard, Nothing, Nothing], "---r", 1),
        (1, 0, &[Nothing, Nothing, Heard], "-r-", 0),
    ];
    for (catch_up, caught_up, found, expected, in_a_row) in cases {
        let seen = runs(catch_up, caught_up, false, found);
        assert_eq!(seen, (expected.to_owned(), in_a_row), "{catch_up} {caught_up} {found:?}");
    }
    // The newest of the last row are not known yet.
    let found = [Nothing, Heard, CaughtUp, Nothing];
    assert_eq!(runs(2, 0, true, &found), ("r---".to_owned(), 1));
}

#[test]
fn very_many_are_looked_for_a_hundred_at_a_time() {
    let schedule = json!({"expression": "cron(* * * * ? *)", "catchUp": 100});
    let known = registered(schedule, "23:00:00", "01:00:00");
    let (ticks, runs) = looks(&known, "23:10:00");
    assert_eq!((ticks.len(), runs), (100, 0), "which are the newest is not known yet");
    assert_eq!((ticks[0].as_str(), ticks[99].as_str()), ("01:01", "02:40"));
    let last = Registered { looked_to: Some(at("22:00:00")), ..known };
    assert_eq!(looks(&last, "23:10:00").1, 60);
}

#[test]
fn ticks_of_an_older_schedule_are_not_those_of_the_newer() {
    let known = registered(hourly(), "08:00:00", "08:00:00");
    let mut settings = known.settings.clone();
    settings.schedule.as_mut().unwrap().expression = "cron(0/5 * * * ? *)".into();
    let changed = known.see(&settings, &known.source, at("09:52:10")).unwrap().unwrap();
    assert_eq!(looks(&changed, "10:05:00").0, ["09:55"]);
    settings.schedule.as_mut().unwrap().catch_up = Some(9);
    let again = changed.see(&settings, &known.source, at("09:58:00")).unwrap().unwrap();
    assert_eq!(again.timed_at, Some(at("09:52:10")), "its ticks are the same");
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
