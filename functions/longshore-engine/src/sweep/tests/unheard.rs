//! Ticks that a schedule did not send.

use longshore::run::{Class, Run, RunId, State};
use serde_json::{Value, json};

use crate::{
    Handled,
    fakes::{Cloud, at_every_call, ready, tick, together, ways},
    ports::Clock,
};

const HOUR: i64 = 3_600;

/// The time of a tick that came, and then so many hours without an event.
fn silent_for(hours: i64, schedule: &Value) -> Cloud {
    let cloud = Cloud::new();
    let Handled::Launched(first) = cloud.deliver(&tick("00:00:00", schedule)).unwrap() else {
        panic!("it is not launched");
    };
    let task = cloud.known(&first).task_arn.unwrap();
    cloud.observe(&cloud.exit_of(&task, 0)).unwrap();
    cloud.world.pass(hours * HOUR + 600);
    cloud
}

/// The hours of the ticks and how each one stands, in their order.
fn ticks(cloud: &Cloud) -> Vec<(String, String)> {
    let stands = |run: &Run| match &run.outcome {
        Some(outcome) => outcome.class.word(),
        None => run.state.word(),
    };
    let tick = |run: &Run| {
        let at = run.input.tick().unwrap().scheduled_at.to_string();
        (at[11..13].to_owned(), stands(run).to_owned())
    };
    let mut ticks: Vec<_> = cloud.ledger.runs().iter().map(tick).collect();
    ticks.sort();
    ticks
}

fn words(ticks: &[(String, String)]) -> Vec<&str> {
    ticks.iter().map(|(_, stands)| stands.as_str()).collect()
}

fn run_at(cloud: &Cloud, hour: &str) -> RunId {
    let is_it = |run: &Run| run.input.tick().unwrap().scheduled_at.to_string()[11..13] == *hour;
    cloud.ledger.runs().into_iter().find(is_it).unwrap().id
}

#[test]
fn a_tick_of_which_no_event_came_is_recorded() {
    let cloud = silent_for(2, &json!({}));
    cloud.sweep().unwrap();
    assert_eq!(words(&ticks(&cloud)), ["succeeded", "unheard", "unheard"]);
    assert_eq!(cloud.ecs.tasks().len(), 1, "and not run");
    let reason = cloud.known(&run_at(&cloud, "01")).outcome.unwrap().reason;
    assert_eq!(reason, "missed: its schedule sent no event of it");
    cloud.sweep().unwrap();
    assert_eq!(ticks(&cloud).len(), 3, "once");
}

#[test]
fn as_many_as_the_trigger_says_are_caught_up_with_the_newest_first() {
    for (catch_up, expected) in [
        (0, ["succeeded", "unheard", "unheard", "unheard"]),
        (1, ["succeeded", "unheard", "unheard", "launched"]),
        (2, ["succeeded", "unheard", "launched", "launched"]),
        (9, ["succeeded", "launched", "launched", "launched"]),
    ] {
        let cloud = silent_for(3, &json!({"catchUp": catch_up, "overlap": "allow"}));
        cloud.sweep().unwrap();
        assert_eq!(words(&ticks(&cloud)), expected, "catchUp: {catch_up}");
    }
}

#[test]
fn a_tick_that_is_late_beyond_its_start_is_missed_and_not_caught_up_with() {
    let schedule = json!({"catchUp": 9, "overlap": "allow", "startWithin": "30m"});
    let cloud = silent_for(2, &schedule);
    cloud.sweep().unwrap();
    assert_eq!(words(&ticks(&cloud)), ["succeeded", "missed", "launched"]);
}

#[test]
fn an_event_that_comes_after_all_counts() {
    for (start_within, expected) in [(None, State::Launched), (Some("1h"), State::Superseded)] {
        let mut schedule = json!({"overlap": "allow"});
        if let Some(within) = start_within {
            schedule["startWithin"] = json!(within);
        }
        let cloud = silent_for(1, &schedule);
        cloud.sweep().unwrap();
        let run = run_at(&cloud, "01");
        assert_eq!(cloud.known(&run).outcome.unwrap().class, Class::Unheard);
        cloud.world.pass(HOUR);
        cloud.deliver(&tick("01:00:00", &schedule)).unwrap();
        assert_eq!(cloud.known(&run).state, expected, "{start_within:?}");
        cloud.deliver(&tick("01:00:00", &schedule)).unwrap();
        assert_eq!(cloud.ledger.runs().iter().filter(|it| it.id == run).count(), 1);
    }
}

