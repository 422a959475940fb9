//! The simulation: messages come, tasks start, work and end, and a scaler ticks, in simulated time.

mod events;
mod fleet;
mod reports;
mod work;

use std::collections::VecDeque;

use self::{
    events::{Event, Events},
    fleet::Task,
    reports::Reports,
};
use crate::{
    dice::Dice,
    number::real,
    outcome::{Outcome, Tally},
    scalers::{Order, Rules, ScaleIn, Scaler, View},
    timeline::{Moment, Timeline},
    trace::Trace,
    world::World,
};

/// Time after the end of a trace within which its work may still be done.
const OVERTIME_SECS: f64 = 6.0 * 3_600.0;
/// Shortest and longest visibility timeout, and how many times the mean work it is between them.
const VISIBILITY_SECS: (f64, f64) = (30.0, 900.0);
const VISIBILITY_TIMES: f64 = 6.0;

/// Runs `trace` in `world` with `scaler` at work.
pub fn simulate(trace: &Trace, world: &World, scaler: &mut dyn Scaler, seed: u64) -> Outcome {
    watch(trace, world, scaler, seed).0
}

/// The same, and what it looked like over time.
pub fn watch(
    trace: &Trace,
    world: &World,
    scaler: &mut dyn Scaler,
    seed: u64,
) -> (Outcome, Timeline) {
    let mut engine = Engine::new(trace, *world, scaler.rules(), seed);
    for (clock, every_secs) in scaler.clocks().iter().enumerate() {
        let first = engine.dice.share() * every_secs;
        engine.events.push(first, Event::Tick(clock));
    }
    engine.set_desired(engine.rules.min_tasks);
    engine.run(scaler);
    let (tally, timeline) = engine.close();
    (Outcome::of(scaler.name(), trace, tally), timeline)
}

struct Engine<'a> {
    trace: &'a Trace,
    world: World,
    rules: Rules,
    dice: Dice,
    at_secs: f64,
    events: Events,
    /// Messages that have come.
    come: usize,
    waiting: VecDeque<u32>,
    in_flight: usize,
    tasks: Vec<Task>,
    /// Tasks that have not ended.
    alive: Vec<u32>,
    /// Free slots, each with the task's epoch.
    idle: Vec<(u32, u32)>,
    running: usize,
    starting: usize,
    draining: usize,
    desired: usize,
    /// Tasks that were asked for and wait for ECS to launch them.
    pending: usize,
    tokens: f64,
    tokens_at_secs: f64,
    is_launch_due: bool,
    reports: Reports,
    tally: Tally,
    timeline: Timeline,
    last_done_secs: f64,
    /// Whether the last change was to more tasks.
    went_up: Option<bool>,
}

impl<'a> Engine<'a> {
    fn new(trace: &'a Trace, world: World, rules: Rules, seed: u64) -> Self {
        Self {
            trace,
            world,
            rules,
            dice: Dice::new(seed, "world"),
            at_secs: 0.0,
            events: Events::default(),
            come: 0,
            waiting: VecDeque::new(),
            in_flight: 0,
            tasks: Vec::new(),
            alive: Vec::new(),
            idle: Vec::new(),
            running: 0,
            starting: 0,
            draining: 0,
            desired: 0,
            pending: 0,
            tokens: rules.launches_burst,
            tokens_at_secs: 0.0,
            is_launch_due: false,
            reports: Reports::default(),
            tally: Tally::default(),
            timeline: Timeline::of(trace.end_secs),
            last_done_secs: 0.0,
            went_up: None,
        }
    }

    fn run(&mut self, scaler: &mut dyn Scaler) {
        let end_secs = self.trace.end_secs + OVERTIME_SECS;
        loop {
            let next = self.trace.arrivals.get(self.come).copied().unwrap_or(f64::INFINITY);
            let at_secs = next.min(self.events.next_at());
            let is_over = self.is_done() && at_secs > self.trace.end_secs;
            if is_over || at_secs > end_secs {
                self.at_secs = at_secs.min(self.trace.end_secs.max(self.last_done_secs));
                return;
            }
            self.timeline.see(Moment {
                at_secs,
                come: self.come,
                waiting: self.waiting.len(),
                tasks: self.running + self.starting + self.draining,
            });
            self.at_secs = at_secs;
            if next <= self.events.next_at() {
                self.message_comes();
            } else if let Some(event) = self.events.pop() {
                self.happen(event, scaler);
            }
        }
    }

    fn is_done(&self) -> bool {
        self.tally.done == self.trace.arrivals.len()
    }

    fn happen(&mut self, event: Event, scaler: &mut dyn Scaler) {
        match event {
            Event::Launch => {
                self.is_launch_due = false;
                self.launch_pending();
            }
            Event::Ready(task) => self.task_is_ready(task),
            Event::Done(task, message) => self.message_is_done(task, message),
            Event::Redeliver(message) => {
                self.in_flight -= 1;
                self.waiting.push_back(message);
                self.dispatch();
            }
            Event::Kill(task) => self.kill(task),
            Event::Tick(clock) => {
                let every_secs = scaler.clocks().get(clock).copied().unwrap_or(f64::INFINITY);
                self.events.push(self.at_secs + every_secs, Event::Tick(clock));
                if self.dice.share() >= self.world.tick_failures {
                    let view = self.view();
                    let order = scaler.tick(clock, &view);
                    self.obey(order);
                }
            }
        }
    }

    fn view(&mut self) -> View {
        let mut view = View {
            at_secs: self.at_secs,
            waiting: real(self.waiting.len()),
            in_flight: real(self.in_flight),
            running: self.running,
            launching: self.starting + self.pending,
            desired: self.desired,
            ..View::default()
        };
        if self.rules.scale_in == ScaleIn::Drain {
            self.look_closely(&mut view);
        }
        view
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Keep => {}
            Order::Desired(tasks) => self.set_desired(tasks),
            Order::Add(tasks) => self.add(tasks),
            Order::Change { launch, drain } => {
                self.note_turn(launch, drain);
                self.add(launch);
                if drain > 0 {
                    self.drain(drain);
                }
            }
        }
    }

    fn note_turn(&mut self, up: usize, down: usize) {
        if up == down {
            return;
        }
        let goes_up = up > down;
        self.tally.reversals += usize::from(self.went_up.is_some_and(|went| went != goes_up));
        self.went_up = Some(goes_up);
    }

    /// Ends what is still alive, and tells what became of it all.
    fn close(mut self) -> (Tally, Timeline) {
        for task in &self.tasks {
            let end_secs = task.ended_secs.unwrap_or(self.at_secs);
            let billed_secs = end_secs - task.launched_secs - self.world.pull_secs;
            if billed_secs > 0.0 {
                self.tally.billed_secs += billed_secs.ceil().max(self.world.billed_secs_min);
            }
        }
        (self.tally, self.timeline)
    }

    fn visibility_secs(&self) -> f64 {
        let secs = VISIBILITY_TIMES * self.trace.mean_work_secs();
        secs.clamp(VISIBILITY_SECS.0, VISIBILITY_SECS.1)
    }
}
