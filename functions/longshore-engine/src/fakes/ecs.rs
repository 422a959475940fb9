//! An ECS that starts one task per client token, and can be told to answer otherwise.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use longshore::{
    run::{LaunchRefusal, TaskChange},
    trigger::Launch,
};

use super::{Dies, lock};
use crate::ports::{Ecs, EcsError, LaunchTrouble};

/// What ECS does with one RunTask call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Throttles it: nothing is started, and nothing certain said.
    Throttled,
    /// Starts the task, and answers too late.
    TimedOut,
    /// Has no room now.
    NoRoom,
    /// Can never start it.
    Never,
}

pub(crate) struct FakeEcs {
    process: Arc<Dies>,
    answers: Mutex<VecDeque<Answer>>,
    tasks: Mutex<BTreeMap<String, (String, Launch)>>,
    known: Mutex<BTreeMap<String, TaskChange>>,
    unsayable: Mutex<Option<String>>,
}

impl FakeEcs {
    pub(super) fn new(process: &Arc<Dies>) -> Self {
        Self {
            process: Arc::clone(process),
            answers: Mutex::default(),
            tasks: Mutex::default(),
            known: Mutex::default(),
            unsayable: Mutex::default(),
        }
    }

    /// Answers the next calls so.
    pub(crate) fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        lock(&self.answers).extend(answers);
    }

    /// Started tasks with their launches.
    pub(crate) fn tasks(&self) -> Vec<(String, Launch)> {
        lock(&self.tasks).values().cloned().collect()
    }

    /// Remembers another launch under its token than the one that was made.
    pub(crate) fn replace(&self, launch: Launch) {
        let mut tasks = lock(&self.tasks);
        let known = tasks.values_mut().find(|(_, known)| known.id == launch.id);
        known.expect("the token was used").1 = launch;
    }

    /// Says so when it is asked about the task; it is MISSING otherwise.
    pub(crate) fn knows(&self, change: TaskChange) {
        lock(&self.known).insert(change.task.clone(), change);
    }

    /// Fails whenever it is asked about the task.
    pub(crate) fn cannot_say(&self, task: &str) {
        *lock(&self.unsayable) = Some(task.to_owned());
    }

    fn start(&self, launch: &Launch) -> Result<String, LaunchTrouble> {
        let mut tasks = lock(&self.tasks);
        let arn = format!("arn:aws:ecs:eu-west-1:111122223333:task/longshore/{}", tasks.len());
        let (task, first) =
            tasks.entry(launch.client_token.clone()).or_insert_with(|| (arn, launch.clone()));
        if first == launch {
            Ok(task.clone())
        } else {
            Err(LaunchTrouble::AlreadyLaunched(task.clone()))
        }
    }
}

impl Ecs for FakeEcs {
    async fn run_task(&self, launch: &Launch) -> Result<String, LaunchTrouble> {
        let refusal = |reason: &str, is_permanent| {
            Err(LaunchTrouble::Refused(LaunchRefusal { reason: reason.into(), is_permanent }))
        };
        let work = || match lock(&self.answers).pop_front() {
            None => self.start(launch),
            Some(Answer::Throttled) => Err(LaunchTrouble::Unknown("ThrottlingException".into())),
            Some(Answer::TimedOut) => {
                self.start(launch).and(Err(LaunchTrouble::Unknown("it timed out".into())))
            }
            Some(Answer::NoRoom) => refusal("RESOURCE:FARGATE", false),
            Some(Answer::Never) => refusal("InvalidParameterException", true),
        };
        self.process.call(work).map_err(LaunchTrouble::Unknown)?
    }

    async fn describe(&self, _: &str, task: &str) -> Result<Option<TaskChange>, EcsError> {
        if lock(&self.unsayable).as_deref() == Some(task) {
            return Err(EcsError("ServerException".into()));
        }
        self.process.call(|| lock(&self.known).get(task).cloned()).map_err(EcsError)
    }
}
