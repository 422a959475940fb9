//! Ticks, as Scheduler and scheduled rules send them, and what is wrong with them.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::trigger::{
    Envelope, Event, Tick, plan,
    samples::{fixture, parse, refusal, tick, with},
};

/// The tick with some of its envelope replaced, each by a JSON pointer.
fn bent(changes: &[(&str, Value)]) -> Value {
    let mut envelope = tick();
    for (at, value) in changes {
        let (parent, name) = at.rsplit_once('/').unwrap();
        let parent = envelope.pointer_mut(parent).unwrap();
        match value {
            Value::Null => drop(parent.as_object_mut().unwrap().remove(name)),
            value => parent[name] = value.clone(),
        }
    }
    envelope
}

fn parsed(envelope: &Value) -> Tick {
    match parse(envelope).unwrap().event {
        Event::Tick(tick) => tick,
        Event::Object(object) => panic!("{object:?}"),
    }
}

#[test]
fn a_schedule_and_a_scheduled_rule_send_ticks() {
    let expected = Tick {
        schedule: "arn:aws:scheduler:eu-west-1:111122223333:schedule/default/hourly".into(),
        scheduled_at: "2026-11-23T07:00:00Z".parse().unwrap(),
        asked: false,
        unheard: false,
    };
    assert_eq!(parsed(&tick()), expected);
    let fixture = Envelope::parse(fixture!("scheduler-tick")).unwrap();
    assert!(matches!(fixture.event, Event::Tick(_)), "{fixture:?}");
    // Scheduler's own words for an event, and a scheduled rule's, have more members.
    let more = json!({"version": "0", "id": "i", "account": "1", "region": "r", "detail": {}});
    for source in ["aws.scheduler", "aws.events"] {
        let mut envelope = bent(&[("/event/source", json!(source))]);
        let event = envelope["event"].as_object_mut().unwrap();
        event.extend(more.as_object().unwrap().clone());
        assert_eq!(parsed(&envelope), expected);
    }
}

#[test]
fn a_tick_that_somebody_asks_for_is_the_same_tick() {
    let asked = parse(&bent(&[("/event/detail", json!({"asked": true}))])).unwrap();
    let sent = parse(&tick()).unwrap();
    let [asked, sent] = [asked, sent].map(|envelope| plan(&envelope.trigger, &envelope.event));
    assert_eq!((asked.run, asked.input_digest), (sent.run, sent.input_digest));
    assert_eq!([asked.input, sent.input].map(|input| input.tick().unwrap().asked), [true, false]);
    for detail in [json!(null), json!({}), json!([]), json!({"asked": "true"})] {
        assert!(!parsed(&bent(&[("/event/detail", detail)])).asked);
    }
}

fn check(changes: &[(&str, Value)], expected: &Expect) {
    expected.assert_eq(&refusal(&bent(changes)));
}

#[test]
fn what_cannot_be_a_tick_says_what_to_write() {
    check(
        &[("/event/time", Value::Null)],
        &expect![[
            r#"event.time: is missing; insert "<aws.scheduler.scheduled-time>" as `time` and "<aws.scheduler.schedule-arn>" in `resources`"#
        ]],
    );
    check(
        &[("/event/time", json!("<aws.scheduler.scheduled-time>"))],
        &expect![
            "event.time: failed to parse four digit integer as year: invalid digit, expected 0-9 but got <; send the event as AWS sent it"
        ],
    );
    check(
        &[("/event/resources", Value::Null)],
        &expect![[
            r#"event.resources: is not the ARN of one schedule; insert "<aws.scheduler.scheduled-time>" as `time` and "<aws.scheduler.schedule-arn>" in `resources`"#
        ]],
    );
    check(
        &[("/event/resources", json!(["arn:a", "arn:b"]))],
        &expect![[
            r#"event.resources: is not the ARN of one schedule; insert "<aws.scheduler.scheduled-time>" as `time` and "<aws.scheduler.schedule-arn>" in `resources`"#
        ]],
    );
    check(
        &[("/event/resources", json!(["<aws.scheduler.schedule-arn>"]))],
        &expect![[
            r#"event.resources: is not the ARN of one schedule; insert "<aws.scheduler.scheduled-time>" as `time` and "<aws.scheduler.schedule-arn>" in `resources`"#
        ]],
    );
    check(
        &[("/event/source", json!("my.clock"))],
        &expect![
            "event.source: is `my.clock`, which sends no ticks; let a schedule send the event"
        ],
    );
    check(
        &[("/trigger/schedule", Value::Null)],
        &expect![
            "trigger.schedule: is missing, and the event is a tick; say the schedule's `expression` in the trigger's `schedule`"
        ],
    );
}

