use proptest::prelude::*;

use super::*;
use crate::fleet::samples::{at, worker};

fn busy(id: &str, since: i64, in_flight: u32) -> Worker {
    let mut worker = worker(id, since, 1_000);
    worker.beat.in_flight = in_flight;
    worker
}

#[test]
fn who_works_on_least_leaves_first() {
    let workers =
        [busy("a", 0, 3), busy("b", 500, 0), busy("c", 400, 0), busy("d", 0, 1), busy("e", 990, 0)];
    let crew = Crew::of(&workers, &[], at(1_000));
    let leave = |drain| victims(may_leave(&crew, &[], at(1_000)), drain);
    assert_eq!(leave(0), Vec::<String>::new());
    assert_eq!(leave(3), ["c", "b", "d"]);
    assert_eq!(leave(9), ["c", "b", "d", "a"], "`e` is in its first minute");
}

proptest! {
    #[test]
    fn never_more_than_may_leave_and_nobody_in_the_first_minute(
        ages in proptest::collection::vec((0..200_i64, 0..9_u32, any::<bool>()), 0..60),
        drain in 0..80_u32,
    ) {
        let workers: Vec<Worker> = ages.iter().enumerate().map(|(nth, (age, in_flight, told))| {
            let mut worker = busy(&format!("{nth:02}"), 1_000 - age, *in_flight);
            worker.drain = told.then(|| at(999));
            worker
        }).collect();
        let crew = Crew::of(&workers, &[], at(1_000));
        let candidates = may_leave(&crew, &[], at(1_000));
        let most = candidates.len().min(usize::try_from(drain).unwrap());
        let victims = victims(candidates, drain);
        prop_assert_eq!(victims.len(), most);
        for id in &victims {
            let (age, _, told) = ages[id.parse::<usize>().unwrap()];
            prop_assert!(age >= 60 && !told);
        }
        let distinct: std::collections::BTreeSet<_> = victims.iter().collect();
        prop_assert_eq!(distinct.len(), victims.len());
    }
}
