//! What keeps a run from being launched: slots, older versions, permits, a paused trigger.

use super::*;
use crate::run::{ObjectHold, Slot};

fn slot(number: u32) -> Slot {
    Slot { trigger: "stack-uploads".into(), number, run: admitted().id }
}

fn hold() -> ObjectHold {
    let run = admitted();
    let object = run.input.object().unwrap().object();
    ObjectHold { trigger: run.trigger, object, run: run.id }
}

#[test]
fn a_run_of_a_limited_trigger_begins_in_the_queue() {
    let run = queued();
    assert_eq!((run.waits.as_ref(), run.due, run.slot), (Some(&Wait::Slot), None, None));
    assert!(run.is_queued(), "other runs of its trigger start it, not the sweep's clock");
    assert_eq!(refusal(&run, claim_of(hasty(), None), 0), Refused::NeedsSlot);
}

#[test]
fn a_slot_is_kept_from_the_first_launch_to_the_end() {
    let claimed = take(&queued(), claim_of(hasty(), Some(1)), 0);
    assert!(claimed.also.contains(&Also::TakeSlot(slot(1))), "{:?}", claimed.also);
    let failed = take(&claimed.run, settled(&claimed.run, TASK, Class::Work), 1);
    assert_eq!((failed.run.state, failed.run.slot), (State::Backoff, Some(1)));
    assert_eq!(failed.also, [], "nothing is freed while another attempt follows");
    let second = take(&failed.run, claim_of(hasty(), Some(0)), 9);
    assert_eq!(second.run.slot, Some(1));
    assert!(!second.also.contains(&Also::TakeSlot(slot(0))), "it has one");
    let over = take(&second.run, settled(&second.run, TASK, Class::Rejected), 10);
    assert!(over.also.contains(&Also::FreeSlot(slot(1))), "{:?}", over.also);
    assert_eq!(over.run.slot, None);
}

#[test]
fn a_paused_run_leaves_its_slot_to_the_older_ones() {
    let claimed = after(&queued(), claim_of(hasty(), Some(1)), 0);
    let failed = after(&claimed, settled(&claimed, TASK, Class::Work), 1);
    for wait in [Wait::Permit, Wait::Older(other_run())] {
        assert_eq!(after(&failed, wait_for(wait), 1).slot, Some(1));
    }
    let paused = take(&failed, wait_for(Wait::Paused), 1);
    assert_eq!((paused.run.slot, &paused.also[..]), (None, &[Also::FreeSlot(slot(1))][..]));
    assert_eq!(refusal(&paused.run, claim_of(hasty(), None), 9), Refused::NeedsSlot);
    let resumed = take(&paused.run, claim_of(hasty(), Some(0)), 9);
    assert!(resumed.also.contains(&Also::TakeSlot(slot(0))), "{:?}", resumed.also);
}

#[test]
fn a_run_that_has_a_slot_waits_for_none() {
    let claimed = after(&queued(), claim_of(hasty(), Some(1)), 0);
    let refused = after(&claimed, refused(&claimed, RefusalKind::Capacity), 1);
    assert_eq!((refused.state, refused.slot), (State::Backoff, Some(1)));
    assert_eq!(refusal(&refused, wait_for(Wait::Slot), 2), Refused::Stale, "it keeps its `due`");
}

#[test]
fn a_lost_launch_is_asked_for_again_under_a_limit_that_came_later() {
    let again = take(&launching(), claim_of(hasty(), None), LEASE_SECS);
    assert_eq!((again.run.state, again.run.launch), (State::Launching, 1));
    let anew = take(&launching(), claim_of(hasty(), None), TOKEN_REUSE_SECS);
    assert_eq!((anew.run.launch, anew.run.slot), (2, None), "nor is it kept from a new token");
    let refused = after(&again.run, refused(&again.run, RefusalKind::Capacity), LEASE_SECS);
    let later = refusal(&refused, claim_of(hasty(), None), 2 * LEASE_SECS);
    assert_eq!(later, Refused::NeedsSlot, "a run that is known to have no task keeps the limit");
}

