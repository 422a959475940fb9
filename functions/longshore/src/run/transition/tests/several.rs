//! Runs of several objects: claimed, tried again in part, split.

use super::*;
use crate::run::{Addressee, Page, Places, samples::forming};
use crate::trigger::{Batch, Input, ObjectEvent, ObjectVersion, Objects, gather};

/// Attempts of the trigger.
const LAST: u32 = 3;

/// A run of `count` objects whose task works.
fn at_work(count: usize, attempt: u32) -> Run {
    let all = forming(count);
    let mut run =
        after(&all, Step::Formed { attempt: 1, won: Places::first(count), only: None }, 1);
    for nth in 1..=attempt {
        let due = run.due.unwrap().duration_since(at(0)).as_secs();
        run = after(&run, claim_of(hasty(), Some(0)), due);
        run = after(&run, fenced(&run, TASK), due);
        if nth < attempt {
            run = after(&run, settled(&run, TASK, Class::Work), due);
        }
    }
    run
}

fn left(run: &Run) -> String {
    run.input.objects().map(|objects| objects.left.to_string()).unwrap_or_default()
}

/// The change by which the run's task ends, having said that the objects at `failed` failed.
fn ends(run: &Run, class: Class, failed: &str) -> Change {
    let failed = failed.parse().unwrap();
    let result = WorkResult { failed, ..WorkResult::new(WorkStatus::Failed, "some are bad") };
    let run = Run { result: Some(result), ..run.clone() };
    transition(&run, settled(&run, TASK, class), at(50), "w".into()).unwrap()
}

fn parts(change: &Change) -> Vec<&Run> {
    let also = change.also.iter();
    also.filter_map(|also| if let Also::Part(part) = also { Some(&**part) } else { None }).collect()
}

fn pages(change: &Change) -> Vec<&Page> {
    let also = change.also.iter();
    also.filter_map(|also| if let Also::Page(page) = also { Some(page) } else { None }).collect()
}

#[test]
fn a_list_is_kept_in_pages_that_are_small_enough() {
    let (trigger, object) = samples::parsed(&samples::envelope());
    let batch = Some(Batch { objects: 1_000, bytes: None });
    let long = "k".repeat(1_000);
    let event = |nth| ObjectEvent { key: format!("{long}{nth:03}"), ..object.clone() };
    let events: Vec<_> = (0..1_000).map(event).collect();
    let trigger = Trigger { batch, ..trigger };
    let gathering = gather(&trigger, &events.iter().collect::<Vec<_>>()).remove(0);
    let change = form(&trigger, &gathering, at(0), "w".into());
    let pages = pages(&change);
    assert_eq!(pages.len(), change.also.len());
    assert!(pages.iter().all(|page| serde_json::to_string(page).unwrap().len() < 70_000));
    assert!((0..).zip(&pages).all(|(nth, page)| page.number == nth && page.list == change.run.id));
    let listed: Vec<_> = pages.iter().flat_map(|page| page.objects.clone()).collect();
    assert_eq!(listed, gathering.list);
    // A transaction takes 100 items and 4 MB (DynamoDB API reference).
    assert!(pages.len() < 90, "{}", pages.len());
    let bytes: usize = pages.iter().map(|page| serde_json::to_string(page).unwrap().len()).sum();
    assert!(bytes < 3_500_000, "{bytes}");
}

#[test]
fn a_forming_run_is_looked_at_when_nobody_claims_its_objects() {
    let run = forming(3);
    assert_eq!((run.state, run.due, run.latest), (State::Forming, Some(at(60)), true));
    assert_eq!(refusal(&run, claim(), 100), Refused::Duplicate);
    let waits = after(&run, wait_for(Wait::Older(other_run())), 10);
    assert_eq!((waits.state, waits.due), (State::Forming, Some(at(70))));
    assert_eq!(refusal(&run, wait_for(Wait::Slot), 10), Refused::Stale);
    let formed = after(&waits, Step::Formed { attempt: 1, won: Places::first(3), only: None }, 20);
    assert_eq!((formed.state, formed.due, &formed.waits), (State::Admitted, Some(at(20)), &None));
    let again = Step::Formed { attempt: 1, won: Places::first(2), only: None };
    assert_eq!(refusal(&formed, again, 21), Refused::Stale, "whoever is first has decided");
}

#[test]
fn a_run_goes_on_with_what_it_got() {
    let run = forming(5);
    let some = Step::Formed { attempt: 1, won: "1,3".parse().unwrap(), only: None };
    assert_eq!(left(&after(&run, some, 1)), "1,3");

    let object = admitted().input.object().cloned().unwrap();
    let only = Some(ObjectVersion { sequencer: None, ..object.clone() });
    let one = after(&run, Step::Formed { attempt: 1, won: "2".parse().unwrap(), only }, 1);
    assert!(one.input.object().is_some() && !one.latest, "nothing says which version is newer");
    let one =
        after(&run, Step::Formed { attempt: 1, won: "2".parse().unwrap(), only: Some(object) }, 1);
    assert!(one.latest);

    let nothing = Step::Formed { attempt: 1, won: Places::default(), only: None };
    let over = after(&run, nothing, 1);
    assert_eq!(over.state, State::Superseded);
    assert_eq!(over.outcome.unwrap().reason, "other runs have its 5 objects, or newer versions");
}

