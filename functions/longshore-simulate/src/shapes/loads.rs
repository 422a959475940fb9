//! How the loads are made.

use std::f64::consts::TAU;

use super::Shape;
use crate::{dice::Dice, number::real};

/// Arrivals, the work on each, slots, longest wait and end.
pub(super) type Made = (Vec<f64>, Vec<f64>, usize, f64, f64);

/// Work of `mean` seconds on each of `arrivals`, with a deviation as large.
fn work(dice: &mut Dice, arrivals: &[f64], mean: impl Fn(f64) -> f64) -> Vec<f64> {
    arrivals.iter().map(|at| dice.lognormal(mean(*at), 1.0)).collect()
}

pub(super) fn smooth(shape: Shape, dice: &mut Dice) -> Made {
    const DAY: f64 = 86_400.0;
    const CLIMB: f64 = 19_800.0;
    let (arrivals, end) = match shape {
        Shape::Diurnal => {
            let wave = |at: f64| 0.5 - 0.5 * (TAU * at / DAY).cos();
            (dice.arrivals(DAY, 10.0, |at| 0.3 + 9.7 * wave(at).powi(2)), DAY)
        }
        Shape::Drift => (dice.arrivals(CLIMB, 20.0, |at| 1.0 + 19.0 * at / CLIMB), CLIMB + 1_800.0),
        Shape::Flash => {
            let rate = |at: f64| match at {
                before if before < 3_600.0 => 1.0,
                during if during < 4_200.0 => 50.0,
                after => 1.0 + 49.0 * (-(after - 4_200.0) / 120.0).exp(),
            };
            (dice.arrivals(9_000.0, 50.0, rate), 9_000.0)
        }
        _ => (dice.arrivals(7_200.0, 20.0, |_| 20.0), 7_200.0),
    };
    let mean = |at: f64| if shape == Shape::Drift { 1.0 + 2.0 * at / CLIMB } else { 2.0 };
    let work = work(dice, &arrivals, mean);
    (arrivals, work, 4, 60.0, end)
}

pub(super) fn dump(shape: Shape, dice: &mut Dice) -> Made {
    match shape {
        Shape::Dump10k => {
            let starts = [600.0, 3_000.0, 5_400.0];
            let arrivals: Vec<f64> =
                starts.into_iter().flat_map(|start| dice.dump(start, 10.0, 10_000)).collect();
            let work = work(dice, &arrivals, |_| 1.0);
            (arrivals, work, 4, 120.0, 7_800.0)
        }
        Shape::Dump100k => {
            let arrivals = dice.dump(600.0, 60.0, 100_000);
            let work = work(dice, &arrivals, |_| 1.0);
            (arrivals, work, 4, 600.0, 5_400.0)
        }
        _ => {
            let arrivals = dice.dump(600.0, 120.0, 1_000_000);
            let work = work(dice, &arrivals, |_| 0.5);
            (arrivals, work, 4, 1_800.0, 7_200.0)
        }
    }
}

/// When one of several levels begins, each lasting `mean_secs` of it on average, at random.
fn levels(dice: &mut Dice, end_secs: f64, means_secs: &[f64]) -> Vec<(f64, usize)> {
    let (mut at_secs, mut level, mut begins) = (0.0, 0, Vec::new());
    while at_secs < end_secs {
        begins.push((at_secs, level));
        at_secs += dice.exponential(means_secs[level]);
        let others = dice.below(means_secs.len() - 1);
        level = (level + 1 + others) % means_secs.len();
    }
    begins
}

fn level_at(begins: &[(f64, usize)], at_secs: f64) -> usize {
    let next = begins.partition_point(|(begin, _)| *begin <= at_secs);
    begins.get(next.saturating_sub(1)).map_or(0, |(_, level)| *level)
}

pub(super) fn heavy(dice: &mut Dice) -> Made {
    let begins = levels(dice, 14_400.0, &[600.0, 300.0]);
    let rate = |at: f64| [0.2, 1.5][level_at(&begins, at)];
    let arrivals = dice.arrivals(12_600.0, 1.5, rate);
    let pareto = |dice: &mut Dice| (5.0 / dice.share().powf(1.0 / 1.5)).min(1_800.0);
    let work = arrivals.iter().map(|_| pareto(dice)).collect();
    (arrivals, work, 1, 60.0, 14_400.0)
}