#[test]
fn an_object_is_held_from_the_first_launch_to_the_end() {
    let claimed = take(&admitted(), claim(), 0);
    assert!(claimed.also.contains(&Also::HoldObject(hold())), "{:?}", claimed.also);
    let failed = take(&claimed.run, settled(&claimed.run, TASK, Class::Work), 1);
    assert!(failed.run.holds && failed.also.is_empty());
    let second = take(&failed.run, claim(), 9);
    let asks = second.also.contains(&Also::HoldObject(hold()));
    assert!(asks, "each launch asks whether a newer version is there");
    let over = take(&second.run, settled(&second.run, TASK, Class::Succeeded), 10);
    assert!(over.also.contains(&Also::FreeObject(hold())) && !over.run.holds);
}

#[test]
fn a_run_of_every_version_holds_no_object_and_is_not_overtaken() {
    let every = Run { latest: false, ..admitted() };
    let claimed = take(&every, claim(), 0);
    assert!(!claimed.run.holds && !claimed.also.contains(&Also::HoldObject(hold())));
    assert_eq!(refusal(&every, overtaken_by_another(), 0), Refused::Stale);
}

#[test]
fn a_wait_says_when_to_ask_again() {
    let due = |wait| after(&admitted(), wait_for(wait), 5).due;
    assert_eq!(due(Wait::Slot), None, "a run that ends, or the sweep of the trigger, starts it");
    assert_eq!(due(Wait::Paused), None, "the resumption starts it");
    assert_eq!(due(Wait::Older(other_run())), Some(at(65)));
    assert_eq!(due(Wait::Permit), Some(at(6)), "the next second has permits of its own");
}

#[test]
fn a_known_wait_is_written_again_only_when_it_is_due() {
    for wait in [Wait::Older(other_run()), Wait::Permit] {
        let waiting = after(&admitted(), wait_for(wait.clone()), 5);
        assert_eq!(refusal(&waiting, wait_for(wait.clone()), 5), Refused::Duplicate);
        let again = after(&waiting, wait_for(wait), 100);
        assert!(again.due > waiting.due, "it leaves the index of the due");
        assert_eq!((again.history.len(), again.since), (waiting.history.len(), waiting.since));
    }
    for wait in [Wait::Slot, Wait::Paused] {
        let waiting = after(&admitted(), wait_for(wait.clone()), 5);
        assert_eq!(refusal(&waiting, wait_for(wait), 1_000), Refused::Duplicate);
    }
}

#[test]
fn whoever_is_let_in_need_not_wait_for_the_time_to_ask() {
    let waiting = after(&admitted(), wait_for(Wait::Older(other_run())), 5);
    let claimed = after(&waiting, claim(), 6);
    assert_eq!((claimed.state, claimed.waits), (State::Launching, None));
}

#[test]
fn a_newer_version_ends_a_run_that_has_no_task() {
    let waiting = after(&queued(), wait_for(Wait::Older(other_run())), 0);
    let backoff = after(&working(), settled(&working(), TASK, Class::Work), 0);
    for run in [admitted(), queued(), waiting, backoff] {
        let over = take(&run, overtaken_by_another(), 1);
        assert_eq!(over.run.state, State::Superseded);
        assert_eq!(owed(&over), [Addressee::Bus]);
        assert!(!over.run.holds, "the newer one can be launched");
    }
}

#[test]
fn a_newer_version_waits_for_a_run_that_has_a_task_or_may_have_one() {
    for run in [launching(), launched(), running(), working()] {
        assert_eq!(refusal(&run, overtaken_by_another(), TOKEN_REUSE_SECS - 1), Refused::Stale);
    }
    let unanswered = after(&launching(), overtaken_by_another(), TOKEN_REUSE_SECS);
    assert_eq!(unanswered.state, State::Superseded, "its task would never get the fence");
    assert_eq!(refusal(&unanswered, fenced(&unanswered, TASK), 3_301), Refused::Ended);
}

#[test]
fn the_waits_of_people_and_machines_are_said_in_words() {
    let note = |wait| after(&admitted(), wait_for(wait), 5).history.pop().unwrap().note;
    assert_eq!(note(Wait::Slot), "waits for a slot of its trigger");
    assert_eq!(note(Wait::Paused), "waits until its trigger is resumed");
    assert_eq!(note(Wait::Permit), "waits for a launch permit");
    let older = format!("waits for run {}, about an older version", other_run());
    assert_eq!(note(Wait::Older(other_run())), older);
}
