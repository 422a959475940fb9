//! Ticks of several tasks.

use super::*;
use crate::trigger::{TickInput, Trigger, plan, samples as envelopes};

fn trigger(shards: u32) -> Trigger {
    let mut trigger = envelopes::parse(&envelopes::tick()).unwrap().trigger;
    trigger.schedule.as_mut().unwrap().shards = Some(shards);
    trigger
}

/// The run of the sample's tick.
fn tick() -> Run {
    let envelope = envelopes::parse(&envelopes::tick()).unwrap();
    admit(&trigger(3), &plan(&envelope.trigger, &envelope.event), at(0), "w1".into()).run
}

fn begun(shards: u32) -> Change {
    let step = Step::Claim { trigger: Box::new(trigger(shards)), slot: Some(0) };
    transition(&tick(), step, at(1), "w2".into()).unwrap()
}

fn parts(change: &Change) -> Vec<Run> {
    let part = |also: &Also| match also {
        Also::Part(part) => Some((**part).clone()),
        _ => None,
    };
    change.also.iter().filter_map(part).collect()
}

#[test]
fn a_tick_of_several_shards_begins_a_run_for_each() {
    let change = begun(3);
    assert_eq!(
        (change.run.state, change.run.shards, change.run.slot),
        (State::Running, Some(3), Some(0))
    );
    let parts = parts(&change);
    let tick = |run: &Run| *run.input.tick().unwrap();
    let shards: Vec<_> = parts.iter().map(|part| tick(part).shard.unwrap().to_string()).collect();
    assert_eq!(shards, ["shard 0 of 3", "shard 1 of 3", "shard 2 of 3"]);
    let ids: Vec<RunId> = parts.iter().map(|part| part.id.clone()).collect();
    assert_eq!(change.run.shard_ids().collect::<Vec<_>>(), ids);
    for part in &parts {
        let scheduled_at = tick(&change.run).scheduled_at;
        assert_eq!(
            tick(part),
            TickInput { shard: tick(part).shard, ..TickInput::of(scheduled_at) }
        );
        assert_eq!(
            (part.state, part.due, part.slots(&trigger(3))),
            (State::Admitted, Some(at(1)), None)
        );
        assert_eq!(part.parent.as_ref(), Some(&change.run.id));
        assert!(!part.is_unbegun_tick(), "no shard is skipped for another tick");
    }
}

#[test]
fn one_shard_is_one_task() {
    assert_eq!(begun(1).run.state, State::Launching);
    assert!(parts(&begun(1)).is_empty());
}

#[test]
fn a_shard_takes_no_slot_and_knows_which_it_is() {
    let shard = parts(&begun(3)).remove(1);
    let step = Step::Claim { trigger: Box::new(trigger(3)), slot: None };
    let claimed = transition(&shard, step, at(1), "w3".into()).unwrap();
    assert_eq!((claimed.run.state, claimed.run.slot), (State::Launching, None));
    let launch = claimed.also.iter().find_map(|also| match also {
        Also::Launch(launch) => Some(launch),
        _ => None,
    });
    let environment = &launch.unwrap().environment;
    assert_eq!((&*environment["LONGSHORE_SHARD"], &*environment["LONGSHORE_SHARDS"]), ("1", "3"));
}

#[test]
fn the_ends_of_all_are_the_end_of_the_tick() {
    let run = begun(3).run;
    let step = |class: Class| Step::Gather { outcome: Outcome::new(class, "so it went") };
    let done = transition(&run, step(Class::Succeeded), at(9), "w3".into()).unwrap();
    assert_eq!((done.run.state, done.run.slot), (State::Succeeded, None));
    assert!(done.also.iter().any(|also| matches!(also, Also::FreeSlot(_))));
    let failed = transition(&run, step(Class::Work), at(9), "w3".into()).unwrap();
    assert_eq!(failed.run.state, State::Failed);

    let why = Stopping::Cancel { by: "ann".into() };
    let stopping = transition(&run, Step::Stop { why }, at(8), "w3".into()).unwrap().run;
    assert_eq!((stopping.state, stopping.due), (State::Running, Some(at(8))));
    let stopped = transition(&stopping, step(Class::Cancelled), at(9), "w4".into()).unwrap();
    assert_eq!(stopped.run.outcome.unwrap().reason, "cancelled by ann");
    let done = transition(&stopping, step(Class::Succeeded), at(9), "w4".into()).unwrap();
    assert_eq!(done.run.state, State::Succeeded, "what is done is done");
}

#[test]
fn a_tick_that_is_redriven_begins_no_shard_anew() {
    let outcome = Outcome::new(Class::Work, "1 of 3 shards is not done");
    let failed = transition(&begun(3).run, Step::Gather { outcome }, at(9), "w3".into()).unwrap();
    let told = Run { due: None, ..failed.run };
    let again = transition(&told, Step::Redrive { attempt: 1 }, at(10), "w4".into()).unwrap().run;
    let step = Step::Claim { trigger: Box::new(trigger(8)), slot: Some(0) };
    let goes_on = transition(&again, step, at(10), "w5".into()).unwrap();
    assert_eq!((goes_on.run.state, goes_on.run.shards), (State::Running, Some(3)));
    assert!(parts(&goes_on).is_empty());
}

#[test]
fn the_failure_of_a_shard_is_told_by_its_tick() {
    let shard = parts(&begun(3)).remove(0);
    let told = |change: &Change| {
        let to = |also: &Also| match also {
            Also::Outbox(message) => Some(message.to),
            _ => None,
        };
        change.also.iter().filter_map(to).collect::<Vec<_>>()
    };
    let step = Step::Claim { trigger: Box::new(trigger(3)), slot: None };
    let claimed = transition(&shard, step, at(1), "w3".into()).unwrap().run;
    let refusal = LaunchRefusal { reason: "no".into(), kind: RefusalKind::Permanent };
    let step =
        Step::Refuse { id: claimed.launch_id(), claimed_ver: claimed.ver, refusal, jitter: 0 };
    let failed = transition(&claimed, step, at(2), "w4".into()).unwrap();
    assert_eq!((failed.run.state, told(&failed)), (State::Failed, vec![Addressee::Bus]));
}