#[test]
fn ticks_whose_events_come_after_all_are_skipped_and_missed_as_others_are() {
    for (schedule, expected) in [
        (json!({"overlap": "skip"}), ["succeeded", "launched", "skipped"]),
        (json!({"overlap": "queue", "startWithin": "100m"}), ["succeeded", "missed", "launched"]),
    ] {
        let cloud = silent_for(2, &schedule);
        cloud.sweep().unwrap();
        assert_eq!(words(&ticks(&cloud)), ["succeeded", "unheard", "unheard"]);
        // The first waits a minute for its turn, if it can.
        cloud.ledger.pause("hourly", Some(cloud.world.now()));
        cloud.restart();
        cloud.world.pass(28 * 60);
        cloud.deliver(&tick("01:00:00", &schedule)).unwrap();
        if expected[1] == "missed" {
            cloud.world.pass(10 * 60);
        }
        cloud.ledger.pause("hourly", None);
        cloud.minutes(2);
        cloud.deliver(&tick("02:00:00", &schedule)).unwrap();
        assert_eq!(words(&ticks(&cloud)), expected, "{schedule}");
    }
}

#[test]
fn every_tick_of_a_long_gap_is_recorded_and_the_newest_is_run() {
    let schedule = json!({"expression": "cron(* * * * ? *)", "overlap": "allow", "catchUp": 1});
    let cloud = silent_for(4, &schedule);
    cloud.deliver(&tick("04:00:00", &schedule)).unwrap();
    // Whoever has just read the trigger knows less, and goes on later.
    cloud.sweep().unwrap();
    assert_eq!(cloud.ledger.runs().len(), 12);
    cloud.restart();
    cloud.sweep().unwrap();
    let runs = cloud.ledger.runs();
    assert_eq!(runs.len(), 241, "one for each minute of four hours, and the first");
    let caught_up = runs.iter().filter(|run| run.input.tick().unwrap().unheard);
    let caught_up: Vec<_> = caught_up.filter(|run| run.state != State::Superseded).collect();
    let [newest] = caught_up.as_slice() else { panic!("{} run", caught_up.len()) };
    assert!(newest.input.tick().unwrap().scheduled_at.to_string().contains("03:59"));
}

#[test]
fn a_tick_that_started_nothing_is_run_when_somebody_asks() {
    let schedule = json!({});
    let cloud = silent_for(1, &schedule);
    cloud.sweep().unwrap();
    let run = run_at(&cloud, "01");
    let mut asked: Value = serde_json::from_str(&tick("01:00:00", &schedule)).unwrap();
    asked["event"]["detail"] = json!({"asked": true});
    cloud.deliver(&asked.to_string()).unwrap();
    assert_eq!(cloud.known(&run).state, State::Launched);
    let heard = cloud.ledger.trigger("hourly").ticked_at.unwrap().to_string();
    assert_eq!(&heard[11..13], "00", "the schedule has sent nothing");
}

#[test]
fn ticks_that_somebody_asks_for_wait_for_each_other() {
    let cloud = silent_for(0, &json!({}));
    for minute in ["01", "02", "03"] {
        let mut asked: Value =
            serde_json::from_str(&tick(&format!("00:{minute}:00"), &json!({}))).unwrap();
        asked["event"]["detail"] = json!({"asked": true});
        cloud.deliver(&asked.to_string()).unwrap();
    }
    let runs = cloud.ledger.runs();
    let count = |state: State| runs.iter().filter(|run| run.state == state).count();
    assert_eq!((count(State::Launched), count(State::Admitted)), (1, 2));
}

#[test]
fn a_death_at_any_call_loses_no_tick_and_runs_none_too_many() {
    at_every_call(
        || (silent_for(4, &json!({"catchUp": 2, "overlap": "allow"})), ()),
        |cloud, ()| cloud.sweep(),
        |cloud, (), _, at| {
            cloud.minutes(4);
            let expected = ["succeeded", "unheard", "unheard", "launched", "launched"];
            assert_eq!(words(&ticks(cloud)), expected, "{at}");
            assert_eq!(cloud.ecs.tasks().len(), 3, "{at}");
        },
    );
}

#[test]
fn two_sweeps_at_once_agree() {
    for way in ways().step_by(5) {
        let cloud = silent_for(3, &json!({"catchUp": 1, "overlap": "allow"}));
        let (a, b) = (cloud.fresh(), cloud.fresh());
        let all = 0..=u8::MAX;
        let swept = together(cloud.sweeping(&a, all.clone(), 60), cloud.sweeping(&b, all, 60), way);
        assert!(swept.0.is_ok() && swept.1.is_ok());
        let expected = ["succeeded", "unheard", "unheard", "launched"];
        assert_eq!(words(&ticks(&cloud)), expected, "{way:?}");
    }
}

#[test]
fn an_event_that_comes_while_it_is_looked_for_makes_one_run() {
    for way in ways().step_by(5) {
        let schedule = json!({"overlap": "allow"});
        let cloud = silent_for(1, &schedule);
        let (a, b) = (cloud.fresh(), cloud.fresh());
        let now = crate::ports::Clock::now(&*cloud.world);
        let body = tick("01:00:00", &schedule);
        let (swept, handled) =
            together(cloud.sweeping(&a, 0..=u8::MAX, 60), cloud.delivery(&b, &body, now), way);
        assert!(swept.is_ok());
        if handled.is_err() {
            cloud.world.pass(60);
            ready(cloud.delivery(&b, &body, now)).unwrap();
        }
        assert_eq!(words(&ticks(&cloud)), ["succeeded", "launched"], "{way:?}");
    }
}
