//! Ticks that start nothing, and ticks that replace others.

use super::*;
use crate::{
    run::Counted,
    trigger::{plan, samples as envelopes},
};

/// The run of the sample's tick, admitted when it was due.
fn tick() -> Run {
    let envelope = envelopes::parse(&envelopes::tick()).unwrap();
    let plan = plan(&envelope.trigger, &envelope.event);
    admit(&envelope.trigger, &plan, due_at(), "w1".into()).run
}

fn due_at() -> Timestamp {
    "2026-11-23T07:00:00Z".parse().unwrap()
}

fn other() -> RunId {
    RunId::derive("stack-hourly", "another tick")
}

fn taken(run: &Run, step: Step, secs: i64) -> Result<Change, Refused> {
    transition(run, step, later(due_at(), secs), "w2".into())
}

fn claimed() -> Run {
    let trigger = envelopes::parse(&envelopes::tick()).unwrap().trigger;
    let step = Step::Claim { trigger: Box::new(trigger), slot: Some(0) };
    taken(&tick(), step, 1).unwrap().run
}

#[test]
fn a_tick_waits_for_the_one_slot() {
    let run = tick();
    assert_eq!((run.waits, run.latest, run.due), (Some(Wait::Slot), false, None));
    assert_eq!(claimed().slot, Some(0));
}

#[test]
fn a_tick_is_skipped_while_another_is_at_work() {
    let change = taken(&tick(), Step::Skip { by: other() }, 1).unwrap();
    let outcome = change.run.outcome.clone().unwrap();
    assert_eq!((change.run.state, outcome.class), (State::Superseded, Class::Skipped));
    assert!(outcome.reason.starts_with("skipped: run "), "{}", outcome.reason);
    let is_counted =
        |also: &Also| matches!(also, Also::Count { what: Counted::Ended(Class::Skipped), .. });
    assert!(change.also.iter().any(is_counted));
}

#[test]
fn a_tick_that_somebody_asked_for_is_neither_skipped_nor_missed() {
    let mut envelope = envelopes::tick();
    envelope["event"]["detail"] = serde_json::json!({"asked": true});
    let envelope = envelopes::parse(&envelope).unwrap();
    let plan = plan(&envelope.trigger, &envelope.event);
    let run = admit(&envelope.trigger, &plan, due_at(), "w1".into()).run;
    for step in [Step::Skip { by: other() }, Step::Miss { within: Seconds::new(300) }] {
        assert_eq!(taken(&run, step, 10_000).unwrap_err(), Refused::Stale);
    }
}

#[test]
fn a_tick_that_somebody_asks_for_while_it_waits_is_neither_skipped_nor_missed() {
    let run = taken(&tick(), Step::Ask, 1).unwrap().run;
    for step in [Step::Skip { by: other() }, Step::Miss { within: Seconds::new(300) }, Step::Ask] {
        assert_eq!(taken(&run, step, 10_000).unwrap_err(), Refused::Stale);
    }
    assert_eq!((run.state, run.since, run.waits), (State::Admitted, tick().since, tick().waits));
}

#[test]
fn a_tick_is_missed_when_its_time_is_over_and_not_before() {
    let step = || Step::Miss { within: Seconds::new(300) };
    assert_eq!(taken(&tick(), step(), 299).unwrap_err(), Refused::Stale);
    let run = taken(&tick(), step(), 300).unwrap().run;
    let outcome = run.outcome.unwrap();
    assert_eq!((run.state, outcome.class), (State::Superseded, Class::Missed));
    assert_eq!(outcome.reason, "missed: it would start 300 s late, of at most 300 s");
}

#[test]
fn what_was_begun_or_redriven_is_neither_skipped_nor_missed() {
    let cancel = Step::Stop { why: Stopping::Cancel { by: "ann".into() } };
    let cancelled = taken(&tick(), cancel, 1).unwrap();
    let told = cancelled.also.iter().find_map(|also| match also {
        Also::Outbox(message) => Some(message.clone()),
        _ => None,
    });
    let told = taken(&cancelled.run, Step::Sent { message: told.unwrap() }, 2).unwrap().run;
    let redriven = taken(&told, Step::Redrive { attempt: 1 }, 3).unwrap().run;
    for run in [claimed(), redriven, admitted()] {
        for step in [Step::Skip { by: other() }, Step::Miss { within: Seconds::new(1) }] {
            assert_eq!(taken(&run, step, 600).unwrap_err(), Refused::Stale, "{:?}", run.state);
        }
    }
}

#[test]
fn a_replaced_tick_gets_no_other_attempt() {
    let replace = || Step::Stop { why: Stopping::Replace { by: other() } };
    let waiting = taken(&tick(), replace(), 1).unwrap().run;
    assert_eq!(waiting.outcome.unwrap().class, Class::Superseded, "it ends at once without a task");

    let run = claimed();
    let id = run.launch_id();
    let step = Step::Launched { id: id.clone(), task: TASK.into() };
    let run = taken(&run, step, 2).unwrap().run;
    let stopping = taken(&run, replace(), 3).unwrap().run;
    assert_eq!(stopping.due, Some(later(due_at(), 3)), "the sweep stops it, whatever happens");
    assert_eq!(taken(&stopping, replace(), 4).unwrap_err(), Refused::Duplicate);
    let cancel = Step::Stop { why: Stopping::Cancel { by: "ann".into() } };
    assert_eq!(taken(&stopping, cancel, 4).unwrap_err(), Refused::Duplicate);

    let settle = |outcome| Step::Settle {
        id: id.clone(),
        task: TASK.into(),
        version: 9,
        outcome,
        memory: None,
        jitter: 0,
    };
    let killed = Outcome::new(Class::Work, "container `worker` exited with code 137");
    let killed = Outcome { stop_code: Some("UserInitiated".into()), ..killed };
    let ended = taken(&stopping, settle(killed), 5).unwrap();
    let outcome = ended.run.outcome.unwrap();
    assert_eq!((ended.run.state, outcome.class), (State::Superseded, Class::Superseded));
    assert!(outcome.reason.starts_with("replaced by run "), "{}", outcome.reason);
    assert!(ended.also.iter().any(|also| matches!(also, Also::FreeSlot(_))));
    let done = Outcome::new(Class::Succeeded, "container `worker` exited with code 0");
    let done = taken(&stopping, settle(done), 5).unwrap().run;
    assert_eq!(done.state, State::Succeeded, "what was done when it was stopped is done");
}
