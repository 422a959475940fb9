//! What workers tell: each tells now and then what it did since it told last.

use super::{Engine, fleet::Life};
use crate::{number::real, scalers::View};

/// What has been told, and nobody has heard yet.
#[derive(Debug, Default)]
pub(super) struct Reports {
    finished: f64,
    busy_secs: f64,
    started_secs: Vec<f64>,
}

/// What a task has done and not told.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Untold {
    finished: f64,
    busy_secs: f64,
    /// Up to when its work is counted.
    counted_secs: f64,
    /// When it told last.
    told_secs: f64,
}

impl Untold {
    pub(super) fn since(at_secs: f64) -> Self {
        Self { counted_secs: at_secs, told_secs: at_secs, ..Self::default() }
    }

    /// So many messages were in flight until now, and so many were finished now.
    pub(super) fn work(&mut self, at_secs: f64, in_flight: usize, finished: f64) {
        self.busy_secs += real(in_flight) * (at_secs - self.counted_secs);
        self.counted_secs = at_secs;
        self.finished += finished;
    }
}

impl Reports {
    /// A task began to receive so long after it was asked for.
    pub(super) fn started(&mut self, launch_secs: f64) {
        self.started_secs.push(launch_secs);
    }

    pub(super) fn tell(&mut self, untold: &mut Untold, at_secs: f64) {
        self.finished += untold.finished;
        self.busy_secs += untold.busy_secs;
        let counted_secs = untold.counted_secs;
        *untold = Untold { counted_secs, told_secs: at_secs, ..Untold::default() };
    }
}

/// How long before its first minute is over a task may be told to leave: it takes a moment.
const PAID_SLACK_SECS: f64 = 6.0;

impl Engine<'_> {
    /// What a scaler sees that asks the queue and hears from workers.
    pub(super) fn look_closely(&mut self, view: &mut View) {
        let noise = self.world.count_noise;
        let mut seen = |count: f64| (count * (1.0 + noise * self.dice.normal())).round().max(0.0);
        (view.waiting, view.in_flight) = (seen(view.waiting), seen(view.in_flight));
        let at_secs = self.at_secs;
        let paid_secs = self.paid_secs();
        for &id in &self.alive {
            let Some(task) = self.tasks.get(id as usize) else { continue };
            let age_secs = at_secs - task.launched_secs;
            match task.life {
                Life::Starting => view.starting_secs.push(age_secs),
                Life::Running if age_secs >= paid_secs => view.may_leave += 1,
                Life::Draining => view.draining_in_flight += real(task.in_flight.len()),
                Life::Running | Life::Ended => {}
            }
        }
        view.starting_secs.extend(std::iter::repeat_n(0.0, self.pending));
        view.draining = self.draining;
        self.hear(view);
    }

    /// Age at which a task's first minute is over.
    pub(super) fn paid_secs(&self) -> f64 {
        self.world.pull_secs + self.world.billed_secs_min - PAID_SLACK_SECS
    }

    /// Hears what workers told since the last time: those whose time to tell has come tell it all.
    fn hear(&mut self, view: &mut View) {
        for id in &self.alive {
            let Some(task) = self.tasks.get_mut(*id as usize) else { continue };
            let is_at_work = matches!(task.life, Life::Running | Life::Draining);
            if is_at_work && self.at_secs - task.untold.told_secs >= self.world.report_secs {
                task.untold.work(self.at_secs, task.in_flight.len(), 0.0);
                self.reports.tell(&mut task.untold, self.at_secs);
            }
        }
        let Reports { finished, busy_secs, started_secs } = std::mem::take(&mut self.reports);
        (view.finished, view.busy_secs, view.started_secs) = (finished, busy_secs, started_secs);
    }
}
