use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::trigger::{Backoff, Seconds};

/// The least jitter: a wait of one second.
const NO_JITTER: u64 = 0;
/// More memory, in MiB, than the task had.
const MORE: Option<u32> = Some(1_024);

const RETRIED: [Class; 6] = [
    Class::Work,
    Class::OutOfMemory,
    Class::Start,
    Class::Spot,
    Class::Infrastructure,
    Class::Unknown,
];

fn fails(spent: &mut Spent, class: Class) -> Option<u32> {
    spent.failed(&Outcome::new(class, "it failed"), MORE, &Retry::default(), NO_JITTER)
}

/// How many failures of one class there are before no attempt follows.
fn most(class: Class) -> usize {
    let mut spent = Spent::default();
    let attempts = std::iter::from_fn(|| fails(&mut spent, class)).take(1_000);
    attempts.count() + 1
}

#[test]
fn every_class_has_a_budget_of_its_own() {
    assert_eq!(most(Class::Work), 3, "the user's");
    assert_eq!(most(Class::Start), 5);
    assert_eq!(most(Class::Spot), 20);
    assert_eq!(most(Class::Infrastructure), 20);
    assert_eq!(most(Class::Unknown), 5);
    let final_ones =
        [Class::Succeeded, Class::Superseded, Class::Cancelled, Class::Rejected, Class::Launch];
    for class in final_ones {
        assert_eq!(most(class), 1, "{class:?} is no reason for another attempt");
    }
}

#[test]
fn spot_interruptions_do_not_spend_the_attempts_of_the_work() {
    let mut spent = Spent::default();
    for loss in 1..20 {
        assert!(fails(&mut spent, Class::Spot).is_some(), "loss {loss}");
        assert_eq!(spent.is_spot_over(), loss >= 3, "on demand after three");
    }
    assert_eq!((spent.work, spent.start, spent.unknown), (0, 0, 0));
    assert!(fails(&mut spent, Class::Work).is_some());
    assert!(fails(&mut spent, Class::Work).is_some());
    assert_eq!(fails(&mut spent, Class::Spot), None, "the twentieth loss is too many");
}

#[test]
fn losses_of_hosts_do_not_end_the_use_of_spot() {
    let mut spent = Spent::default();
    for _ in 0..10 {
        assert!(fails(&mut spent, Class::Infrastructure).is_some());
    }
    assert!(!spent.is_spot_over());
    assert_eq!((spent.losses, spent.spot), (10, 0));
}

#[test]
fn what_ran_out_of_memory_gets_more_once() {
    let mut spent = Spent::default();
    assert!(fails(&mut spent, Class::OutOfMemory).is_some());
    assert_eq!((spent.memory, spent.work), (MORE, 1), "it is on the work's budget");
    assert_eq!(fails(&mut spent, Class::OutOfMemory), None, "twice as much was not enough");
    let mut other = Spent { memory: MORE, ..Spent::default() };
    assert!(fails(&mut other, Class::Work).is_some());
    assert_eq!(other.memory, MORE, "the memory is kept for every attempt that follows");
}

#[test]
fn what_ran_out_of_memory_and_cannot_get_more_fails() {
    let outcome = Outcome::new(Class::OutOfMemory, "killed");
    let mut spent = Spent::default();
    assert_eq!(spent.failed(&outcome, None, &Retry::default(), NO_JITTER), None);
    assert_eq!(spent.memory, None);
}

#[test]
fn what_would_never_start_is_tried_once() {
    let outcome = Outcome { is_final: true, ..Outcome::new(Class::Start, "manifest unknown") };
    let mut spent = Spent::default();
    assert_eq!(spent.failed(&outcome, None, &Retry::default(), NO_JITTER), None);
    assert_eq!(spent.start, 1);
}

#[test]
fn one_attempt_is_one_attempt() {
    let once = Retry { attempts: 1, ..Retry::default() };
    let outcome = Outcome::new(Class::Work, "exit 1");
    assert_eq!(Spent::default().failed(&outcome, None, &once, NO_JITTER), None);
}

#[test]
fn waits_grow_with_the_failures_of_the_class() {
    let longest = |failures_before: u32, class| {
        let spent = Spent { work: failures_before, losses: 9, ..Spent::default() };
        let retry = Retry { attempts: 99, ..Retry::default() };
        let outcome = Outcome::new(class, "it failed");
        // With base 5 s and at most 900 s, this draws the longest of every wait.
        let draw = |bound: u64| Spent::failed(&mut { spent }, &outcome, MORE, &retry, bound - 1);
        (1..=900).filter_map(draw).max().unwrap()
    };
    assert_eq!([0, 1, 2, 3].map(|failures| longest(failures, Class::Work)), [5, 10, 20, 40]);
    assert_eq!(longest(20, Class::Work), 900);
    assert_eq!(longest(20, Class::Start), 5, "the failures of the work do not delay the start");
}

/// Attempts until no other follows: the sum of what each budget gives, and the first one.
fn attempts_max(retry: &Retry) -> u32 {
    let budgets = [retry.attempts.max(1), START_FAILURES_MAX, LOSSES_MAX, UNKNOWN_MAX];
    budgets.iter().map(|most| most - 1).sum::<u32>() + 1
}

#[test]
fn the_bound_of_all_attempts_is_reached_and_not_passed() {
    let mut spent = Spent::default();
    let mut attempts = 1;
    for class in [Class::Infrastructure, Class::Start, Class::Unknown, Class::Work] {
        attempts += u32::try_from(most(class) - 1).unwrap();
        for _ in 1..most(class) {
            assert!(fails(&mut spent, class).is_some());
        }
    }
    assert_eq!(attempts, attempts_max(&Retry::default()));
    for class in RETRIED {
        assert_eq!(fails(&mut { spent }, class), None, "{class:?}");
    }
}

proptest! {
    #[test]
    fn budgets_bound_the_attempts_whatever_fails(
        classes in vec(select(RETRIED.to_vec()), 300),
        attempts in 0..50_u32,
        memory in proptest::option::of(1_u32..9_999),
        jitter: u64,
    ) {
        let retry = Retry { attempts, ..Retry::default() };
        let mut spent = Spent::default();
        let mut made = 1;
        for class in classes {
            let before = spent;
            let outcome = Outcome::new(class, "it failed");
            if spent.failed(&outcome, memory, &retry, jitter).is_none() {
                break;
            }
            made += 1;
            let counted = |spent: &Spent| spent.work + spent.start + spent.losses + spent.unknown;
            prop_assert_eq!(counted(&spent), counted(&before) + 1, "one failure is on one budget");
        }
        prop_assert!(made <= attempts_max(&retry), "{made} attempts");
    }

    #[test]
    fn waits_are_drawn_from_the_whole_of_their_bounds(
        base in 1..100_u32,
        max in 1..1_000_u32,
        failures in 0..40_u32,
        jitter: u64,
    ) {
        let backoff = Backoff { base: Seconds::new(base), max: Seconds::new(max) };
        let retry = Retry { attempts: 100, backoff, rules: Vec::new() };
        let outcome = Outcome::new(Class::Work, "it failed");
        let wait = |jitter| {
            let mut spent = Spent { work: failures, ..Spent::default() };
            spent.failed(&outcome, None, &retry, jitter).unwrap()
        };
        let grown = u64::from(base) << failures.min(20);
        let bound = u32::try_from(grown.min(u64::from(max))).unwrap();
        prop_assert!((1..=bound).contains(&wait(jitter)));
        prop_assert_eq!((wait(0), wait(u64::from(bound) - 1)), (1, bound));
    }
}
