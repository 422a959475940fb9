//! What the actors ask of the machine: a step with everything but names and outcomes fixed.

use jiff::SignedDuration;
use longshore::{
    run::{
        Class, LaunchId, LaunchRefusal, Outcome, RefusalKind, Run, Step, StoppedContainer,
        Stopping, TaskChange, TaskStatus, WorkResult, WorkStatus, classify, outcome_of,
    },
    trigger::Trigger,
};

use crate::{book::NOW, bugs::Bug};

/// A launch of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LaunchName {
    pub(crate) attempt: u8,
    pub(crate) launch: u8,
}

/// A task: which of its launch's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TaskName {
    pub(crate) of: LaunchName,
    pub(crate) nth: u8,
}

/// How a task stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Exit {
    /// Its container exited with code 0.
    Zero,
    /// Its container exited with code 1.
    One,
    /// Its container exited with code 75: the fence is not its own.
    Fenced,
    /// AWS took its capacity back.
    Lost,
    /// StopTask stopped it.
    Halted,
}

/// A step in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Move {
    Claim,
    Launched(TaskName),
    Refuse { of: LaunchName, is_fresh: bool, is_permanent: bool },
    Fence(TaskName),
    Progress(TaskName),
    Report(TaskName),
    Settle(TaskName, Exit),
    Missing(TaskName),
    Deadline,
    Cancel,
    LookAgain,
}

/// `version` of a task's RUNNING event; the STOPPED event's is one more.
const RUNNING_VERSION: i64 = 2;
/// Longer than any time limit of the trigger.
const PAST_ALL_LIMITS: SignedDuration = SignedDuration::from_hours(1);

impl LaunchName {
    pub(crate) fn id(self, run: &Run) -> LaunchId {
        LaunchId { run: run.id.clone(), attempt: self.attempt.into(), launch: self.launch.into() }
    }
}

impl TaskName {
    pub(crate) fn arn(self) -> String {
        format!("task/{}.{}.{}", self.of.attempt, self.of.launch, self.nth)
    }

    pub(crate) fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.strip_prefix("task/")?.split('.').map(|part| part.parse().ok());
        let mut part = || parts.next().flatten();
        Some(Self { of: LaunchName { attempt: part()?, launch: part()? }, nth: part()? })
    }
}

impl Move {
    /// The step, and the run at which it is taken: as it stands, but for what the actor knows
    /// otherwise.
    pub(crate) fn step(self, run: &Run, trigger: &Trigger, bugs: &[Bug]) -> (Run, Step) {
        let mut run = run.clone();
        let step = match self {
            Self::Claim => {
                if bugs.contains(&Bug::TokenForEver) {
                    run.first_call_at = run.first_call_at.map(|_| NOW);
                }
                Step::Claim { trigger: Box::new(trigger.clone()), slot: None }
            }
            Self::Launched(task) => Step::Launched { id: task.of.id(&run), task: task.arn() },
            Self::Refuse { of, is_fresh, is_permanent } => {
                let is_fresh = is_fresh || bugs.contains(&Bug::RefusalOfAnyClaim);
                let claimed_ver = if is_fresh { run.ver } else { run.ver - 1 };
                let kind =
                    if is_permanent { RefusalKind::Permanent } else { RefusalKind::Capacity };
                let refusal = LaunchRefusal { reason: "refused".into(), kind };
                Step::Refuse { id: of.id(&run), claimed_ver, refusal, jitter: 0 }
            }
            Self::Fence(task) => {
                Step::Fence { id: task.of.id(&run), task: task.arn(), worker: None }
            }
            Self::Progress(task) => {
                let (id, task) = (task.of.id(&run), task.arn());
                Step::Progress { id, task, version: RUNNING_VERSION }
            }
            Self::Report(task) => Step::Report { task: task.arn(), result: done() },
            Self::Settle(task, exit) => settled(&run, task, exit, bugs),
            Self::Missing(task) => missing(&run, task),
            Self::Deadline => {
                run.since = Some(NOW - PAST_ALL_LIMITS);
                let why = run.overdue(NOW).unwrap_or(Stopping::Timeout { limit_secs: 0 });
                Step::Stop { why }
            }
            Self::Cancel => Step::Stop { why: Stopping::Cancel { by: "somebody".into() } },
            Self::LookAgain => Step::LookAgain,
        };
        (run, step)
    }
}

/// What the observer makes of a STOPPED event.
fn settled(run: &Run, task: TaskName, exit: Exit, bugs: &[Bug]) -> Step {
    let (mut id, mut task) = (task.of.id(run), task.arn());
    if bugs.contains(&Bug::EndOfAnyTask) {
        id = run.launch_id();
        task = run.task().map_or(task, str::to_owned);
    }
    let outcome = classify(&exit.of(&id, &task), "worker", run.result.as_ref(), &[]);
    Step::Settle { id, task, version: RUNNING_VERSION + 1, outcome, memory: None, jitter: 0 }
}

/// What the sweep makes of a task that ECS no longer knows.
fn missing(run: &Run, task: TaskName) -> Step {
    let forgotten = || Outcome::new(Class::Infrastructure, "ECS no longer knows the task");
    let outcome = run.result.as_ref().map_or_else(forgotten, outcome_of);
    let version = run.task_version.unwrap_or_default();
    Step::Settle {
        id: run.launch_id(),
        task: task.arn(),
        version,
        outcome,
        memory: None,
        jitter: 0,
    }
}

fn done() -> WorkResult {
    WorkResult::new(WorkStatus::Done, "")
}

impl Exit {
    /// What ECS tells of the task.
    fn of(self, id: &LaunchId, task: &str) -> TaskChange {
        let (stop_code, exit_code) = match self {
            Self::Zero => ("EssentialContainerExited", Some(0)),
            Self::One => ("EssentialContainerExited", Some(1)),
            Self::Fenced => ("EssentialContainerExited", Some(75)),
            Self::Lost => ("SpotInterruption", None),
            Self::Halted => ("UserInitiated", Some(143)),
        };
        TaskChange {
            task: task.into(),
            cluster: "cluster".into(),
            definition: "worker:7".into(),
            started_by: id.to_string(),
            version: RUNNING_VERSION + 1,
            status: TaskStatus::Stopped,
            containers: vec![StoppedContainer { name: "worker".into(), exit_code, reason: None }],
            stop_code: Some(stop_code.into()),
            stopped_reason: None,
            cpu: None,
            memory: None,
        }
    }
}
