//! `AWS::ECS::TaskDefinition`: what RegisterTaskDefinition would get, and what this machine runs.

use std::collections::BTreeSet;

use super::field::Field;
use super::kinds::Kind;
use super::names::Named;
use super::near::suggest;
use super::node::Node;
use super::problem::Read;
use super::resources::{ContainerSpec, Resource, TaskDefinitionSpec};
use super::task_words::request;

/// From SIGTERM to SIGKILL when a container says nothing (ContainerDefinition API reference).
const STOP_TIMEOUT_SECS: u32 = 30;
/// The most on Fargate (ContainerDefinition API reference).
const FARGATE_STOP_TIMEOUT_SECS_MAX: u32 = 120;
/// The most elsewhere: ECS names none, and a day is longer than any wait that is meant.
const STOP_TIMEOUT_SECS_MAX: u32 = 86_400;

/// The type.
pub(super) const KIND: Kind = Kind {
    type_name: "AWS::ECS::TaskDefinition",
    name_property: "Family",
    name_chars: 1..=255,
    generated: |named| Ok(named.generated()),
    served: &[
        "ContainerDefinitions",
        "Cpu",
        "EnableFaultInjection",
        "EphemeralStorage",
        "ExecutionRoleArn",
        "Family",
        "InferenceAccelerators",
        "IpcMode",
        "Memory",
        "NetworkMode",
        "PidMode",
        "PlacementConstraints",
        "ProxyConfiguration",
        "RequiresCompatibilities",
        "RuntimePlatform",
        "Tags",
        "TaskRoleArn",
        "Volumes",
    ],
    ignored: &[],
    refused: &[],
    reference: arn,
    attributes: &[("TaskDefinitionArn", arn)],
    read,
};

/// Properties of a container ("AWS::ECS::TaskDefinition ContainerDefinition").
const CONTAINER: [&str; 39] = [
    "Command",
    "Cpu",
    "CredentialSpecs",
    "DependsOn",
    "DisableNetworking",
    "DnsSearchDomains",
    "DnsServers",
    "DockerLabels",
    "DockerSecurityOptions",
    "EntryPoint",
    "Environment",
    "EnvironmentFiles",
    "Essential",
    "ExtraHosts",
    "FirelensConfiguration",
    "HealthCheck",
    "Hostname",
    "Image",
    "Interactive",
    "Links",
    "LinuxParameters",
    "LogConfiguration",
    "Memory",
    "MemoryReservation",
    "MountPoints",
    "Name",
    "PortMappings",
    "Privileged",
    "PseudoTerminal",
    "ReadonlyRootFilesystem",
    "RepositoryCredentials",
    "ResourceRequirements",
    "RestartPolicy",
    "Secrets",
    "StartTimeout",
    "StopTimeout",
    "SystemControls",
    "Ulimits",
    "User",
];
/// The rest of them, of later years.
const CONTAINER_LATER: [&str; 3] = ["VersionConsistency", "VolumesFrom", "WorkingDirectory"];

fn arn(named: &Named) -> Read<String> {
    Ok(named.arn("ecs", &format!("task-definition/{}:1", named.name()?)))
}

fn read(named: &Named, properties: &Field) -> Read<Resource> {
    let family = named.name()?;
    let fargate = match properties.get("RequiresCompatibilities") {
        Some(field) => field.texts()?.iter().any(|one| one == "FARGATE"),
        None => false,
    };
    let declared = properties.required("ContainerDefinitions")?;
    let command = named.command()?;
    let containers = declared.items()?;
    let containers = containers
        .iter()
        .map(|field| container(named, field, fargate, command.as_ref()))
        .collect::<Read<Vec<_>>>()?;
    let taken: BTreeSet<_> = containers.iter().map(|container| &*container.name).collect();
    if taken.len() < containers.len() {
        return Err(declared.tell("two containers have the same name", "rename one"));
    }
    if !containers.iter().any(|container| container.essential) {
        let what = "no container is essential, so the task would never stop";
        return Err(declared.tell(what, "set `Essential: true` on one"));
    }
    if let Some(commands) = command.as_ref().filter(|node| node.entries().is_some()) {
        for (name, field) in named.command_field(commands).entries()? {
            if !taken.contains(name) {
                let what = format!("there is no container `{name}`");
                let remedy = suggest(name, taken.iter().copied(), "name one of the containers");
                return Err(field.tell(what, remedy));
            }
        }
    }
    let mut definition = request(properties)?;
    definition["family"] = family.as_str().into();
    let (logical_id, arn) = (named.id.into(), arn(named)?);
    Ok(Resource::TaskDefinition(TaskDefinitionSpec {
        logical_id,
        arn,
        family,
        definition,
        containers,
    }))
}

fn container(
    named: &Named,
    field: &Field,
    fargate: bool,
    command: Option<&Node>,
) -> Read<ContainerSpec> {
    field.only(&[&CONTAINER[..], &CONTAINER_LATER[..]].concat())?;
    let name = field.required("Name")?.text()?;
    field.required("Image")?.text()?;
    let max = if fargate { FARGATE_STOP_TIMEOUT_SECS_MAX } else { STOP_TIMEOUT_SECS_MAX };
    let mut environment = std::collections::BTreeMap::new();
    for variable in field.items_of("Environment")? {
        let value = variable.required("Value")?.text()?;
        environment.insert(variable.required("Name")?.text()?, value);
    }
    let entrypoint = match command {
        Some(node) if node.entries().is_some() => {
            named.command_field(node).get(&name).map(|field| field.texts())
        }
        Some(node) => Some(named.command_field(node).texts()),
        None => None,
    };
    let arguments = field.get("Command");
    Ok(ContainerSpec {
        name,
        essential: field.flag_of("Essential", true)?,
        command: arguments.map_or(Ok(Vec::new()), |field| field.texts())?,
        environment,
        stop_timeout_secs: field.integer_of("StopTimeout", 0, max, STOP_TIMEOUT_SECS)?,
        entrypoint: entrypoint.transpose()?,
    })
}
