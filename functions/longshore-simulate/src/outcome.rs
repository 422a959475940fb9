//! What became of a trace.

use crate::{
    number::{real, whole},
    price::Price,
    trace::Trace,
};

/// What became of a trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Who scaled.
    pub scaler: String,
    /// Half of the messages waited no longer, in seconds.
    pub wait_p50_secs: f64,
    /// 95 % of them.
    pub wait_p95_secs: f64,
    /// 99 % of them.
    pub wait_p99_secs: f64,
    /// All that were worked on.
    pub wait_max_secs: f64,
    /// Share of the messages that waited too long, or were never worked on.
    pub over_share: f64,
    /// Seconds of tasks that were billed.
    pub billed_secs: f64,
    /// The same as a multiple of the work, 1 being a fleet that is always busy; 0 if there is none.
    pub cost_ratio: f64,
    /// The same in dollars.
    pub dollars: f64,
    /// Tasks that were launched.
    pub launches: usize,
    /// Messages whose work was cut off by scaling in, and that came again.
    pub redeliveries: usize,
    /// Times that the number of tasks turned from more to fewer or back.
    pub reversals: usize,
    /// Messages that nobody had worked on six hours after the end.
    pub unfinished: usize,
}

/// What is counted while a trace runs.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Seconds that each message waited whose work is done.
    pub(crate) waits_secs: Vec<f32>,
    pub(crate) billed_secs: f64,
    pub(crate) launches: usize,
    pub(crate) redeliveries: usize,
    pub(crate) reversals: usize,
    pub(crate) done: usize,
}

impl Outcome {
    pub(crate) fn of(scaler: &str, trace: &Trace, mut tally: Tally) -> Self {
        let waits = &mut tally.waits_secs;
        waits.sort_by(f32::total_cmp);
        let at = |share: f64| {
            let nth = whole(real(waits.len().saturating_sub(1)) * share);
            waits.get(nth).copied().map_or(0.0, f64::from)
        };
        let work_secs = trace.task_secs();
        let unfinished = trace.arrivals.len() - tally.done;
        let in_time = waits.partition_point(|secs| f64::from(*secs) <= trace.max_wait_secs);
        let late = waits.len() - in_time + unfinished;
        Self {
            scaler: scaler.to_owned(),
            wait_p50_secs: at(0.5),
            wait_p95_secs: at(0.95),
            wait_p99_secs: at(0.99),
            wait_max_secs: at(1.0),
            over_share: real(late) / real((waits.len() + unfinished).max(1)),
            billed_secs: tally.billed_secs,
            cost_ratio: if work_secs > 0.0 { tally.billed_secs / work_secs } else { 0.0 },
            dollars: Price::default().dollars(tally.billed_secs),
            launches: tally.launches,
            redeliveries: tally.redeliveries,
            reversals: tally.reversals,
            unfinished,
        }
    }
}
