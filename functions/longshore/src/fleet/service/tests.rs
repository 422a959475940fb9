use super::*;
use crate::fleet::{
    Stage,
    samples::{at, worker},
};

fn of(revision: &str, mut worker: Worker) -> Worker {
    worker.beat.definition = Some(revision.to_owned());
    worker
}

fn says(stage: Stage, mut worker: Worker) -> Worker {
    worker.beat.stage = stage;
    worker
}

fn deploying(pending: u32) -> Service {
    Service { desired: 4, pending, definition: Some("new".into()) }
}

#[test]
fn old_workers_leave_as_newer_ones_come_in_their_place() {
    let old = |nth: usize| of("old", worker(&format!("old{nth}"), 0, 100));
    let new = |nth: usize| of("new", worker(&format!("new{nth}"), 90, 100));
    for (olds, leaving, news, pending, leave) in [
        (4, 0, 0, 4, 0),
        (4, 0, 0, 0, 1),
        (3, 1, 0, 0, 0),
        (4, 0, 1, 3, 1),
        (3, 1, 1, 3, 0),
        (3, 1, 3, 1, 2),
        (2, 0, 4, 0, 2),
    ] {
        let mut workers: Vec<Worker> = (0..olds).map(old).collect();
        workers.extend((9..9 + leaving).map(|nth| says(Stage::Draining, old(nth))));
        workers.extend((0..news).map(new));
        let crew = Crew::of(&workers, &[], at(100));
        let replaced = deploying(pending).replaced(&crew, &[], at(100));
        assert_eq!(replaced.len(), leave, "{olds} old, {leaving} leave, {news} new");
        assert!(replaced.iter().all(|id| id.starts_with("old")));
    }
    let workers = [of("old", worker("old", 50, 100)), of("new", worker("new", 50, 100))];
    let crew = Crew::of(&workers, &[], at(100));
    assert!(
        deploying(0).replaced(&crew, &[], at(100)).is_empty(),
        "their first minute is not over"
    );
}

fn told(mut worker: Worker) -> Worker {
    worker.drain = Some(at(0));
    worker
}

#[test]
fn a_drained_worker_lowers_the_desired_count_once() {
    let drained = |id, said| says(Stage::Drained, of("new", worker(id, 0, said)));
    let mut staff = Staff { desired: Some(4), ..Staff::default() };
    let mut ecs = deploying(0);
    let mut follow = |workers: &[Worker], now| {
        staff.follow(Some(&ecs), &Crew::of(workers, &[], at(now)), 100, at(now));
        ecs.desired = staff.desired.unwrap();
        staff.desired
    };
    let (a, b) = (|said| told(drained("a", said)), |said| told(drained("b", said)));
    assert_eq!(follow(&[a(100)], 100), Some(3));
    assert_eq!(follow(&[a(105)], 105), Some(3));
    assert_eq!(follow(&[a(105), b(110)], 110), Some(2));
    // It was silent for a while.
    assert_eq!(follow(&[a(180)], 180), Some(2));
    let old = told(says(Stage::Drained, of("old", worker("old", 0, 200))));
    assert_eq!(follow(&[old], 200), Some(2), "ECS replaces it");
    assert_eq!(follow(&[drained("ended", 200)], 200), Some(2), "ECS has ended it");
    let long_gone = told(drained("gone", 184));
    assert_eq!(follow(&[long_gone], 200), Some(2), "it has left, and ECS has replaced it");
    let crew = [told(drained("c", 300))];
    staff.follow(None, &Crew::of(&crew, &[], at(300)), 100, at(300));
    assert_eq!(staff.desired, Some(2), "ECS does not say whether it replaces it");
}

#[test]
fn who_is_there_for_long_is_given_a_place() {
    let mut staff = Staff { desired: Some(1), ..Staff::default() };
    let mut follow = |ids: &[&str], now| {
        let workers: Vec<_> = ids.iter().map(|id| of("new", worker(id, 0, now))).collect();
        staff.follow(Some(&deploying(0)), &Crew::of(&workers, &[], at(now)), 100, at(now));
        staff.desired
    };
    assert_eq!(follow(&["a", "b"], 100), Some(1), "one of them may be lost");
    assert_eq!(follow(&["a"], 105), Some(1));
    assert_eq!(follow(&["a", "b"], 110), Some(1));
    assert_eq!(follow(&["a", "b", "c"], 140), Some(1));
    assert_eq!(follow(&["a", "b", "c"], 141), Some(3));
}

#[test]
fn who_leaves_is_counted_as_long_as_ecs_does_not_replace_it() {
    let draining = |id| says(Stage::Draining, worker(id, 0, 100));
    let staff = Staff { desired: Some(2), ..Staff::default() };
    for (leaves, missing) in [(draining("a"), 1), (told(draining("a")), 0)] {
        let crew = [leaves, worker("b", 0, 100)];
        let crew = Crew::of(&crew, &[], at(100));
        let mut asks = Vec::new();
        staff.meet(&mut asks, None, &crew, at(100), SignedDuration::from_secs(120));
        assert_eq!(Ask::starting_secs(&asks, at(100)).len(), missing);
    }
}

#[test]
fn whoever_begins_was_asked_for_first() {
    let lost = SignedDuration::from_secs(120);
    let ask = |asked, count| Ask { at: at(asked), token: String::new(), count, tasks: None };
    let staff = Staff { desired: Some(5), ..Staff::default() };
    let mut asks = vec![ask(0, 2), ask(50, 3)];
    let mut meet = |workers: &[Worker], now| {
        let crew = Crew::of(workers, &[], at(now));
        let came = staff.meet(&mut asks, None, &crew, at(now), lost);
        (came.started_secs, came.failed, Ask::starting_secs(&asks, at(now)))
    };
    assert_eq!(meet(&[], 60), (vec![], 0, vec![60.0, 60.0, 10.0, 10.0, 10.0]));
    let one = worker("a", 61, 65);
    assert_eq!(meet(std::slice::from_ref(&one), 65), (vec![61.0], 0, vec![65.0, 15.0, 15.0, 15.0]));
    assert_eq!(meet(&[], 100), (vec![], 0, vec![100.0, 50.0, 50.0, 50.0, 0.0]), "ECS replaces it");
    assert_eq!(meet(&[], 121).1, 1, "it does not come");
    assert_eq!(meet(&[], 126).1, 0, "and counts once");
}
