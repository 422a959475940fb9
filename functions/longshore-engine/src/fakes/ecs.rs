//! An ECS that starts one task per client token, and can be told to answer otherwise.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use longshore::{
    pool::PoolMessage,
    run::{LaunchRefusal, LogSettings, RefusalKind, StoppedContainer, TaskChange, TaskStatus},
    trigger::{Launch, Pool},
};

use super::{Dies, FakeWorld, lock};
use crate::ports::{Clock, Ecs, EcsError, LaunchTrouble};

/// What ECS does with one RunTask call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Throttles it: nothing is started, and nothing certain said.
    Throttled,
    /// Starts the task, and answers too late.
    TimedOut,
    /// Refuses it.
    Refused(RefusalKind),
}

/// A task that was started.
#[derive(Clone, Debug)]
pub(crate) struct FakeTask {
    pub(crate) arn: String,
    pub(crate) launch: Launch,
    /// The reasons it was stopped for.
    pub(crate) stops: Vec<String>,
    pub(crate) ignores_stops: bool,
    /// What ECS says of it; nothing once it is forgotten.
    pub(crate) known: Option<TaskChange>,
}

pub(crate) struct FakeEcs {
    process: Arc<Dies>,
    world: Arc<FakeWorld>,
    answers: Mutex<VecDeque<Answer>>,
    calls: Mutex<Vec<Timestamp>>,
    tasks: Mutex<Vec<FakeTask>>,
    inactive: Mutex<BTreeSet<String>>,
    unsayable: Mutex<BTreeSet<String>>,
    enqueued: Mutex<Vec<PoolMessage>>,
}

impl FakeEcs {
    pub(super) fn new(process: &Arc<Dies>, world: &Arc<FakeWorld>) -> Self {
        Self {
            process: Arc::clone(process),
            world: Arc::clone(world),
            answers: Mutex::default(),
            calls: Mutex::default(),
            tasks: Mutex::default(),
            inactive: Mutex::default(),
            unsayable: Mutex::default(),
            enqueued: Mutex::default(),
        }
    }

    /// Answers the next calls so.
    pub(crate) fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        lock(&self.answers).extend(answers);
    }

    /// When RunTask was called.
    pub(crate) fn calls(&self) -> Vec<Timestamp> {
        lock(&self.calls).clone()
    }

    /// Started tasks, the oldest first.
    pub(crate) fn tasks(&self) -> Vec<FakeTask> {
        lock(&self.tasks).clone()
    }

    /// What lies in the queue of the pool, the oldest first.
    pub(crate) fn enqueued(&self) -> Vec<PoolMessage> {
        lock(&self.enqueued).clone()
    }

    /// Takes everything out of the queue of the pool.
    pub(crate) fn purges(&self) -> Vec<PoolMessage> {
        std::mem::take(&mut lock(&self.enqueued))
    }

    /// A task that runs and was started for no run, and what ECS says of it.
    pub(crate) fn worker(&self, launch: &Launch) -> (String, TaskChange) {
        let mut tasks = lock(&self.tasks);
        let arn = format!("arn:aws:ecs:eu-west-1:111122223333:task/longshore/{}", tasks.len());
        let (status, started_by) = (TaskStatus::Running, "ecs-svc/1".to_owned());
        let known = TaskChange { status, started_by, ..pending(&arn, launch) };
        let (launch, stops, ignores_stops) = (launch.clone(), Vec::new(), false);
        let task =
            FakeTask { arn: arn.clone(), launch, stops, ignores_stops, known: Some(known.clone()) };
        tasks.push(task);
        (arn, known)
    }

    /// Deregisters a revision of the task definition.
    pub(crate) fn deregister(&self, definition: &str) {
        lock(&self.inactive).insert(definition.to_owned());
    }

    /// Fails whenever it is asked about the task, or the task definition.
    pub(crate) fn cannot_say(&self, arn: &str) {
        lock(&self.unsayable).insert(arn.to_owned());
    }

    pub(crate) fn change(&self, task: &str, change: impl FnOnce(&mut FakeTask)) {
        let mut tasks = lock(&self.tasks);
        change(tasks.iter_mut().find(|known| known.arn == task).expect("it was started"));
    }

    fn start(&self, launch: &Launch) -> Result<String, LaunchTrouble> {
        let mut tasks = lock(&self.tasks);
        let token = |task: &&FakeTask| task.launch.client_token == launch.client_token;
        if let Some(first) = tasks.iter().find(token) {
            let arn = first.arn.clone();
            return if first.launch == *launch {
                Ok(arn)
            } else {
                Err(LaunchTrouble::AlreadyLaunched(arn))
            };
        }
        if lock(&self.inactive).contains(&launch.task.definition) {
            return Err(refused(RefusalKind::Inactive));
        }
        let arn = format!("arn:aws:ecs:eu-west-1:111122223333:task/longshore/{}", tasks.len());
        let (launch, known) = (launch.clone(), Some(pending(&arn, launch)));
        let (stops, ignores_stops) = (Vec::new(), false);
        tasks.push(FakeTask { arn: arn.clone(), launch, stops, ignores_stops, known });
        Ok(arn)
    }
}

