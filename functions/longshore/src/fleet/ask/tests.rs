use proptest::prelude::*;

use super::*;
use crate::fleet::samples::{at, worker};

const LOST: SignedDuration = SignedDuration::from_secs(120);

fn ask(asked: i64, tasks: &[&str]) -> Ask {
    let count = u32::try_from(tasks.len()).unwrap();
    let tasks = Some(tasks.iter().map(|task| Asked::new(task)).collect());
    Ask { at: at(asked), token: "t".into(), count, tasks }
}

/// What came at `now` of asks, and who is still remembered.
fn follow(
    asks: &mut Vec<Ask>,
    workers: &[Worker],
    fates: &[(&str, Fate)],
    now: i64,
) -> (Came, String) {
    let crew = Crew::of(workers, &[], at(now));
    let fate_of = |id: &str| fates.iter().find(|(task, _)| *task == id).map(|(_, fate)| *fate);
    let came = Ask::follow(asks, &crew, fate_of, at(now), LOST);
    let left: Vec<String> = asks
        .iter()
        .flat_map(|ask| ask.tasks.iter().flatten())
        .map(|one| one.task.clone())
        .collect();
    (came, left.join(" "))
}

#[test]
fn a_task_that_receives_was_started_once() {
    let mut asks = vec![ask(0, &["a", "b"])];
    let workers = [worker("a", 30, 40)];
    let (came, left) = follow(&mut asks, &workers, &[], 40);
    assert_eq!((came.started_secs, came.failed, left.as_str()), (vec![30.0], 0, "a b"));
    assert_eq!(Ask::starting_secs(&asks, at(40)), [40.0]);
    let (came, left) = follow(&mut asks, &workers, &[], 45);
    assert_eq!((came, left.as_str()), (Came::default(), "a b"));
    let (_, left) = follow(&mut asks, &workers, &[], 90);
    assert_eq!(left, "b", "its first minute is over");
}

#[test]
fn a_task_that_comes_to_nothing_has_failed_once() {
    for (fates, now, failed, left) in [
        (vec![], 70, 0, "a"),
        (vec![("a", Fate::Stopped)], 70, 1, ""),
        (vec![("a", Fate::Missing)], 70, 0, "a"),
        (vec![("a", Fate::Missing)], 121, 1, ""),
        (vec![("a", Fate::Alive)], 119, 0, "a"),
        (vec![("a", Fate::Alive)], 121, 1, "a"),
        (vec![], 121, 1, "a"),
    ] {
        let mut asks = vec![ask(0, &["a"])];
        let (came, still) = follow(&mut asks, &[], &fates, now);
        assert_eq!((came.failed, still.as_str()), (failed, left), "{fates:?} at {now}");
        let (came, _) = follow(&mut asks, &[], &fates, now + 5);
        let again = u32::from(now == 119);
        assert_eq!(came.failed, again, "{fates:?} after {now}");
    }
}

#[test]
fn a_call_that_was_never_answered_is_given_up() {
    let open = Ask { tasks: None, ..ask(0, &["a", "b", "c"]) };
    let mut asks = vec![open];
    assert_eq!(follow(&mut asks, &[], &[], 120).0.failed, 0);
    assert_eq!(Ask::starting_secs(&asks, at(120)), [120.0; 3]);
    assert_eq!(follow(&mut asks, &[], &[], 121).0.failed, 3);
    assert!(asks.is_empty());
}

#[test]
fn ecs_is_asked_about_a_hundred_silent_tasks_at_most() {
    let names: Vec<String> = (0..200).map(|nth| format!("t{nth}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut asks = vec![ask(0, &names), ask(30, &["late"])];
    assert!(Ask::late(&asks, at(60)).is_empty());
    let late = |now: i64| Ask::late(&asks, at(now));
    assert_eq!(late(61).len(), 100);
    // Three pages from here on: the third has the one that was asked for later.
    let of_three: Vec<_> = (0..3).map(|tick| late(91 + 5 * tick)).collect();
    assert!(of_three.iter().all(|page| page.len() <= 100));
    let seen: std::collections::BTreeSet<_> = of_three.iter().flatten().collect();
    assert_eq!(seen.len(), 201, "each is asked about");
    follow(&mut asks, &[worker("t0", 20, 61)], &[], 61);
    let seen: Vec<_> = (0..2).flat_map(|tick| Ask::late(&asks, at(61 + 5 * tick))).collect();
    assert_eq!((seen.len(), seen.contains(&"t0".to_owned())), (199, false));
}

#[test]
fn the_first_minute_is_known_from_the_request_or_from_the_worker() {
    let asks = [ask(0, &["asked"])];
    for (id, since, now, paid) in [
        ("asked", 30, 65, false),
        ("asked", 30, 66, true),
        ("other", 30, 66, false),
        ("other", 30, 89, false),
        ("other", 30, 90, true),
    ] {
        assert_eq!(is_paid(&asks, &worker(id, since, now), at(now)), paid, "{id} at {now}");
    }
}

proptest! {
    #[test]
    fn each_task_that_was_asked_for_starts_or_fails_at_most_once(
        seen in proptest::collection::vec((0..4_usize, 0..4_u8), 1..40),
    ) {
        let mut asks = vec![ask(0, &["t0", "t1", "t2", "t3"])];
        let (mut now, mut ends) = (0, 0);
        for (nth, what) in seen {
            now += 17;
            let id = format!("t{nth}");
            let fate = [Fate::Alive, Fate::Stopped, Fate::Missing][usize::from(what % 3)];
            let workers = if what == 3 { vec![worker(&id, now, now)] } else { vec![] };
            let (came, _) = follow(&mut asks, &workers, &[(&id, fate)], now);
            ends += came.started_secs.len() + usize::try_from(came.failed).unwrap();
            // A task that counted as lost may begin after all.
            prop_assert!(ends <= 8);
            prop_assert!(Ask::starting_secs(&asks, at(now)).len() <= 4);
        }
    }
}
