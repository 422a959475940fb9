//! Whoever scales: longshore, and models of what else there is.

mod fixed;
mod keda_jobs;
mod keda_object;
mod longshore;
mod per_message;
mod step;
mod tracking;

use std::fmt;

pub use fixed::Fixed;
pub use keda_jobs::KedaJobs;
pub use keda_object::KedaObject;
pub use longshore::{Longshore, Observing};
pub use per_message::PerMessage;
pub use step::Step;
pub use tracking::Tracking;

use crate::trace::Trace;

/// Most tasks that a fleet may have, in every comparison but where the peer has a default.
pub const TASKS_MAX: u32 = 200;

/// Launches as ECS takes them: RunTask on Fargate, 100 at once and 20 a second (Amazon ECS
/// throttling quotas); a service about 500 a minute.
const RUN_TASK: (f64, f64) = (20.0, 100.0);
const SERVICE: (f64, f64) = (500.0 / 60.0, 40.0);

/// Somebody who says, now and then, how many tasks there should be.
pub trait Scaler: fmt::Debug {
    /// What it is called.
    fn name(&self) -> &str;
    /// What it is bound by, and how it ends tasks.
    fn rules(&self) -> Rules;
    /// Seconds between ticks, for each of its clocks.
    fn clocks(&self) -> &[f64];
    /// One of its clocks ticks.
    fn tick(&mut self, clock: usize, view: &View) -> Order;
}

/// What a scaler is bound by, and how it ends tasks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// Fewest tasks.
    pub min_tasks: usize,
    /// Most tasks.
    pub max_tasks: usize,
    /// Launches per second that ECS takes.
    pub launches_per_sec: f64,
    /// Launches that it takes at once.
    pub launches_burst: f64,
    /// How tasks end that are too many.
    pub scale_in: ScaleIn,
    /// Whether a task works on one message and ends.
    pub is_one_message: bool,
    /// Whether each message gets a task when it comes.
    pub is_task_per_message: bool,
}

impl Rules {
    fn new((launches_per_sec, launches_burst): (f64, f64), min: usize, max: usize) -> Self {
        Self {
            min_tasks: min,
            max_tasks: max,
            launches_per_sec,
            launches_burst,
            scale_in: ScaleIn::Kill,
            is_one_message: false,
            is_task_per_message: false,
        }
    }
}

/// How tasks end that are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaleIn {
    /// Any of them gets SIGTERM, stops receiving, and is killed after its grace.
    Kill,
    /// It stops receiving, finishes what it holds, and leaves.
    Drain,
}

/// What a scaler sees; what is counted "since" is since its last tick.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// When, in seconds.
    pub at_secs: f64,
    /// Messages that wait.
    pub waiting: f64,
    /// Messages in flight.
    pub in_flight: f64,
    /// Tasks that receive.
    pub running: usize,
    /// Tasks that were asked for and do not receive yet.
    pub launching: usize,
    /// Tasks that were last desired.
    pub desired: usize,
    /// Running tasks whose first minute is over.
    pub may_leave: u32,
    /// Tasks that leave.
    pub draining: usize,
    /// Messages that they hold.
    pub draining_in_flight: f64,
    /// Seconds since each task was asked for that does not receive yet.
    pub starting_secs: Vec<f64>,
    /// Launches since: seconds that each took.
    pub started_secs: Vec<f64>,
    /// Messages that workers told they finished since.
    pub finished: f64,
    /// Seconds of work on messages since.
    pub busy_secs: f64,
}

/// What a scaler wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Nothing.
    Keep,
    /// So many tasks.
    Desired(usize),
    /// So many more, and none ended.
    Add(usize),
    /// So many launched, and so many drained.
    Change {
        /// Tasks to launch.
        launch: usize,
        /// Tasks to drain.
        drain: usize,
    },
}

/// What else there is for `trace`, by its defaults or set for it as its documents advise.
#[must_use]
pub fn peers(trace: &Trace) -> Vec<Box<dyn Scaler>> {
    let slots = crate::number::real(trace.slots);
    vec![
        Box::new(Tracking::visible(100.0)),
        Box::new(Tracking::backlog_per_task(trace)),
        Box::new(Step::cdk(2)),
        Box::new(Step::cdk(200)),
        Box::new(KedaObject::new("KEDA ScaledObject (queueLength 5)", 5.0)),
        Box::new(KedaObject::new("KEDA ScaledObject (queueLength = slots)", slots)),
        Box::new(KedaJobs),
        Box::new(PerMessage),
        Box::new(Fixed::for_peak(trace)),
    ]
}
