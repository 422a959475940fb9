//! Every interleaving of two drivers and two attempts with whatever can go wrong, through the
//! machine itself: crashes, answers lost and late, leases and tokens over, events lost, repeated
//! and out of order, refusals, tasks lost, time limits and cancellation.
//!
//! ```text
//! world ─ act ─▶ the row's real Run ─ transition ─▶ world …   until no new world is found
//! ```
//!
//! No fault is rationed. Only attempts and launches are counted, for without a bound there is no
//! last world. The ledger's condition is that the row's `ver` is the one that was read, so a write
//! that is not interrupted is one act; of a driver's write, the taking and the answer are two.

#![expect(clippy::unwrap_used, reason = "what a test cannot have ends the test")]
#![expect(clippy::print_stdout, reason = "how many worlds there are is worth knowing")]

mod act;
mod book;
mod bugs;
mod drivers;
mod happens;
mod model;
mod moves;
mod properties;
mod simplify;
mod world;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use stateright::{Checker, HasDiscoveries, Model as _};

use act::Act;
use bugs::Bug;
use model::{Interleavings, Scope};
use properties::{
    AT_WORK_WITH_FENCE, DISOWNS_NONE, DONE_ONCE, ONE_AT_WORK, ONE_TASK, SUCCESS_IS_DONE,
};

/// Whatever can go wrong.
const EVERYTHING: Scope = Scope { late_calls: true, old_tokens: true, stops: true };
/// What can go wrong while a client token is certain to be known, and calls end when they say so.
const BRIEF: Scope = Scope { late_calls: false, old_tokens: false, stops: false };

/// Searches all worlds, or until `wanted` is answered; says how much that was and what was found.
#[expect(clippy::disallowed_methods, reason = "how long it takes is worth knowing")]
fn search(model: Interleavings, wanted: HasDiscoveries) -> BTreeMap<&'static str, Vec<Act>> {
    let name = format!("{:?} {:?}", model.scope, model.bugs);
    let begin = Instant::now();
    let checker = model.checker().finish_when(wanted).spawn_bfs().join();
    println!(
        "{name}: {} worlds, {} acts, {:.1} s",
        checker.unique_state_count(),
        checker.state_count(),
        begin.elapsed().as_secs_f64(),
    );
    let found = checker.discoveries().into_iter();
    found.map(|(name, path)| (name, path.into_actions())).collect()
}

/// Breaks on the first thing that may not be.
fn always_holds(scope: Scope) -> BTreeMap<&'static str, Vec<Act>> {
    let found = search(Interleavings::of(scope), HasDiscoveries::AnyFailures);
    for property in properties::of_tasks().iter().chain(&properties::of_runs()) {
        let acts = found.get(property.name);
        assert!(acts.is_none(), "not always: {}: {acts:#?}", property.name);
    }
    found
}

#[test]
fn no_interleaving_loses_or_doubles_a_run() {
    let found = always_holds(EVERYTHING);
    for property in properties::reached() {
        assert!(found.contains_key(property.name), "never reached: {}", property.name);
    }
}

/// Calls that take effect late may start a task after all; without them, more can be promised.
#[test]
fn no_interleaving_of_prompt_calls_disowns_a_task() {
    always_holds(Scope { late_calls: false, ..EVERYTHING });
}

#[test]
fn every_planted_bug_is_found() {
    let old_tokens = Scope { old_tokens: true, ..BRIEF };
    let stops = Scope { stops: true, ..BRIEF };
    let rows: [(Scope, &'static [Bug], &'static str); 10] = [
        (EVERYTHING, &[Bug::NoFence], ONE_AT_WORK),
        (EVERYTHING, &[Bug::NoToken], ONE_TASK),
        (BRIEF, &[Bug::NoToken], ONE_TASK),
        (BRIEF, &[Bug::NoToken, Bug::NoFence], ONE_AT_WORK),
        (BRIEF, &[Bug::RefusalOfAnyClaim], DISOWNS_NONE),
        (BRIEF, &[Bug::RefusalOfAnyClaim, Bug::NoFence], ONE_AT_WORK),
        (BRIEF, &[Bug::EndOfAnyTask], AT_WORK_WITH_FENCE),
        (old_tokens, &[Bug::TokenForEver], ONE_TASK),
        (old_tokens, &[Bug::TokenForEver, Bug::NoFence], DONE_ONCE),
        (stops, &[Bug::FencedLeavesWithZero], SUCCESS_IS_DONE),
    ];
    for (scope, bugs, property) in rows {
        let wanted = HasDiscoveries::AllOf(BTreeSet::from([property]));
        let found = search(Interleavings::with_bugs(scope, bugs), wanted);
        let acts = found.get(property).map(Vec::len);
        assert!(acts.is_some(), "{bugs:?} does not break: {property}");
        println!("  not always: {property}: after {acts:?} acts");
    }
}

/// While a token is certain to be known, either of fence and token is enough.
#[test]
fn one_layer_less_is_still_enough() {
    let rows: [&'static [Bug]; 3] = [&[Bug::NoFence], &[Bug::NoToken], &[Bug::RefusalOfAnyClaim]];
    for bugs in rows {
        let mut model = Interleavings::with_bugs(BRIEF, bugs);
        // What is left out relies on the fence.
        model.is_simplified = !model.has(Bug::NoFence);
        let wanted = BTreeSet::from([ONE_AT_WORK, DONE_ONCE]);
        let found = search(model, HasDiscoveries::AllOf(wanted.clone()));
        for property in wanted {
            assert_eq!(found.get(property), None, "{bugs:?} alone break: {property}");
        }
    }
}

/// Simplified or not, the same runs are met.
#[test]
fn what_is_left_out_changes_no_run() {
    for scope in [BRIEF, Scope { stops: true, ..BRIEF }] {
        let runs = |model: Interleavings| {
            let checker = model.checker().finish_when(HasDiscoveries::AnyFailures).spawn_bfs();
            let checker = checker.join();
            (checker.model().book().runs(), checker.unique_state_count())
        };
        let (few, many) =
            (runs(Interleavings::of(scope)), runs(Interleavings::with_bugs(scope, &[])));
        assert_eq!(few.0, many.0);
        println!("{scope:?}: {} worlds instead of {}", few.1, many.1);
        assert!(few.1 < many.1);
    }
}
