//! Tasks of Amazon ECS.

mod logs;

use std::sync::Arc;

use aws_sdk_ecs::{
    Client,
    error::SdkError,
    operation::run_task::{RunTaskError, RunTaskOutput, builders::RunTaskFluentBuilder},
    types::{
        AssignPublicIp, AwsVpcConfiguration, CapacityProviderStrategyItem, ContainerOverride,
        EphemeralStorage, KeyValuePair, NetworkConfiguration, PlacementConstraint,
        PlacementStrategy, Tag, Task, TaskOverride,
    },
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use longshore::{
    run::{
        CallVerdict, LogSettings, StoppedContainer, TaskChange, TaskStatus, judge_error,
        judge_failure,
    },
    trigger::{Launch, LaunchType, Network, TaskSettings},
};
use longshore_engine::ports::{Ecs, EcsError, LaunchTrouble};

use crate::{Clients, failure::said};
use logs::Known;

/// ECS, by its API.
#[derive(Clone, Debug)]
pub struct EcsTasks {
    ecs: Client,
    /// What revisions said, which never change.
    logs: Arc<Known>,
}

impl EcsTasks {
    /// ECS of the clients' account and Region.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self { ecs: Client::new(clients.sdk()), logs: Arc::default() }
    }

    fn request(&self, launch: &Launch) -> RunTaskFluentBuilder {
        let task = &launch.task;
        let call = self
            .ecs
            .run_task()
            .cluster(&task.cluster)
            .task_definition(&task.definition)
            .count(1)
            .client_token(&launch.client_token)
            .started_by(&launch.started_by)
            .overrides(overrides(launch))
            .enable_execute_command(task.execute_command)
            .set_platform_version(task.platform_version.clone())
            .set_network_configuration(task.network.as_ref().and_then(network))
            .set_launch_type(task.launch_type.map(launch_type))
            .set_capacity_provider_strategy(some(capacity(task)))
            .set_placement_strategy(some(strategy(task)))
            .set_placement_constraints(some(constraints(task)));
        let tags =
            task.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
        call.set_tags(some(tags.collect()))
    }
}

impl Ecs for EcsTasks {
    async fn run_task(&self, launch: &Launch) -> Result<String, LaunchTrouble> {
        match self.request(launch).send().await {
            Ok(answer) => answered(&answer),
            Err(error) => Err(trouble(&error)),
        }
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
fn trouble(error: &SdkError<RunTaskError>) -> LaunchTrouble {
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

fn overrides(launch: &Launch) -> TaskOverride {
    let task = &launch.task;
    let environment = launch.environment.iter();
    let environment =
        environment.map(|(name, value)| KeyValuePair::builder().name(name).value(value).build());
    let container = ContainerOverride::builder()
        .name(&task.container)
        .set_command(some(task.command.clone()))
        .set_environment(Some(environment.collect()));
    let storage = task
        .ephemeral_storage
        .map(|gib| EphemeralStorage::builder().size_in_gib(gib.cast_signed()).build());
    TaskOverride::builder()
        .container_overrides(container.build())
        .set_cpu(task.cpu.clone())
        .set_memory(task.memory.clone())
        .set_ephemeral_storage(storage)
        .build()
}

fn network(network: &Network) -> Option<NetworkConfiguration> {
    let public = if network.public_ip { AssignPublicIp::Enabled } else { AssignPublicIp::Disabled };
    let vpc = AwsVpcConfiguration::builder()
        .set_subnets(Some(network.subnets.clone()))
        .set_security_groups(some(network.security_groups.clone()))
        .assign_public_ip(public)
        .build()
        .ok()?;
    Some(NetworkConfiguration::builder().awsvpc_configuration(vpc).build())
}

fn launch_type(launch_type: LaunchType) -> aws_sdk_ecs::types::LaunchType {
    match launch_type {
        LaunchType::Ec2 => aws_sdk_ecs::types::LaunchType::Ec2,
        LaunchType::Fargate => aws_sdk_ecs::types::LaunchType::Fargate,
        LaunchType::External => aws_sdk_ecs::types::LaunchType::External,
    }
}

fn capacity(task: &TaskSettings) -> Vec<CapacityProviderStrategyItem> {
    let item = |item: &longshore::trigger::Capacity| {
        CapacityProviderStrategyItem::builder()
            .capacity_provider(&item.provider)
            .weight(item.weight.cast_signed())
            .base(item.base.cast_signed())
            .build()
            .ok()
    };
    task.capacity.iter().filter_map(item).collect()
}

fn strategy(task: &TaskSettings) -> Vec<PlacementStrategy> {
    let strategies = task.placement.strategy.iter().map(|strategy| {
        PlacementStrategy::builder()
            .r#type(strategy.r#type.as_str().into())
            .set_field(strategy.field.clone())
            .build()
    });
    strategies.collect()
}

fn constraints(task: &TaskSettings) -> Vec<PlacementConstraint> {
    let constraints = task.placement.constraints.iter().map(|constraint| {
        PlacementConstraint::builder()
            .r#type(constraint.r#type.as_str().into())
            .set_expression(constraint.expression.clone())
            .build()
    });
    constraints.collect()
}

/// RunTask takes a list with items or none at all.
fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    if items.is_empty() { None } else { Some(items) }
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
