//! Whatever happens to a run, in whatever order, it keeps these laws.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{
    run::{
        Wait,
        samples::{admitted, at, forming},
    },
    trigger::{Input, Shard, TickInput},
};
use life::Life;
use moves::{Move, a_move};

mod life;
mod moves;

/// The state graph: no other state ever follows.
const EDGES: [(State, &[State]); 10] = [
    (State::Forming, &[State::Forming, State::Admitted, State::Cancelled, State::Superseded]),
    (
        State::Admitted,
        &[
            State::Admitted,
            State::Launching,
            // Of several shards, which have the tasks.
            State::Running,
            State::Cancelled,
            State::Superseded,
        ],
    ),
    (
        State::Launching,
        &[
            State::Launching,
            State::Launched,
            State::Running,
            State::Backoff,
            State::Succeeded,
            State::Failed,
            State::Cancelled,
            State::Superseded,
        ],
    ),
    (
        State::Launched,
        &[
            State::Launched,
            State::Running,
            State::Backoff,
            State::Succeeded,
            State::Failed,
            State::Cancelled,
            State::Superseded,
        ],
    ),
    (
        State::Running,
        &[
            State::Running,
            State::Backoff,
            State::Succeeded,
            State::Failed,
            State::Cancelled,
            State::Superseded,
        ],
    ),
    (
        State::Backoff,
        &[State::Backoff, State::Launching, State::Admitted, State::Cancelled, State::Superseded],
    ),
    (State::Succeeded, &[State::Succeeded]),
    (State::Failed, &[State::Failed, State::Admitted, State::Forming]),
    (State::Cancelled, &[State::Cancelled, State::Admitted, State::Forming]),
    // A tick that started nothing is wanted after all.
    (State::Superseded, &[State::Superseded, State::Admitted]),
];

fn is_edge(from: State, to: State) -> bool {
    EDGES.iter().any(|(state, next)| *state == from && next.contains(&to))
}

/// Runs to start from: of a trigger with slots or without, of the newest version or of every one,
/// of several objects that it still has to claim, of a tick, of one with several shards, and of one
/// of those; a newer longshore has written to each.
fn beginnings() -> [Run; 8] {
    let unknown = || BTreeMap::from([("later".to_owned(), serde_json::json!({"is": 1}))]);
    let tick = Input::Tick(TickInput::of(at(0)));
    let tick = Run { input: tick, latest: false, ..tests::queued() };
    let every = Run { latest: false, ..admitted() };
    let jitter = Run { waits: Some(Wait::Until(at(900))), due: Some(at(900)), ..tick.clone() };
    let shards = Run { shards: Some(3), ..tick.clone() };
    let shard = TickInput { shard: Some(Shard { number: 1, of: 3 }), ..TickInput::of(at(0)) };
    let shard = Run { input: Input::Tick(shard), latest: false, ..admitted() };
    let runs = [admitted(), every, tests::queued(), forming(9), tick, shards, shard, jitter];
    runs.map(|run| Run { unknown: unknown(), ..run })
}

/// Lives through the moves, and gives all that was seen.
fn live(beginning: &Run, moves: &[Move]) -> Life {
    let (mut life, mut now) = (Life::of(beginning), at(0));
    let mut run = beginning.clone();
    for (n, next) in moves.iter().enumerate() {
        now = later(now, next.secs_later);
        let Some(step) = next.step(&run, &life, now) else { continue };
        let Ok(change) = transition(&run, step.clone(), now, format!("w{n}")) else { continue };
        life.saw(&run, &step, &change, now);
        let again = transition(&change.run, step.clone(), now, "again".into());
        assert!(again.is_err() || may_repeat(&step), "{step:?} counted twice");
        run = change.run;
    }
    life
}

/// Whoever looks again only says when to look next, and whoever sends only says when it was sent.
fn may_repeat(step: &Step) -> bool {
    matches!(step, Step::LookAgain | Step::Sent { .. } | Step::Enqueued { .. })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn whatever_happens_in_whatever_order(
        beginning in 0..8_usize,
        moves in vec(a_move(), 0..90),
    ) {
        live(&beginnings()[beginning], &moves);
    }
}

#[test]
fn the_laws_meet_every_edge_and_much_else() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};

    let mut runner = TestRunner::deterministic();
    let mut edges = BTreeSet::new();
    let mut met: BTreeMap<&str, u32> = BTreeMap::new();
    for n in 0..3_200 {
        let moves = vec(a_move(), 90).new_tree(&mut runner).unwrap().current();
        let life = live(&beginnings()[n % 8], &moves);
        edges.extend(life.edges.iter().copied());
        for (what, times) in life.met() {
            *met.entry(what).or_default() += times;
        }
    }
    let all = EDGES.iter().flat_map(|(from, next)| next.iter().map(|to| (from.word(), to.word())));
    assert_eq!(edges, all.collect(), "every edge is taken, and no other");
    assert!(met.values().all(|times| *times > 10), "{met:?}");
}
