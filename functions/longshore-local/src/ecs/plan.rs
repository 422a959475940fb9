//! A checked request beside its task definition: where its tasks run, and what of them is refused.

use serde_json::Value;

use crate::Fault;

use super::{
    capacity::{self, Capacity},
    checks::CONSTRAINTS_MAX,
    cluster::Cluster,
    definition::Definition,
    refusal::invalid,
    request::Request,
    size,
};

/// What each of the tasks runs on, in order, or why none may start.
pub(super) fn plan(
    request: &Request,
    definition: &Definition,
    cluster: &Cluster,
) -> Result<Vec<Capacity>, Fault> {
    check_containers(request, definition)?;
    let capacities = capacities(request, definition, cluster);
    for launch_type in distinct(&capacities) {
        check_capacity(request, definition, launch_type)?;
    }
    check_network(request, definition)?;
    check_task_role(request, definition)?;
    Ok(capacities)
}

fn capacities(request: &Request, definition: &Definition, cluster: &Cluster) -> Vec<Capacity> {
    let count = usize::try_from(request.count.unwrap_or(1)).unwrap_or(1);
    if let Some(launch_type) = &request.launch_type {
        return vec![Capacity::of_type(launch_type); count];
    }
    let by_default = cluster.default_strategy();
    let strategy = [&request.capacity_provider_strategy, &by_default];
    if let Some(strategy) = strategy.into_iter().find(|strategy| !strategy.is_empty()) {
        return capacity::spread(strategy, &request.has_on, count);
    }
    // The default strategy of a template's cluster is not known here, so the definition decides.
    let launch_type = if definition.supports("EC2") { "EC2" } else { "FARGATE" };
    vec![Capacity::of_type(launch_type); count]
}

fn distinct(capacities: &[Capacity]) -> Vec<&str> {
    let mut types: Vec<&str> = capacities.iter().map(|one| one.launch_type.as_str()).collect();
    types.dedup();
    types
}

fn check_containers(request: &Request, definition: &Definition) -> Result<(), Fault> {
    let is_known = |name: &str| definition.containers.iter().any(|one| one.name == name);
    let overrides = &request.overrides.containers;
    match overrides.iter().find(|one| !is_known(&one.name)) {
        Some(unknown) => Err(invalid(format!(
            "Override for container named {} is not a container in the TaskDefinition.",
            unknown.name
        ))),
        None => Ok(()),
    }
}

fn check_capacity(
    request: &Request,
    definition: &Definition,
    launch_type: &str,
) -> Result<(), Fault> {
    if !definition.supports(launch_type) {
        return Err(invalid(format!(
            "Task definition does not support launch_type {launch_type}."
        )));
    }
    let of_definition = definition.body.get("placementConstraints").and_then(Value::as_array);
    let constraints = request.placement_constraints.len() + of_definition.map_or(0, Vec::len);
    if constraints > CONSTRAINTS_MAX {
        return Err(invalid(format!(
            "A task has at most {CONSTRAINTS_MAX} placement constraints, those of its definition \
             included."
        )));
    }
    if launch_type == "FARGATE" {
        return check_fargate(request, definition);
    }
    if request.platform_version.is_some() {
        return Err(invalid(
            "The platform version must be null when specifying an EC2 launch type.",
        ));
    }
    let public = request.network().and_then(|network| network.assign_public_ip.as_deref());
    if public == Some("ENABLED") {
        return Err(invalid("Assign public IP is not supported for this launch type."));
    }
    Ok(())
}

fn check_fargate(request: &Request, definition: &Definition) -> Result<(), Fault> {
    if !request.placement_strategy.is_empty() {
        return Err(invalid("Placement strategies are not supported with FARGATE launch type."));
    }
    if !request.placement_constraints.is_empty() {
        return Err(invalid("Placement constraints are not supported with FARGATE launch type."));
    }
    let given = |over: &Option<String>, member: &str| {
        over.as_deref().or_else(|| definition.text(member)).map(Value::from)
    };
    let cpu = given(&request.overrides.cpu, "cpu").and_then(|cpu| size::cpu_units(&cpu));
    let memory = given(&request.overrides.memory, "memory");
    let memory = memory.and_then(|memory| size::memory_mib(&memory));
    match cpu.zip(memory) {
        Some((cpu, memory)) if size::exists_on_fargate(cpu, memory) => Ok(()),
        _ => Err(invalid("No Fargate configuration exists for given values.")),
    }
}

fn check_network(request: &Request, definition: &Definition) -> Result<(), Fault> {
    match (definition.is_awsvpc(), request.network().is_some()) {
        (true, false) => Err(invalid(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        )),
        (false, true) => Err(invalid(
            "Network Configuration is not valid for the given networkMode of this task definition.",
        )),
        _ => Ok(()),
    }
}

fn check_task_role(request: &Request, definition: &Definition) -> Result<(), Fault> {
    let role = request.overrides.task_role_arn.as_deref().or(definition.text("taskRoleArn"));
    if request.enable_execute_command && role.is_none() {
        return Err(invalid(
            "The task couldn't be run because a valid taskRoleArn is not being used. Specify a \
             valid task role in your task definition and try again.",
        ));
    }
    Ok(())
}
