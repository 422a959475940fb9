//! What follows when it happens; none when nothing changes.

use longshore::run::State;

use crate::{
    Interleavings,
    act::Act,
    book::Passes,
    bugs::Bug,
    moves::{Exit, LaunchName, Move, TaskName},
    world::{Broken, Driver, Stage, World},
};

impl Interleavings {
    pub(crate) fn after(&self, world: &World, act: Act) -> Option<World> {
        let mut next = world.clone();
        match act {
            Act::Minutes => self.minutes(&mut next),
            Act::TokenAges => self.token_ages(&mut next),
            Act::Forgotten(task) => self.forgotten(&mut next, task)?,
            Act::Begins(_)
            | Act::Answered(_)
            | Act::Unheard(_)
            | Act::Crashes(_)
            | Act::Named(_)
            | Act::Refused { .. }
            | Act::TimesOut(_) => self.drives(&mut next, act)?,
            Act::Late(launch) => {
                next.late.retain(|late| *late != launch);
                self.runs_task(&mut next, launch);
            }
            Act::Starts(task) => next.task_mut(task)?.stage = Stage::Up,
            Act::AsksForFence(task) => self.asks_for_fence(&mut next, task)?,
            Act::FenceUnheard(task) => self.written_by_nobody(&mut next, Move::Fence(task))?,
            Act::Finishes(task) => next.task_mut(task)?.stage = Stage::Done,
            Act::Reports(task) => {
                // Whether it still holds the fence or not, it leaves with its work done.
                let _heard = self.written_by_nobody(&mut next, Move::Report(task));
                next.task_mut(task)?.stage = Stage::Reported;
            }
            Act::Stops(task, exit) => {
                let task = next.task_mut(task)?;
                task.stage = Stage::Stopped { exit, is_done: task.is_done() };
            }
            Act::ToldRunning(task) => self.written_by_nobody(&mut next, Move::Progress(task))?,
            Act::ToldStopped(task) => {
                let Stage::Stopped { exit, .. } = world.task(task)?.stage else { return None };
                self.written_by_nobody(&mut next, Move::Settle(task, exit))?;
            }
            Act::ToldMissing(task) => self.written_by_nobody(&mut next, Move::Missing(task))?,
            Act::Deadline => self.written_by_nobody(&mut next, Move::Deadline)?,
            Act::Cancelled => self.written_by_nobody(&mut next, Move::Cancel)?,
            Act::LooksAgain => self.written_by_nobody(&mut next, Move::LookAgain)?,
        }
        self.simplify(&mut next);
        (next != *world).then_some(next)
    }

    /// A write of somebody who is not interrupted: it is judged and made at the same `ver`.
    fn written_by_nobody(&self, next: &mut World, asked: Move) -> Option<()> {
        let change = self.take(next.row, asked)?;
        let was_over = self.face(next.row).state.is_terminal();
        next.written(change, was_over);
        Some(())
    }

    /// Whoever holds a claim calls no more: its lease is over.
    fn minutes(&self, next: &mut World) {
        next.row = self.later(next.row, Passes::Minutes);
        for driver in &mut next.drivers {
            match driver {
                Driver::Claimed { .. } => *driver = Driver::Idle,
                Driver::Writes(write) => {
                    if let Some(change) = &mut write.change {
                        change.run = self.later(change.run, Passes::Minutes);
                    }
                }
                Driver::Idle => {}
            }
        }
    }

    fn token_ages(&self, next: &mut World) {
        next.row = self.later(next.row, Passes::Token);
        for driver in &mut next.drivers {
            if let Driver::Writes(write) = driver
                && let Some(change) = &mut write.change
            {
                change.run = self.later(change.run, Passes::Token);
            }
        }
    }

    /// By then its launch's token is old, the claims are over, and no call is under way.
    fn forgotten(&self, next: &mut World, task: TaskName) -> Option<()> {
        next.task_mut(task)?.is_known = false;
        next.late.retain(|late| *late != task.of);
        let face = self.face(next.row);
        if face.at == task.of && face.state == State::Launching {
            self.minutes(next);
            self.token_ages(next);
        }
        for driver in &mut next.drivers {
            if matches!(driver, Driver::Claimed { of, .. } if *of == task.of) {
                *driver = Driver::Idle;
            }
        }
        Some(())
    }

    fn asks_for_fence(&self, next: &mut World, task: TaskName) -> Option<()> {
        let face = self.face(next.row);
        let is_held = self.has(Bug::NoFence)
            || face.executor == Some(task) && self.take(next.row, Move::Fence(task)).is_none()
            || self.written_by_nobody(next, Move::Fence(task)).is_some();
        next.task_mut(task)?.stage = if is_held {
            Stage::Works
        } else {
            let exit = if self.has(Bug::FencedLeavesWithZero) { Exit::Zero } else { Exit::Fenced };
            Stage::Stopped { exit, is_done: false }
        };
        if is_held && face.state == State::Succeeded {
            next.broken = Some(Broken::BegunAfterSuccess);
        }
        Some(())
    }

    /// RunTask takes effect.
    pub(crate) fn runs_task(&self, next: &mut World, launch: LaunchName) -> TaskName {
        match next.task_of_token(launch) {
            Some(task) if !self.has(Bug::NoToken) => task,
            _ => next.start(launch),
        }
    }
}
