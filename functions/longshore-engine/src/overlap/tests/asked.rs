//! Ticks that somebody asks for beside those of the schedule.

use super::*;

/// The body of a tick that a person's command sends.
fn asked(time: &str, settings: &Value) -> String {
    let mut envelope: Value = serde_json::from_str(&tick(time, settings)).unwrap();
    envelope["event"]["detail"] = json!({"asked": true});
    envelope.to_string()
}

#[test]
fn a_tick_that_is_asked_for_waits_for_the_one_at_work_however_late_it_is() {
    for word in ["skip", "queue", "replace"] {
        let settings = json!({"overlap": word, "startWithin": "5m"});
        let (cloud, first) = at_work(&settings);
        cloud.deliver(&asked("00:01:00", &settings)).unwrap();
        cloud.minutes(10);
        let is_asked = |run: &Run| run.input.tick().unwrap().asked;
        let second = cloud.ledger.runs().into_iter().find(is_asked).unwrap();
        assert_eq!((second.state, &second.waits), (State::Admitted, &Some(Wait::Slot)), "{word}");
        assert_eq!(cloud.known(&first).stopping, None, "{word}: nothing is stopped for it");
        ends(&cloud, &first);
        assert_eq!(cloud.known(&second.id).state, State::Launched, "{word}");
    }
}

#[test]
fn a_tick_of_the_schedule_ends_none_that_waits_and_was_asked_for() {
    let settings = overlap("replace");
    let (cloud, first) = at_work(&settings);
    cloud.deliver(&asked("00:01:00", &settings)).unwrap();
    let third = next(&cloud, "01:00:00", &settings);
    cloud.minutes(2);
    let second = cloud.ledger.runs().into_iter().find(|run| ![&first, &third].contains(&&run.id));
    assert_eq!(second.unwrap().state, State::Admitted);
}

#[test]
fn a_tick_that_waits_is_not_missed_once_somebody_asks_for_it() {
    let settings = json!({"overlap": "queue", "startWithin": "5m"});
    let (cloud, first) = at_work(&settings);
    let second = next(&cloud, "01:00:00", &settings);
    assert_eq!(next(&cloud, "01:00:00", &settings), second);
    cloud.deliver(&asked("01:00:00", &settings)).unwrap();
    cloud.minutes(10);
    assert_eq!(cloud.known(&second).state, State::Admitted);
    ends(&cloud, &first);
    assert_eq!(cloud.known(&second).state, State::Launched);
}
