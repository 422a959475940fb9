//! Tasks of Amazon ECS.

pub(crate) mod call;
mod logs;
mod pools;

use std::sync::Arc;

use aws_sdk_ecs::{
    Client,
    error::SdkError,
    operation::run_task::{RunTaskError, RunTaskOutput, builders::RunTaskFluentBuilder},
    types::Task,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use longshore::{
    run::{
        CallVerdict, LogSettings, StoppedContainer, TaskChange, TaskStatus, judge_error,
        judge_failure,
    },
    trigger::{Launch, Pool},
};
use longshore_engine::ports::{Ecs, EcsError, LaunchTrouble};

use crate::{Clients, failure::said};
use logs::Known;
use pools::Pools;

/// ECS, by its API.
#[derive(Clone, Debug)]
pub struct EcsTasks {
    ecs: Client,
    pools: Pools,
    /// What revisions said, which never change.
    logs: Arc<Known>,
}

impl EcsTasks {
    /// ECS of the clients' account and Region.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        let (ecs, pools) = (Client::new(clients.sdk()), Pools::new(clients));
        Self { ecs, pools, logs: Arc::default() }
    }

    fn request(&self, launch: &Launch) -> RunTaskFluentBuilder {
        call::run_task(&self.ecs, &launch.task, &launch.environment)
            .count(1)
            .client_token(&launch.client_token)
            .started_by(&launch.started_by)
    }
}

impl Ecs for EcsTasks {
    async fn run_task(&self, launch: &Launch) -> Result<String, LaunchTrouble> {
        match self.request(launch).send().await {
            Ok(answer) => answered(&answer),
            Err(error) => Err(trouble(&error)),
        }
    }

    async fn enqueue(&self, launch: &Launch, pool: &Pool) -> Result<(), LaunchTrouble> {
        self.pools.enqueue(launch, pool).await
    }

    async fn is_empty(&self, queue: &str) -> Result<bool, EcsError> {
        self.pools.is_empty(queue).await
    }

    async fn describe(&self, cluster: &str, task: &str) -> Result<Option<TaskChange>, EcsError> {
        let call = self.ecs.describe_tasks().cluster(cluster).tasks(task);
        let answer = call.send().await.map_err(|error| EcsError(said(&error)))?;
        Ok(answer.tasks().first().map(change))
    }

    async fn log_settings(
        &self,
        definition: &str,
        container: &str,
    ) -> Result<Option<LogSettings>, EcsError> {
        self.logs.of(&self.ecs, definition, container).await
    }

    async fn stop(&self, cluster: &str, task: &str, reason: &str) -> Result<(), EcsError> {
        let call = self.ecs.stop_task().cluster(cluster).task(task).reason(reason);
        call.send().await.map(drop).map_err(|error| EcsError(said(&error)))
    }
}

/// What an answer with status 200 says: it may hold a task, a failure, or neither.
fn answered(answer: &RunTaskOutput) -> Result<String, LaunchTrouble> {
    if let Some(task) = answer.tasks().first().and_then(Task::task_arn) {
        return Ok(task.to_owned());
    }
    let Some(failure) = answer.failures().first() else {
        let said = "the answer had neither a task nor a failure";
        return Err(LaunchTrouble::Unknown(said.into()));
    };
    let parts = [failure.reason(), failure.detail()];
    let reason = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Err(LaunchTrouble::Refused(judge_failure(reason)))
}

/// Says of a failed call whether a task can exist.
pub(crate) fn trouble(error: &SdkError<RunTaskError>) -> LaunchTrouble {
    let said = said(error);
    let SdkError::ServiceError(refused) = error else { return LaunchTrouble::Unknown(said) };
    if let RunTaskError::ConflictException(conflict) = refused.err() {
        return match conflict.resource_ids().first() {
            Some(task) => LaunchTrouble::AlreadyLaunched(task.clone()),
            None => LaunchTrouble::Unknown(said),
        };
    }
    let code = refused.err().code().unwrap_or_default();
    match judge_error(refused.raw().status().as_u16(), code, said) {
        CallVerdict::Refused(refusal) => LaunchTrouble::Refused(refusal),
        CallVerdict::Uncertain(said) => LaunchTrouble::Unknown(said),
    }
}

fn change(task: &Task) -> TaskChange {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let containers = task.containers().iter().map(|container| StoppedContainer {
        name: text(container.name()),
        exit_code: container.exit_code(),
        reason: container.reason().map(str::to_owned),
    });
    TaskChange {
        task: text(task.task_arn()),
        cluster: text(task.cluster_arn()),
        definition: text(task.task_definition_arn()),
        started_by: text(task.started_by()),
        version: task.version(),
        status: match task.last_status() {
            Some("RUNNING") => TaskStatus::Running,
            Some("STOPPED") => TaskStatus::Stopped,
            _ => TaskStatus::Other,
        },
        containers: containers.collect(),
        stop_code: task.stop_code().map(|code| code.as_str().to_owned()),
        stopped_reason: task.stopped_reason().map(str::to_owned),
        cpu: task.cpu().and_then(|units| units.parse().ok()),
        memory: task.memory().and_then(|mib| mib.parse().ok()),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::Failure;

    use super::*;

    #[test]
    fn an_answer_without_task_and_failure_is_uncertain() {
        let answer = RunTaskOutput::builder();
        assert!(matches!(answered(&answer.clone().build()), Err(LaunchTrouble::Unknown(_))));
        let failure = Failure::builder().reason("RESOURCE:MEMORY").arn("missing");
        let refused = answered(&answer.clone().failures(failure.build()).build());
        let Err(LaunchTrouble::Refused(refusal)) = refused else { panic!("{refused:?}") };
        assert_eq!(refusal, judge_failure("RESOURCE:MEMORY".into()), "an ARN is no reason");
        let task = Task::builder().task_arn("arn").build();
        assert_eq!(answered(&answer.tasks(task).build()).unwrap(), "arn");
    }
}