fn refused(kind: RefusalKind) -> LaunchTrouble {
    LaunchTrouble::Refused(LaunchRefusal { reason: format!("it is {kind:?}"), kind })
}

fn pending(arn: &str, launch: &Launch) -> TaskChange {
    TaskChange {
        task: arn.to_owned(),
        cluster: launch.task.cluster.clone(),
        definition: launch.task.definition.clone(),
        started_by: launch.started_by.clone(),
        version: 1,
        status: TaskStatus::Other,
        containers: Vec::new(),
        stop_code: None,
        stopped_reason: None,
        cpu: None,
        memory: None,
    }
}

impl FakeTask {
    pub(super) fn runs(&mut self) {
        let known = self.known.as_mut().expect("ECS knows it");
        (known.version, known.status) = (3, TaskStatus::Running);
    }

    pub(super) fn stops(&mut self, code: &str, reason: &str, exit_code: Option<i32>) {
        let Some(known) = self.known.as_mut() else { return };
        if known.status == TaskStatus::Stopped {
            return;
        }
        (known.version, known.status) = (5, TaskStatus::Stopped);
        known.stop_code = Some(code.to_owned());
        known.stopped_reason = Some(reason.to_owned());
        let name = self.launch.task.container.clone();
        known.containers = vec![StoppedContainer { name, exit_code, reason: None }];
    }
}

impl Ecs for FakeEcs {
    async fn run_task(&self, launch: &Launch) -> Result<String, LaunchTrouble> {
        let work = || {
            lock(&self.calls).push(self.world.now());
            match lock(&self.answers).pop_front() {
                None => self.start(launch),
                Some(Answer::Throttled) => {
                    Err(LaunchTrouble::Unknown("ThrottlingException".into()))
                }
                Some(Answer::TimedOut) => {
                    self.start(launch).and(Err(LaunchTrouble::Unknown("it timed out".into())))
                }
                Some(Answer::Refused(kind)) => Err(refused(kind)),
            }
        };
        self.process.call(work).await.map_err(LaunchTrouble::Unknown)?
    }

    async fn enqueue(&self, launch: &Launch, pool: &Pool) -> Result<(), LaunchTrouble> {
        let send = || {
            let keep = || lock(&self.enqueued).push(PoolMessage::of(launch, pool));
            match lock(&self.answers).pop_front() {
                None => {
                    keep();
                    Ok(())
                }
                Some(Answer::Throttled) => {
                    Err(LaunchTrouble::Unknown("ThrottlingException".into()))
                }
                Some(Answer::TimedOut) => {
                    keep();
                    Err(LaunchTrouble::Unknown("it timed out".into()))
                }
                Some(Answer::Refused(kind)) => Err(refused(kind)),
            }
        };
        self.process.call(send).await.map_err(LaunchTrouble::Unknown)?
    }

    async fn is_empty(&self, _: &str) -> Result<bool, EcsError> {
        self.process.call(|| lock(&self.enqueued).is_empty()).await.map_err(EcsError)
    }

    async fn describe(&self, _: &str, task: &str) -> Result<Option<TaskChange>, EcsError> {
        let say = || {
            if lock(&self.unsayable).contains(task) {
                return Err("ServerException".to_owned());
            }
            let tasks = lock(&self.tasks);
            Ok(tasks.iter().find(|known| known.arn == task).and_then(|task| task.known.clone()))
        };
        self.process.call(say).await.and_then(|said| said).map_err(EcsError)
    }

    async fn log_settings(
        &self,
        definition: &str,
        container: &str,
    ) -> Result<Option<LogSettings>, EcsError> {
        let say = || {
            if lock(&self.unsayable).contains(definition) {
                return Err("AccessDeniedException".to_owned());
            }
            Ok((container == "app").then(|| LogSettings {
                driver: Some("awslogs".into()),
                group: Some("logs".into()),
                region: None,
                stream_prefix: Some("work".into()),
            }))
        };
        self.process.call(say).await.and_then(|said| said).map_err(EcsError)
    }

    async fn stop(&self, _: &str, task: &str, reason: &str) -> Result<(), EcsError> {
        let stop = || {
            self.change(task, |task| {
                task.stops.push(reason.to_owned());
                if !task.ignores_stops {
                    task.stops("UserInitiated", reason, Some(143));
                }
            });
        };
        self.process.call(stop).await.map_err(EcsError)
    }
}
