//! What may happen next.

use longshore::run::State;

use crate::{
    Interleavings,
    book::Face,
    moves::{Exit, LaunchName, TaskName},
    world::{Driver, Stage, World},
};

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Two minutes pass: leases lapse, waits end.
    Minutes,
    /// 55 minutes pass since the first call with the present token.
    TokenAges,
    /// An hour passes since the task stopped, and ECS forgets it and its token.
    Forgotten(TaskName),
    /// A driver reads the run and writes its claim.
    Begins(usize),
    /// The ledger takes the driver's write, or refuses it, and answers.
    Answered(usize),
    /// The ledger takes the driver's write, and the answer is lost.
    Unheard(usize),
    /// A driver ends wherever it is: it crashes, or a call times out without effect.
    Crashes(usize),
    /// RunTask answers a task.
    Named(usize),
    /// RunTask refuses.
    Refused {
        driver: usize,
        is_permanent: bool,
    },
    /// RunTask does not answer in time, and takes effect later or never.
    TimesOut(usize),
    /// A call that nobody waits for takes effect.
    Late(LaunchName),
    Starts(TaskName),
    AsksForFence(TaskName),
    /// The fence is the task's, and the answer is lost.
    FenceUnheard(TaskName),
    Finishes(TaskName),
    Reports(TaskName),
    Stops(TaskName, Exit),
    /// The task's RUNNING event, for the first time or again, or DescribeTasks says so.
    ToldRunning(TaskName),
    /// The task's STOPPED event, likewise.
    ToldStopped(TaskName),
    /// DescribeTasks does not know the run's task.
    ToldMissing(TaskName),
    /// A time limit of the task is over.
    Deadline,
    /// Somebody cancels the run.
    Cancelled,
    /// The sweep has asked about a task that goes on.
    LooksAgain,
}

impl Interleavings {
    pub(crate) fn acts(&self, world: &World, acts: &mut Vec<Act>) {
        let face = self.face(world.row);
        acts.push(Act::Minutes);
        if self.scope.old_tokens && face.state == State::Launching {
            acts.push(Act::TokenAges);
        }
        self.acts_of_drivers(world, acts);
        acts.extend(world.late.iter().map(|launch| Act::Late(*launch)));
        for task in &world.tasks {
            Self::acts_of_task(task.name, task.stage, face, acts);
            if task.is_known && task.is_stopped() && self.scope.old_tokens {
                acts.push(Act::Forgotten(task.name));
            }
            if !task.is_known && face.task == Some(task.name) {
                acts.push(Act::ToldMissing(task.name));
            }
        }
        if matches!(face.state, State::Launched | State::Running) {
            acts.push(Act::LooksAgain);
        }
        if self.scope.stops {
            acts.extend([Act::Deadline, Act::Cancelled]);
        }
    }

    fn acts_of_drivers(&self, world: &World, acts: &mut Vec<Act>) {
        let [first, second] = &world.drivers;
        for (n, driver) in world.drivers.iter().enumerate() {
            if n == 1 && first == second {
                break;
            }
            match driver {
                Driver::Idle => acts.push(Act::Begins(n)),
                Driver::Writes(write) => {
                    acts.extend([Act::Answered(n), Act::Crashes(n)]);
                    if !write.landed && write.change.is_some() {
                        acts.push(Act::Unheard(n));
                    }
                }
                Driver::Claimed { of, .. } => {
                    acts.extend([Act::Named(n), Act::Crashes(n)]);
                    if world.task_of_token(*of).is_none() {
                        let refused = |is_permanent| Act::Refused { driver: n, is_permanent };
                        acts.extend([refused(false), refused(true)]);
                        if self.scope.late_calls && !world.late.contains(of) {
                            acts.push(Act::TimesOut(n));
                        }
                    }
                }
            }
        }
    }

    fn acts_of_task(name: TaskName, stage: Stage, face: Face, acts: &mut Vec<Act>) {
        let lost = Act::Stops(name, Exit::Lost);
        match stage {
            Stage::Pending => acts.extend([Act::Starts(name), lost]),
            Stage::Up => acts.extend([Act::AsksForFence(name), Act::FenceUnheard(name), lost]),
            Stage::Works => {
                acts.extend([Act::Finishes(name), Act::Stops(name, Exit::One), lost]);
            }
            Stage::Done => acts.extend([Act::Reports(name), Act::Stops(name, Exit::Zero), lost]),
            Stage::Reported => acts.extend([Act::Stops(name, Exit::Zero), lost]),
            Stage::Stopped { .. } => acts.push(Act::ToldStopped(name)),
        }
        if stage != Stage::Pending {
            acts.push(Act::ToldRunning(name));
        }
        let is_live = !matches!(stage, Stage::Stopped { .. });
        if is_live && face.is_stopping && face.task == Some(name) {
            acts.push(Act::Stops(name, Exit::Halted));
        }
    }
}
