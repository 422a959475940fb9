//! longshore: the law itself, as it is deployed.

use std::collections::VecDeque;

use longshore::{
    scale::{
        BadSettings, Bias, Decision, Draining, Finished, Observation, Policy, Reading, Settings,
        State, decide,
    },
    trigger::Seconds,
};

use super::{Order, RUN_TASK, Rules, ScaleIn, Scaler, TASKS_MAX, View};
use crate::{
    number::{real, small, whole},
    trace::Trace,
};

/// Usual time between two ticks.
const POLL_SECS: f64 = 5.0;
/// What CloudWatch tells of a minute is told this much later.
const CLOUDWATCH_LAG_SECS: f64 = 120.0;
const MINUTE_SECS: f64 = 60.0;

/// What is known of the work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Observing {
    /// What workers tell.
    #[default]
    Workers,
    /// Only what CloudWatch tells, two minutes later.
    CloudWatch,
}

/// The law of [`longshore::scale`].
#[derive(Debug)]
pub struct Longshore {
    name: String,
    policy: Policy,
    tasks: (usize, usize),
    clocks: [f64; 1],
    observing: Observing,
    state: State,
    minutes: Minutes,
    recorded: Option<Vec<(Observation, Decision)>>,
}

/// What CloudWatch will tell.
#[derive(Debug, Default)]
struct Minutes {
    /// When, messages in flight, and messages finished so far.
    ticks: VecDeque<(f64, f64, f64)>,
    finished: f64,
    next_secs: f64,
}

impl Minutes {
    fn add(&mut self, view: &View) -> Option<Finished> {
        let at_secs = view.at_secs;
        self.finished += view.finished;
        self.ticks.push_back((at_secs, view.in_flight, self.finished));
        if at_secs < self.next_secs {
            return None;
        }
        self.next_secs = at_secs + MINUTE_SECS;
        let from = at_secs - CLOUDWATCH_LAG_SECS - MINUTE_SECS;
        self.ticks.drain(..self.ticks.partition_point(|(then, ..)| *then < from));
        let until = self.ticks.partition_point(|(then, ..)| *then < from + MINUTE_SECS);
        let minute = self.ticks.iter().take(until);
        let (first, last) = (minute.clone().next()?, minute.clone().next_back()?);
        let messages = last.2 - first.2;
        let in_flight = minute.map(|(_, in_flight, _)| in_flight).sum::<f64>() / real(until);
        let busy_secs = in_flight * (last.0 - first.0);
        (messages > 0.0).then_some(Finished { messages, busy_secs })
    }
}

impl Longshore {
    /// The law with these settings.
    pub fn new(name: &str, settings: &Settings, observing: Observing) -> Result<Self, BadSettings> {
        Ok(Self {
            name: name.to_owned(),
            policy: Policy::new("queue", settings)?,
            tasks: (settings.min_tasks as usize, settings.max_tasks as usize),
            clocks: [POLL_SECS],
            observing,
            state: State::default(),
            minutes: Minutes::default(),
            recorded: None,
        })
    }

    /// Settings for a trace: its wait and its slots, as many tasks as the peers have, and the work
    /// that is expected.
    #[must_use]
    pub fn settings(trace: &Trace, bias: Bias) -> Settings {
        Settings {
            max_wait: Seconds::new(small(whole(trace.max_wait_secs))),
            min_tasks: 0,
            max_tasks: TASKS_MAX,
            messages_per_task: small(trace.slots),
            bias,
            expected_seconds: Some(trace.mean_work_secs()).filter(|secs| *secs > 0.0),
        }
    }

    /// The same, and what is observed and decided is recorded.
    #[must_use]
    pub fn recording(self) -> Self {
        Self { recorded: Some(Vec::new()), ..self }
    }

    /// What was recorded.
    #[must_use]
    pub fn recorded(&self) -> &[(Observation, Decision)] {
        self.recorded.as_deref().unwrap_or_default()
    }

    fn observe(&mut self, view: &View) -> Observation {
        let at_secs = view.at_secs;
        let (visible, in_flight) = (view.waiting, view.in_flight);
        let finished = Finished { messages: view.finished, busy_secs: view.busy_secs };
        let cloudwatch = self.minutes.add(view);
        let is_told = self.observing == Observing::Workers;
        Observation {
            at_secs,
            queue: Some(Reading { at_secs, visible, in_flight }),
            running: small(view.running),
            may_leave: view.may_leave,
            starting_secs: view.starting_secs.clone(),
            draining: Draining { tasks: small(view.draining), in_flight: view.draining_in_flight },
            workers: is_told.then_some(finished),
            cloudwatch: if is_told { None } else { cloudwatch },
            started_secs: view.started_secs.clone(),
            failed: 0,
            launches_max: None,
        }
    }
}

impl Scaler for Longshore {
    fn name(&self) -> &str {
        &self.name
    }

    fn rules(&self) -> Rules {
        let (min, max) = self.tasks;
        Rules { scale_in: ScaleIn::Drain, ..Rules::new(RUN_TASK, min, max) }
    }

    fn clocks(&self) -> &[f64] {
        &self.clocks
    }

    fn tick(&mut self, _: usize, view: &View) -> Order {
        let observation = self.observe(view);
        let (decision, state) = decide(&observation, std::mem::take(&mut self.state), &self.policy);
        self.state = state;
        let order = Order::Change {
            launch: whole(decision.launch.into()),
            drain: whole(decision.drain.into()),
        };
        if let Some(recorded) = &mut self.recorded {
            recorded.push((observation, decision));
        }
        order
    }
}
