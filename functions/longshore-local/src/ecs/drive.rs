//! One task from PENDING to STOPPED: starts its containers, hears of their ends, stops the rest.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio::{sync::watch, task::JoinHandle};

use super::{
    Ecs, Launch, NotStarted, Signal, Started,
    lines::Lines,
    lock,
    task::Task,
    transition::{self, Course},
};

/// One part in so many of a task's delay passes while it is PROVISIONING, the rest while it is
/// PENDING: the image takes longer than the network interface.
const PROVISIONING_SHARE: u32 = 3;

/// How firmly a task's containers are told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stop {
    /// They run.
    No,
    /// SIGTERM, and SIGKILL after the stop timeout.
    Terminate,
    /// SIGKILL at once.
    Kill,
}

/// The future that carries a task, and the way to tell it to stop.
pub(super) struct Drive {
    stop: watch::Sender<Stop>,
    pub(super) future: JoinHandle<()>,
}

/// Containers on their way to their end: which one ended, and its exit code.
type Running = FuturesUnordered<BoxFuture<'static, (usize, Option<i32>)>>;

impl Drive {
    pub(super) fn tell(&self, stop: Stop) {
        raise(&self.stop, stop);
    }

    pub(super) fn stop_sender(&self) -> watch::Sender<Stop> {
        self.stop.clone()
    }
}

/// Makes a stop firmer, never softer.
pub(super) fn raise(told: &watch::Sender<Stop>, stop: Stop) {
    told.send_if_modified(|told| {
        let is_firmer = stop > *told;
        *told = stop.max(*told);
        is_firmer
    });
}

async fn reached(told: &mut watch::Receiver<Stop>, stop: Stop) {
    // Without a sender nobody is left to wait for the task, which then may as well end.
    drop(told.wait_for(|told| *told >= stop).await);
}

impl Ecs {
    /// Carries a new task from here on.
    pub(super) fn begin(self: &Arc<Self>, task: Task, launches: Vec<Launch>) {
        let (stop, _) = watch::channel(Stop::No);
        let id = task.id.clone();
        let mut drives = lock(&self.drives);
        let ecs = Arc::clone(self);
        let told = stop.clone();
        let future = tokio::spawn(async move {
            ecs.carry(&task, launches, &told).await;
            lock(&ecs.drives).remove(&task.id);
        });
        drives.insert(id, Drive { stop, future });
    }

    async fn carry(&self, task: &Task, launches: Vec<Launch>, stop: &watch::Sender<Stop>) {
        let id = &task.id;
        let now = || self.ground.clock.now();
        let delay = self.launch_delay.get().copied().unwrap_or_default();
        let provisioning = delay / PROVISIONING_SHARE;
        if self.state().tasks.get(id).is_none_or(Task::is_stopping) {
            raise(stop, Stop::Terminate);
        }
        self.wait(provisioning, stop).await;
        let pending = self.step(id, |task| transition::pending(task, now()));
        if pending.is_none_or(|task| task.is_stopping()) {
            raise(stop, Stop::Terminate);
        }
        self.wait(delay.saturating_sub(provisioning), stop).await;
        let mut running = Running::new();
        match self.start(task, launches, stop, &mut running).await {
            Ok(()) => {
                self.step(id, |task| transition::running(task, now()));
            }
            Err((index, NotStarted(reason))) => {
                self.step(id, |task| transition::failed_to_start(task, index, &reason, now()));
                raise(stop, Stop::Kill);
            }
        }
        while let Some((index, exit_code)) = running.next().await {
            let exited = |task| transition::container_exited(task, index, exit_code, now());
            if self.step(id, exited).is_none_or(|task| task.is_stopping()) {
                raise(stop, Stop::Terminate);
            }
        }
        self.step(id, |task| transition::ended(task, now()));
    }

    /// Waits so long, unless the task is told to stop.
    async fn wait(&self, time: Duration, stop: &watch::Sender<Stop>) {
        if time.is_zero() {
            return;
        }
        let mut told = stop.subscribe();
        tokio::select! {
            () = self.ground.clock.sleep(time) => {}
            () = reached(&mut told, Stop::Terminate) => {}
        }
    }

    /// Starts the containers in order, until one cannot be or the task is told to stop.
    async fn start(
        &self,
        task: &Task,
        launches: Vec<Launch>,
        stop: &watch::Sender<Stop>,
        running: &mut Running,
    ) -> Result<(), (usize, NotStarted)> {
        for (index, launch) in launches.into_iter().enumerate() {
            if *stop.borrow() > Stop::No {
                return Ok(());
            }
            let started = self.start_one(task, &launch).await.map_err(|why| (index, why))?;
            let (mark, now) = (started.mark.clone(), self.ground.clock.now());
            self.step(&task.id, |task| transition::container_started(task, index, mark, now));
            let timeout = Duration::from_secs(task.containers[index].stop_timeout_secs.into());
            let end = self.end_of(started, timeout, stop.subscribe());
            running.push(Box::pin(async move { (index, end.await) }));
        }
        Ok(())
    }

    async fn start_one(&self, task: &Task, launch: &Launch) -> Result<Started, NotStarted> {
        let lines = Lines::open(&self.ground, &task.family, &launch.name, &task.id);
        let lines = lines.map_err(|error| {
            NotStarted(format!(
                "ResourceInitializationError: cannot write the log of container `{}`: {error}; \
                 make room or choose another directory with --data",
                launch.name
            ))
        })?;
        self.runner.start(launch, Arc::new(lines)).await
    }

    /// Waits for a container's end; told to stop, it brings that end about.
    fn end_of(
        &self,
        started: Started,
        timeout: Duration,
        mut told: watch::Receiver<Stop>,
    ) -> impl Future<Output = Option<i32>> + Send + 'static {
        let Started { mark, mut exit } = started;
        let (runner, clock) = (Arc::clone(&self.runner), self.ground.clock);
        async move {
            tokio::select! {
                code = &mut exit => return code,
                () = reached(&mut told, Stop::Terminate) => runner.signal(&mark, Signal::Terminate),
            }
            tokio::select! {
                code = &mut exit => return code,
                () = clock.sleep(timeout) => {}
                () = reached(&mut told, Stop::Kill) => {}
            }
            runner.signal(&mark, Signal::Kill);
            exit.await
        }
    }

    /// A step whose writing must not hold up what really happens.
    fn step(&self, id: &str, step: impl FnOnce(Task) -> Course) -> Option<Task> {
        self.advance(id, step).unwrap_or_else(|error| {
            tracing::error!(task = id, %error, "a change of a task could not be written");
            self.state().tasks.get(id).cloned()
        })
    }
}