pub(super) fn sparse(dice: &mut Dice) -> Made {
    let arrivals = dice.arrivals(27_000.0, 1.0 / 600.0, |_| 1.0 / 600.0);
    let work = arrivals.iter().map(|_| dice.lognormal(20.0, 0.5)).collect();
    (arrivals, work, 1, 60.0, 28_800.0)
}

pub(super) fn long_work(dice: &mut Dice) -> Made {
    let mut arrivals = Vec::new();
    for nth in 0..7 {
        let start = 300.0 + real(nth) * 2_100.0 + dice.share() * 300.0;
        arrivals.extend(dice.dump(start, 120.0, 40));
    }
    let work = arrivals.iter().map(|_| dice.lognormal(600.0, 0.7)).collect();
    (arrivals, work, 1, 120.0, 18_000.0)
}

pub(super) fn patient(dice: &mut Dice) -> Made {
    let arrivals = dice.arrivals(10_200.0, 0.2, |_| 0.2);
    let work = work(dice, &arrivals, |_| 3.0);
    (arrivals, work, 4, 600.0, 10_800.0)
}

pub(super) fn two_senders(dice: &mut Dice) -> Made {
    let arrivals = dice.arrivals(10_200.0, 3.0, |_| 3.0);
    let mut messages: Vec<(f64, f64)> = arrivals.into_iter().map(|at| (at, 0.5)).collect();
    for start in dice.arrivals(9_600.0, 1.0 / 900.0, |_| 1.0) {
        messages.extend(dice.dump(start, 5.0, 300).into_iter().map(|at| (at, 10.0)));
    }
    messages.sort_by(|one, other| one.0.total_cmp(&other.0));
    let work = messages.iter().map(|(_, mean)| dice.lognormal(*mean, 0.7)).collect();
    (messages.into_iter().map(|(at, _)| at).collect(), work, 4, 120.0, 10_800.0)
}

pub(super) fn unseen(shape: Shape, dice: &mut Dice) -> Made {
    const END: f64 = 7_200.0;
    match shape {
        Shape::OnOff => {
            let begins = levels(dice, END, &[240.0, 90.0]);
            let arrivals = dice.arrivals(END - 600.0, 8.0, |at| [0.05, 8.0][level_at(&begins, at)]);
            let work = work(dice, &arrivals, |_| 1.5);
            (arrivals, work, 4, 60.0, END)
        }
        Shape::Switching => {
            let begins = levels(dice, END, &[400.0, 300.0, 200.0]);
            let rate = |at: f64| [2.0, 10.0, 40.0][level_at(&begins, at)];
            let arrivals = dice.arrivals(END - 600.0, 40.0, rate);
            let work = work(dice, &arrivals, |_| 3.0);
            (arrivals, work, 8, 90.0, END)
        }
        Shape::Sawtooth => {
            let arrivals = dice.arrivals(END, 15.0, |at| 1.0 + 14.0 * (at % 1_200.0) / 1_200.0);
            let work = work(dice, &arrivals, |_| 2.0);
            (arrivals, work, 2, 60.0, END)
        }
        Shape::NinetySeconds => {
            let begins = levels(dice, 2.0 * END, &[900.0, 600.0]);
            let rate = |at: f64| [0.1, 0.5][level_at(&begins, at)];
            let arrivals = dice.arrivals(2.0 * END - 1_200.0, 0.5, rate);
            let work = arrivals.iter().map(|_| dice.lognormal(90.0, 0.5)).collect();
            (arrivals, work, 2, 120.0, 2.0 * END)
        }
        _ => {
            let mut arrivals = dice.arrivals(END - 600.0, 0.2, |_| 0.2);
            for nth in 1..22 {
                arrivals.extend(dice.dump(real(nth) * 300.0, 3.0, 400));
            }
            arrivals.sort_by(f64::total_cmp);
            let work = work(dice, &arrivals, |_| 0.8);
            (arrivals, work, 4, 90.0, END)
        }
    }
}
