//! The bars of scaling on a few loads and seeds; `cargo bench --bench scaling` has all of them.

#![expect(clippy::unwrap_used, reason = "what a test cannot have ends the test")]

use longshore::scale::{Bias, Policy, State, decide};
use longshore_simulate::{
    KedaObject, Longshore, Observing, Outcome, PerMessage, Scaler, Shape, Trace, Tracking, World,
    peers, simulate,
};

fn longshore(trace: &Trace) -> Longshore {
    let settings = Longshore::settings(trace, Bias::Balanced);
    Longshore::new("longshore", &settings, Observing::Workers).unwrap()
}

fn run(trace: &Trace, scaler: &mut dyn Scaler, seed: u64) -> Outcome {
    simulate(trace, &World::default(), scaler, seed)
}

/// Loads that take a moment to simulate.
const QUICK: [Shape; 6] =
    [Shape::Flash, Shape::Sparse, Shape::Dump10k, Shape::LongWork, Shape::OnOff, Shape::Pulses];
const SEEDS: std::ops::Range<u64> = 21..26;

#[test]
fn hardly_a_message_waits_too_long_and_no_work_is_cut_off() {
    for shape in QUICK {
        let outcome = |seed| {
            let trace = shape.trace(seed);
            run(&trace, &mut longshore(&trace), seed)
        };
        let outcomes: Vec<Outcome> = SEEDS.map(outcome).collect();
        let sum: f64 = outcomes.iter().map(|ours| ours.over_share).sum();
        let over_share = sum / f64::from(u32::try_from(outcomes.len()).unwrap());
        let most = if shape == Shape::Sparse { 0.05 } else { 0.005 };
        assert!(over_share <= most, "{}: {outcomes:?}", shape.name());
        for ours in &outcomes {
            assert_eq!((ours.redeliveries, ours.unfinished), (0, 0), "{}: {ours:?}", shape.name());
        }
    }
}

#[test]
fn it_costs_less_than_what_else_there_is() {
    let seed = 23;
    let cost = |trace: &Trace, scaler: &mut dyn Scaler| run(trace, scaler, seed).cost_ratio;
    for (shape, most) in [(Shape::Flash, 1.6), (Shape::Dump10k, 2.6), (Shape::LongWork, 1.2)] {
        let trace = shape.trace(seed);
        let ours = cost(&trace, &mut longshore(&trace));
        assert!(ours < most, "{}: {ours}", shape.name());
        let slots = f64::from(u32::try_from(trace.slots).unwrap());
        let keda = cost(&trace, &mut KedaObject::new("KEDA", slots));
        assert!(ours < keda / 1.5, "{}: {ours}, KEDA {keda}", shape.name());
        let backlog = cost(&trace, &mut Tracking::backlog_per_task(&trace));
        assert!(ours < backlog / 4.0, "{}: {ours}, backlog per task {backlog}", shape.name());
    }
    let flash = Shape::Flash.trace(seed);
    let (ours, each) = (cost(&flash, &mut longshore(&flash)), cost(&flash, &mut PerMessage));
    assert!(ours < each / 20.0, "{ours}, a task for each {each}");
}

#[test]
fn the_same_seed_is_the_same_outcome() {
    let trace = Shape::OnOff.trace(5);
    for (mut peer, mut again) in peers(&trace).into_iter().zip(peers(&trace)) {
        let outcome = run(&trace, peer.as_mut(), 5);
        assert_eq!(outcome, run(&trace, again.as_mut(), 5));
        assert_ne!(outcome.billed_secs.to_bits(), 0.0_f64.to_bits(), "{}", outcome.scaler);
    }
    assert_eq!(run(&trace, &mut longshore(&trace), 5), run(&trace, &mut longshore(&trace), 5));
    assert_ne!(run(&trace, &mut longshore(&trace), 5), run(&trace, &mut longshore(&trace), 6));
}

#[test]
fn what_was_observed_decides_the_same_again() {
    let trace = Shape::Flash.trace(9);
    let mut scaler = longshore(&trace).recording();
    run(&trace, &mut scaler, 9);
    let settings = Longshore::settings(&trace, Bias::Balanced);
    let (policy, mut state) = (Policy::new("queue", &settings).unwrap(), State::default());
    assert!(scaler.recorded().len() > 1_000);
    for (observation, decision) in scaler.recorded() {
        let (same, next) = decide(observation, state, &policy);
        assert_eq!(&same, decision, "at {}", observation.at_secs);
        state = next;
    }
}

#[test]
fn every_message_is_worked_on_and_paid_for() {
    for shape in QUICK {
        let trace = shape.trace(31);
        let ours = run(&trace, &mut longshore(&trace), 31);
        assert!(ours.billed_secs >= trace.task_secs(), "{}: {ours:?}", shape.name());
        assert!(
            ours.wait_p50_secs <= ours.wait_p95_secs && ours.wait_p95_secs <= ours.wait_p99_secs
        );
        assert!(ours.wait_p99_secs <= ours.wait_max_secs && ours.dollars > 0.0);
    }
}

#[test]
fn a_fleet_that_is_ended_without_being_drained_loses_work() {
    let trace = Shape::LongWork.trace(3);
    let keda = run(&trace, &mut KedaObject::new("KEDA", 1.0), 3);
    assert!(keda.redeliveries > 20 && keda.over_share > 0.05, "{keda:?}");
}

#[test]
fn one_task_per_message_pays_a_minute_for_each() {
    let trace = Shape::Sparse.trace(4);
    let each = run(&trace, &mut PerMessage, 4);
    assert_eq!(each.launches, trace.arrivals.len());
    let minutes = 60.0 * f64::from(u32::try_from(trace.arrivals.len()).unwrap());
    assert!(each.billed_secs >= minutes, "{each:?}");
}