#[test]
fn several_objects_hold_nothing_that_one_would() {
    let change = transition(
        &at_work(3, 1),
        settled(&at_work(3, 1), TASK, Class::Succeeded),
        at(9),
        "w".into(),
    );
    assert!(!change.unwrap().also.iter().any(|also| matches!(also, Also::FreeObject(_))));
    let formed =
        after(&forming(3), Step::Formed { attempt: 1, won: Places::first(3), only: None }, 1);
    let claimed = transition(&formed, claim_of(hasty(), Some(0)), at(1), "w".into()).unwrap();
    assert!(!claimed.also.iter().any(|also| matches!(also, Also::HoldObject(_))));
    let by = other_run();
    assert_eq!(refusal(&formed, Step::Overtaken { by }, 2), Refused::Stale);
}

#[test]
fn only_what_failed_is_tried_again() {
    let first = at_work(6, 1);
    let change = ends(&first, Class::Work, "2-3");
    assert_eq!((change.run.state, left(&change.run)), (State::Backoff, "2-3".into()));
    let unknown = ends(&first, Class::Work, "2,9");
    assert_eq!(left(&unknown.run), "0-5", "whoever names what it never had is not believed");
    let lost = ends(&first, Class::Spot, "4");
    assert_eq!((lost.run.state, left(&lost.run)), (State::Backoff, "4".into()));
}

#[test]
fn a_failure_is_of_the_objects_that_the_work_names() {
    let change = ends(&at_work(6, LAST), Class::Work, "1");
    assert_eq!((change.run.state, left(&change.run)), (State::Failed, "1".into()));
    assert!(parts(&change).is_empty(), "it is known which one is bad");
    let rejected = ends(&at_work(6, 1), Class::Rejected, "1,4");
    assert_eq!((rejected.run.state, left(&rejected.run)), (State::Failed, "1,4".into()));
}

#[test]
fn a_failure_that_names_no_object_splits_the_run() {
    let run = at_work(5, LAST);
    for class in [Class::Work, Class::Rejected, Class::OutOfMemory] {
        let change = ends(&run, class, "");
        assert_eq!(change.run.state, State::Superseded, "{class:?}");
        let parts = parts(&change);
        assert_eq!(parts.iter().map(|part| left(part)).collect::<Vec<_>>(), ["0-2", "3-4"]);
        let list = run.input.objects().unwrap().list.clone();
        for part in &parts {
            assert_eq!((part.state, part.ver, part.due), (State::Forming, 1, Some(at(50))));
            assert_eq!(part.parent.as_ref(), Some(&run.id));
            assert_eq!(part.input.objects().unwrap().list, list, "the list is written once");
            assert_eq!(part.spent.work, LAST - 1, "one attempt is left");
            assert_eq!((part.latest, part.admitted_at), (run.latest, run.admitted_at));
            let reason = &change.run.outcome.as_ref().unwrap().reason;
            assert!(reason.contains(part.id.as_str()), "{reason}");
        }
        assert!(parts[0].id != parts[1].id);
        assert!(
            !change.also.iter().any(
                |also| matches!(also, Also::Outbox(message) if message.to == Addressee::Failed)
            )
        );
    }
}

#[test]
fn what_is_not_the_works_fault_splits_nothing() {
    for class in [Class::Start, Class::Launch, Class::Infrastructure, Class::Unknown] {
        let mut run = at_work(4, LAST);
        run.spent = Spent { start: 4, losses: 19, unknown: 4, ..run.spent };
        let change = ends(&run, class, "");
        assert_eq!((change.run.state, parts(&change).len()), (State::Failed, 0), "{class:?}");
    }
    let cancelled = after(&at_work(4, LAST), cancelled(), 40);
    assert!(parts(&ends(&cancelled, Class::Work, "")).is_empty());
    let alone = Run {
        input: Input::Objects(Objects {
            left: "3".parse().unwrap(),
            ..at_work(4, LAST).input.objects().unwrap().clone()
        }),
        ..at_work(4, LAST)
    };
    assert_eq!(ends(&alone, Class::Work, "").run.state, State::Failed, "it is the bad one");
}

#[test]
fn a_redriven_run_claims_its_objects_again() {
    let failed = ends(&at_work(6, LAST), Class::Work, "1,4").run;
    let told = Run { due: None, ..failed };
    let again = after(&told, Step::Redrive { attempt: LAST }, 60);
    assert_eq!((again.state, left(&again).as_str()), (State::Forming, "1,4"));
    let claimed_for = |attempt| Step::Formed { attempt, won: "1,4".parse().unwrap(), only: None };
    assert_eq!(refusal(&again, claimed_for(LAST), 61), Refused::Stale, "some may be gone since");
    let formed = after(&again, claimed_for(LAST + 1), 61);
    assert_eq!((formed.state, formed.attempt), (State::Admitted, LAST + 1));
}
