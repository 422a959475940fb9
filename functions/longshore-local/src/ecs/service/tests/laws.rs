//! Laws of every decision, whatever the tasks of a service are at.

use proptest::prelude::*;

use super::{at, task};
use crate::ecs::service::decide::{Aim, HEALTHY_AFTER, Seen, decide};

const NOW: i64 = 1_000;

fn seen() -> impl Strategy<Value = Vec<Seen>> {
    let one = (0..3_usize, prop::option::of(NOW - 80..=NOW), any::<bool>(), any::<bool>());
    prop::collection::vec(one, 0..12).prop_map(|tasks| {
        let made = |(n, (of, since, is_stopping, is_protected)): (usize, _)| Seen {
            is_stopping,
            is_protected,
            ..task(&format!("t{n}"), ["new", "old", "older"][of], since)
        };
        tasks.into_iter().enumerate().map(made).collect()
    })
}

proptest! {
    #[test]
    fn no_decision_harms(
        seen in seen(),
        desired in 0..6_usize,
        healthy_min in 0..6_usize,
        more in 0..6_usize,
        may_start: bool,
        replaces: bool,
    ) {
        let healthy_min = healthy_min.min(desired);
        let alive_max = desired + more;
        let aim = Aim { desired, healthy_min, alive_max, primary: "new", may_start, replaces };
        let decision = decide(&aim, &seen, at(NOW));
        let is_stopped = |one: &&Seen| decision.stops.contains(&one.id);
        let stopped: Vec<&Seen> = seen.iter().filter(is_stopped).collect();
        prop_assert_eq!(stopped.len(), decision.stops.len(), "each once");
        prop_assert!(stopped.iter().all(|one| !one.is_protected && !one.is_stopping));

        let staying = |of: bool| {
            let is_of = move |one: &&Seen| !one.is_stopping && (one.deployment == "new") == of;
            seen.iter().filter(is_of)
        };
        let of_primary = stopped.iter().filter(|one| one.deployment == "new").count();
        prop_assert!(of_primary <= staying(true).count().saturating_sub(desired));
        let of_older = stopped.len() - of_primary;
        prop_assert!(replaces || of_older == 0);

        // What keeps the service going: healthy new tasks, and old ones that run.
        let is_healthy = |one: &Seen| {
            one.running_since.is_some_and(|since| at(NOW).duration_since(since) >= HEALTHY_AFTER)
        };
        let going = |left: bool| {
            let new = staying(true).filter(|one| is_healthy(one) && !(left && is_stopped(one)));
            let old = staying(false).filter(|one| one.is_running() && !(left && is_stopped(one)));
            new.count() + old.count()
        };
        let replaced_running =
            staying(false).filter(|one| is_stopped(one) && one.is_running()).count();
        if replaced_running > 0 {
            prop_assert!(going(true) >= healthy_min, "{} of {}", going(true), going(false));
        }

        let kept = staying(true).count() - of_primary;
        prop_assert!(decision.starts == 0 || kept + decision.starts <= desired);
        prop_assert!(may_start || decision.starts == 0);
        if seen.iter().any(|one| one.deployment != "new") {
            prop_assert!(decision.starts == 0 || seen.len() + decision.starts <= alive_max);
        } else if may_start {
            prop_assert_eq!(decision.starts, desired.saturating_sub(staying(true).count()));
        }
        let acts = decision.starts > 0 || !decision.stops.is_empty();
        prop_assert!(!(acts && decision.blocked.is_some()), "blocked means that nothing is done");
    }
}
