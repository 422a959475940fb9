//! Tasks: asked for, launched at ECS's pace, ready, told to leave, ended.

use super::{Engine, events::Event, reports::Untold};
use crate::number::small;

/// Ended tasks among those thought alive, before these are looked through.
const ALIVE_SLACK: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    Starting,
    Running,
    Draining,
    Ended,
}

/// A task.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) life: Life,
    pub(super) launched_secs: f64,
    pub(super) ready_secs: f64,
    pub(super) ended_secs: Option<f64>,
    /// Messages that it works on, and since when.
    pub(super) in_flight: Vec<(u32, f64)>,
    /// Grows when it stops receiving, so that its free slots are none any more.
    pub(super) epoch: u32,
    /// What it did and nobody knows.
    pub(super) untold: Untold,
}

impl Engine<'_> {
    /// As a service or a deployment does it: what is missing is launched, what is too much ended.
    pub(super) fn set_desired(&mut self, tasks: usize) {
        let tasks = tasks.clamp(self.rules.min_tasks, self.rules.max_tasks);
        self.note_turn(tasks.saturating_sub(self.desired), self.desired.saturating_sub(tasks));
        self.desired = tasks;
        let have = self.running + self.starting + self.pending;
        if have <= tasks {
            self.add(tasks - have);
            return;
        }
        let unlaunched = self.pending.min(have - tasks);
        self.pending -= unlaunched;
        self.end_some(have - tasks - unlaunched);
    }

    pub(super) fn add(&mut self, tasks: usize) {
        self.pending += tasks;
        self.launch_pending();
    }

    /// Launches as many as ECS takes now; the others follow.
    pub(super) fn launch_pending(&mut self) {
        let secs = self.at_secs - self.tokens_at_secs;
        let rate = self.rules.launches_per_sec;
        self.tokens = (self.tokens + secs * rate).min(self.rules.launches_burst);
        self.tokens_at_secs = self.at_secs;
        while self.pending > 0 && self.tokens >= 1.0 && self.has_room() {
            self.tokens -= 1.0;
            self.pending -= 1;
            self.launch();
        }
        if self.pending > 0 && !self.is_launch_due && self.has_room() {
            self.is_launch_due = true;
            let wait_secs = ((1.0 - self.tokens) / rate).max(0.0) + 0.001;
            self.events.push(self.at_secs + wait_secs, Event::Launch);
        }
    }

    fn has_room(&self) -> bool {
        !self.rules.is_task_per_message || self.running + self.starting < self.rules.max_tasks
    }

    fn launch(&mut self) {
        let world = &self.world;
        let median_secs = world.launch_secs;
        let secs = median_secs * (world.launch_sigma * self.dice.normal()).exp();
        let (least, most) = world.launch_bounds();
        let ready_secs = self.at_secs + secs.clamp(least, most);
        let id = small(self.tasks.len());
        self.tasks.push(Task {
            life: Life::Starting,
            launched_secs: self.at_secs,
            ready_secs,
            ended_secs: None,
            in_flight: Vec::new(),
            epoch: 0,
            untold: Untold::since(ready_secs),
        });
        self.alive.push(id);
        self.starting += 1;
        self.tally.launches += 1;
        self.events.push(ready_secs, Event::Ready(id));
    }

    pub(super) fn task_is_ready(&mut self, id: u32) {
        let task = &mut self.tasks[id as usize];
        if task.life != Life::Starting {
            return;
        }
        task.life = Life::Running;
        let (launch_secs, epoch) = (task.ready_secs - task.launched_secs, task.epoch);
        self.starting -= 1;
        self.running += 1;
        self.reports.started(launch_secs);
        if self.rules.is_one_message {
            match self.waiting.pop_front() {
                Some(message) => self.begin(id, message),
                None => self.end(id),
            }
            return;
        }
        self.idle.extend(std::iter::repeat_n((id, epoch), self.trace.slots));
        self.dispatch();
    }

    /// Ends tasks as somebody does who does not know which of them are at work: those that start
    /// first, then any.
    fn end_some(&mut self, count: usize) {
        let mut ids = self.shuffled(|task| matches!(task.life, Life::Running | Life::Starting));
        ids.sort_by_key(|id| self.tasks[*id as usize].life != Life::Starting);
        for id in ids.into_iter().take(count) {
            if self.tasks[id as usize].life == Life::Starting {
                self.end(id);
                continue;
            }
            self.stop_receiving(id);
            let is_empty = self.tasks[id as usize].in_flight.is_empty();
            if is_empty {
                self.end(id);
            } else {
                self.events.push(self.at_secs + self.world.grace_secs, Event::Kill(id));
            }
        }
    }

    /// Drains tasks whose first minute is over, those with the fewest messages first.
    pub(super) fn drain(&mut self, count: usize) {
        let paid = self.at_secs - self.paid_secs();
        let mut ids =
            self.shuffled(|task| task.life == Life::Running && task.launched_secs <= paid);
        ids.sort_by_key(|id| self.tasks[*id as usize].in_flight.len());
        for id in ids.into_iter().take(count) {
            self.stop_receiving(id);
            if self.tasks[id as usize].in_flight.is_empty() {
                self.end(id);
            }
        }
    }

    fn shuffled(&mut self, is_meant: impl Fn(&Task) -> bool) -> Vec<u32> {
        let tasks = &self.tasks;
        if self.alive.len() > ALIVE_SLACK {
            self.alive.retain(|id| tasks[*id as usize].life != Life::Ended);
        }
        let alive = self.alive.iter().copied();
        let mut ids: Vec<u32> = alive.filter(|id| is_meant(&tasks[*id as usize])).collect();
        for last in (1..ids.len()).rev() {
            ids.swap(last, self.dice.below(last + 1));
        }
        ids
    }

    fn stop_receiving(&mut self, id: u32) {
        let task = &mut self.tasks[id as usize];
        task.life = Life::Draining;
        task.epoch += 1;
        self.running -= 1;
        self.draining += 1;
    }

    pub(super) fn kill(&mut self, id: u32) {
        if self.tasks[id as usize].life == Life::Draining {
            self.end(id);
        }
    }

    /// Ends a task; what it worked on comes again when its visibility timeout is over.
    pub(super) fn end(&mut self, id: u32) {
        let task = &mut self.tasks[id as usize];
        match task.life {
            Life::Starting => self.starting -= 1,
            Life::Running => self.running -= 1,
            Life::Draining => self.draining -= 1,
            Life::Ended => return,
        }
        task.life = Life::Ended;
        self.reports.tell(&mut task.untold, self.at_secs);
        task.ended_secs = Some(self.at_secs);
        task.epoch += 1;
        for (message, _) in std::mem::take(&mut task.in_flight) {
            self.tally.redeliveries += 1;
            let wait_secs = self.visibility_secs() * (0.5 + 0.5 * self.dice.share());
            self.events.push(self.at_secs + wait_secs, Event::Redeliver(message));
        }
    }
}
