//! The world at one moment: the row of the run, two drivers, ECS's tasks, calls under way.

use crate::{
    book::{Change, Row},
    moves::{Exit, LaunchName, Move, TaskName},
};

/// See the module. Equal worlds go on equally.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    /// The run as the ledger holds it.
    pub(crate) row: Row,
    /// In order, because they are alike.
    pub(crate) drivers: [Driver; 2],
    /// In order of their names.
    pub(crate) tasks: Vec<Task>,
    /// Launches with a RunTask call whose caller gave up and that may still take effect.
    pub(crate) late: Vec<LaunchName>,
    /// Ends that were counted.
    pub(crate) counted: u8,
    /// Messages to the `failed` queue.
    pub(crate) failures: u8,
    /// What must not happen, and did.
    pub(crate) broken: Option<Broken>,
}

/// Whoever launches: a trigger or a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Driver {
    /// Has begun nothing, or has crashed.
    Idle,
    /// Waits for the ledger's answer to a write.
    Writes(Write),
    /// Holds the claim and is about to call RunTask.
    Claimed {
        of: LaunchName,
        /// Whether nobody has written since.
        is_last: bool,
    },
}

/// A conditional write under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Write {
    pub(crate) next: Move,
    /// What is written; none once somebody else has written, for then it is refused.
    pub(crate) change: Option<Change>,
    /// Whether it took effect, and its answer was lost.
    pub(crate) landed: bool,
}

/// A task of ECS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Task {
    pub(crate) name: TaskName,
    pub(crate) stage: Stage,
    /// Whether ECS still tells of it, and keeps its token.
    pub(crate) is_known: bool,
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Stage {
    Pending,
    /// Runs, and asks for the fence.
    Up,
    /// Holds the fence and works.
    Works,
    /// The work is done.
    Done,
    /// The ledger knows it.
    Reported,
    Stopped {
        exit: Exit,
        is_done: bool,
    },
}

/// What must not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Broken {
    /// An ended run changed.
    EndChanged,
    /// A task began to work after the run had succeeded.
    BegunAfterSuccess,
    /// A refusal was recorded although the launch has a task.
    TaskDisowned,
    /// A write did not expect the `ver` that was read, or did not make it greater.
    VerStood,
}

impl World {
    pub(crate) fn begin(admitted: Change) -> Self {
        Self {
            row: admitted.run,
            drivers: [Driver::Idle; 2],
            tasks: Vec::new(),
            late: Vec::new(),
            counted: admitted.counts,
            failures: admitted.failures,
            broken: None,
        }
    }

    pub(crate) fn task(&self, name: TaskName) -> Option<&Task> {
        self.tasks.iter().find(|task| task.name == name)
    }

    pub(crate) fn task_mut(&mut self, name: TaskName) -> Option<&mut Task> {
        self.tasks.iter_mut().find(|task| task.name == name)
    }

    /// The task that ECS answers to a token it knows.
    pub(crate) fn task_of_token(&self, of: LaunchName) -> Option<TaskName> {
        self.tasks.iter().find(|task| task.name.of == of && task.is_known).map(|task| task.name)
    }

    /// ECS starts a task.
    pub(crate) fn start(&mut self, of: LaunchName) -> TaskName {
        let before = self.tasks.iter().filter(|task| task.name.of == of).count();
        let name = TaskName { of, nth: u8::try_from(before).unwrap() };
        self.tasks.push(Task { name, stage: Stage::Pending, is_known: true });
        self.tasks.sort_unstable();
        name
    }

    /// The ledger takes a write; what others are about to write is refused from now on.
    pub(crate) fn written(&mut self, change: Change, was_over: bool) {
        if !change.grows {
            self.broken = Some(Broken::VerStood);
        }
        if was_over {
            self.broken = Some(Broken::EndChanged);
        }
        self.row = change.run;
        self.counted = self.counted.saturating_add(change.counts);
        self.failures = self.failures.saturating_add(change.failures);
        for driver in &mut self.drivers {
            match driver {
                Driver::Idle => {}
                Driver::Writes(write) => {
                    write.change = None;
                    write.landed = false;
                    if let Move::Refuse { is_fresh, .. } = &mut write.next {
                        *is_fresh = false;
                    }
                }
                Driver::Claimed { is_last, .. } => *is_last = false,
            }
        }
    }
}

impl Write {
    /// Whether the ledger, asked again, shows the writer its own write.
    pub(crate) fn meets_itself(&self) -> bool {
        self.landed && self.change.is_some()
    }
}

impl Task {
    /// Whether it has the fence, or took it for granted, and has not stopped.
    pub(crate) fn is_at_work(self) -> bool {
        matches!(self.stage, Stage::Works | Stage::Done | Stage::Reported)
    }

    /// Whether its work was done.
    pub(crate) fn is_done(self) -> bool {
        matches!(self.stage, Stage::Done | Stage::Reported | Stage::Stopped { is_done: true, .. })
    }

    pub(crate) fn is_stopped(self) -> bool {
        matches!(self.stage, Stage::Stopped { .. })
    }
}
