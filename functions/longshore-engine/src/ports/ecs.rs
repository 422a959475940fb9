//! Starts tasks and asks about them, or leaves work to those that run.

use std::future::Future;

use longshore::{
    run::{LaunchRefusal, LogSettings, TaskChange},
    trigger::{Launch, Pool},
};

/// Amazon ECS, and the queues by which pools of its tasks get their work.
pub trait Ecs: Sync {
    /// Starts the task of `launch` and gives its ARN; however often it is called within the life
    /// of the client token, one task.
    fn run_task(
        &self,
        launch: &Launch,
    ) -> impl Future<Output = Result<String, LaunchTrouble>> + Send;

    /// Puts `launch` into the queue of `pool`. It may lie there more than once: whoever gets it
    /// claims the fence.
    fn enqueue(
        &self,
        launch: &Launch,
        pool: &Pool,
    ) -> impl Future<Output = Result<(), LaunchTrouble>> + Send;

    /// Whether the queue of a pool has no message, received or not, as far as SQS knows.
    fn is_empty(&self, queue: &str) -> impl Future<Output = Result<bool, EcsError>> + Send;

    /// The task as it stands, or nothing if ECS no longer knows it.
    fn describe(
        &self,
        cluster: &str,
        task: &str,
    ) -> impl Future<Output = Result<Option<TaskChange>, EcsError>> + Send;

    /// How a container of a task definition logs, or nothing if the definition has no such
    /// container.
    fn log_settings(
        &self,
        definition: &str,
        container: &str,
    ) -> impl Future<Output = Result<Option<LogSettings>, EcsError>> + Send;

    /// Stops the task, telling ECS why; a task that has stopped stays so.
    fn stop(
        &self,
        cluster: &str,
        task: &str,
        reason: &str,
    ) -> impl Future<Output = Result<(), EcsError>> + Send;
}

/// A launch did not name a new task.
#[derive(Debug, thiserror::Error)]
pub enum LaunchTrouble {
    /// ECS has certainly not started a task.
    #[error("ECS refused the launch: {}", .0.reason)]
    Refused(LaunchRefusal),
    /// The token was used with other parameters, for this task.
    #[error("ECS has started {0} with the same client token and other parameters")]
    AlreadyLaunched(String),
    /// A task may or may not have been started: only the same token may be tried again.
    #[error("it is not known whether ECS started a task: {0}")]
    Unknown(String),
}

/// ECS could not answer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("ECS: {0}")]
pub struct EcsError(pub String);