#[test]
fn settings_of_a_schedule_that_cannot_work_say_what_to_write() {
    check(
        &[("/trigger/schedule/overlap", json!("never"))],
        &expect![
            "trigger.schedule.overlap: unknown variant `never`, expected one of `allow`, `skip`, `queue`, `replace`; correct the settings in the schedule's Input"
        ],
    );
    check(
        &[("/trigger/schedule/startWithin", json!("soon"))],
        &expect![
            "trigger.schedule.startWithin: `soon` is no duration; write it like `30s`, `5m` or `1h 30m`; correct the settings in the schedule's Input"
        ],
    );
    check(
        &[("/trigger/schedule/expression", Value::Null)],
        &expect![
            "trigger.schedule: missing field `expression`; correct the settings in the schedule's Input"
        ],
    );
    check(
        &[("/trigger/schedule/expression", json!("cron(0 0 31 2 ? *)"))],
        &expect![
            "trigger.schedule.expression: `cron(0 0 31 2 ? *)` never fires: no year of it from 1970 to 2199 has such a day; check the day against the month; write in the trigger's `schedule` what the schedule itself says"
        ],
    );
    check(
        &[("/trigger/schedule/expression", json!("rate(1 hours)"))],
        &expect![
            "trigger.schedule.expression: write `rate(1 hour)`: 1 takes the singular, every other number the plural; write in the trigger's `schedule` what the schedule itself says"
        ],
    );
    check(
        &[("/trigger/schedule/shards", json!(0))],
        &expect![
            "trigger.schedule.shards: is not 1 to 64; correct the settings in the schedule's Input"
        ],
    );
    check(
        &[("/trigger/schedule/shards", json!(65))],
        &expect![
            "trigger.schedule.shards: is not 1 to 64; correct the settings in the schedule's Input"
        ],
    );
    check(
        &[("/trigger/schedule/catchUp", json!(101))],
        &expect![
            "trigger.schedule.catchUp: is more than 100; correct the settings in the schedule's Input"
        ],
    );
    check(
        &[("/trigger/schedule/timezone", json!("Europe/Berln"))],
        &expect![
            "trigger.schedule.timezone: `Europe/Berln` is no time zone of the IANA database; did you mean `Europe/Berlin`?; write in the trigger's `schedule` what the schedule itself says"
        ],
    );
    check(
        &[("/trigger/schedule/start", json!("tomorrow"))],
        &expect![
            "trigger.schedule.start: `tomorrow` is no instant such as 2026-11-23T09:00:00Z; write in the trigger's `schedule` what the schedule itself says"
        ],
    );
    check(
        &[
            ("/trigger/schedule/start", json!("2026-11-23T00:00:00Z")),
            ("/trigger/schedule/end", json!("2026-11-22T00:00:00Z")),
        ],
        &expect![
            "trigger.schedule.end: EndDate 2026-11-22T00:00:00Z is not after StartDate 2026-11-23T00:00:00Z; exchange them, or leave one out; write in the trigger's `schedule` what the schedule itself says"
        ],
    );
    check(
        &[("/trigger/schedule/flexibleTimeWindow", json!("-5m"))],
        &expect![
            "trigger.schedule.flexibleTimeWindow: `-5m` is no duration; write it like `30s`, `5m` or `1h 30m`; correct the settings in the schedule's Input"
        ],
    );
    check(
        &[("/trigger/batch", json!({"objects": 5}))],
        &expect![
            "trigger.batch: is for objects, and `schedule` for ticks; correct the settings in the schedule's Input"
        ],
    );
    check(
        &[("/trigger/concurrency", json!(3))],
        &expect![
            "trigger.concurrency: says how many ticks run at once, as `schedule.overlap` does; with `allow` it counts; correct the settings in the schedule's Input"
        ],
    );
}

#[test]
fn settings_are_corrected_where_they_stand() {
    let rule = "arn:aws:events:eu-west-1:111122223333:rule/hourly";
    let shards = ("/trigger/schedule/shards", json!(0));
    check(
        &[shards.clone(), ("/source", json!(rule))],
        &expect![
            "trigger.schedule.shards: is not 1 to 64; correct the settings in the rule's input template"
        ],
    );
    check(
        &[shards],
        &expect![
            "trigger.schedule.shards: is not 1 to 64; correct the settings in the schedule's Input"
        ],
    );
}

#[test]
fn an_object_starts_nothing_under_the_settings_of_a_schedule() {
    let settings = json!({"expression": "rate(1 hour)"});
    expect!["trigger.schedule: is set, and the event is no tick; take the setting out, or let a schedule send the event"].assert_eq(&refusal(&with("/trigger/schedule", settings)));
}

#[test]
fn ticks_that_may_overlap_may_be_limited_by_number() {
    let schedule = json!({"expression": "rate(1 hour)", "overlap": "allow"});
    let changes = [("/trigger/schedule", schedule), ("/trigger/concurrency", json!(3))];
    assert_eq!(parse(&bent(&changes)).unwrap().trigger.limit(), Some(3));
    let limits = ["skip", "queue", "replace", "allow"].map(|overlap| {
        let envelope = bent(&[("/trigger/schedule/overlap", json!(overlap))]);
        parse(&envelope).unwrap().trigger.limit()
    });
    assert_eq!(limits, [Some(1), Some(1), Some(1), None]);
    assert_eq!(parse(&tick()).unwrap().trigger.limit(), Some(1), "no job overlaps by accident");
}
