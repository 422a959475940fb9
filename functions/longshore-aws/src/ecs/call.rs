//! Settings of a task ─▶ the call of RunTask.

use std::collections::BTreeMap;

use aws_sdk_ecs::{
    Client,
    operation::run_task::builders::RunTaskFluentBuilder,
    types::{
        AssignPublicIp, AwsVpcConfiguration, CapacityProviderStrategyItem, ContainerOverride,
        EphemeralStorage, KeyValuePair, NetworkConfiguration, PlacementConstraint,
        PlacementStrategy, Tag, TaskOverride,
    },
};
use longshore::trigger::{Capacity, LaunchType, Network, TaskSettings};

/// A call for tasks with these settings; the variables are those of its container.
pub(crate) fn run_task(
    ecs: &Client,
    task: &TaskSettings,
    environment: &BTreeMap<String, String>,
) -> RunTaskFluentBuilder {
    let tags = task.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    ecs.run_task()
        .cluster(&task.cluster)
        .task_definition(&task.definition)
        .overrides(overrides(task, environment))
        .enable_execute_command(task.execute_command)
        .set_platform_version(task.platform_version.clone())
        .set_network_configuration(task.network.as_ref().and_then(network))
        .set_launch_type(task.launch_type.map(launch_type))
        .set_capacity_provider_strategy(some(capacity(task)))
        .set_placement_strategy(some(strategy(task)))
        .set_placement_constraints(some(constraints(task)))
        .set_tags(some(tags.collect()))
}

fn overrides(task: &TaskSettings, environment: &BTreeMap<String, String>) -> TaskOverride {
    let environment = environment
        .iter()
        .map(|(name, value)| KeyValuePair::builder().name(name).value(value).build());
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
    let item = |item: &Capacity| {
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
