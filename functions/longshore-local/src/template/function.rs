//! `AWS::Lambda::Function`, and what is left of `AWS::Serverless::Function` once expanded.

use super::field::Field;
use super::kinds::Kind;
use super::names::{Named, physical};
use super::problem::Read;
use super::resources::{FunctionSpec, Resource};

/// Longest invocation: 15 minutes ("Lambda quotas").
const TIMEOUT_SECS_MAX: u32 = 900;
/// Longest invocation when none is given.
const TIMEOUT_SECS: u32 = 3;
/// Least memory, which is also what a function gets when none is given.
const MEMORY_MB_MIN: u32 = 128;
/// Most memory ("Lambda quotas").
const MEMORY_MB_MAX: u32 = 10_240;
/// More invocations at once than any account may reserve.
const CONCURRENCY_MAX: u32 = 100_000;

/// The type.
pub(super) const KIND: Kind = Kind {
    type_name: "AWS::Lambda::Function",
    name_property: "FunctionName",
    name_chars: 1..=64,
    generated: |named| Ok(named.generated()),
    served: &[
        "Environment",
        "FunctionName",
        "MemorySize",
        "ReservedConcurrentExecutions",
        "Timeout",
    ],
    ignored: &[
        "Architectures",
        "CapacityProviderConfig",
        "Code",
        "CodeSigningConfigArn",
        "DeadLetterConfig",
        "Description",
        "EphemeralStorage",
        "FileSystemConfigs",
        "FunctionScalingConfig",
        "Handler",
        "ImageConfig",
        "KmsKeyArn",
        "Layers",
        "LoggingConfig",
        "PackageType",
        "PublishToLatestPublished",
        "RecursiveLoop",
        "Role",
        "Runtime",
        "RuntimeManagementConfig",
        "SnapStart",
        "Tags",
        "TenancyConfig",
        "TracingConfig",
        "VpcConfig",
    ],
    refused: &[("DurableConfig", "leave it out: functions here are not durable")],
    reference: physical,
    attributes: &[("Arn", arn)],
    read,
};

fn arn(named: &Named) -> Read<String> {
    Ok(named.arn("lambda", &format!("function:{}", named.name()?)))
}

fn read(named: &Named, properties: &Field) -> Read<Resource> {
    let variables = properties.get("Environment").and_then(|field| field.get("Variables"));
    let variables = variables.map_or(Ok(Vec::new()), |field| field.entries())?;
    let variable = |(name, value): &(&str, Field)| Ok(((*name).to_owned(), value.text()?));
    let reserved = properties.get("ReservedConcurrentExecutions");
    let command = named.command()?;
    let command = command.as_ref().map(|node| named.command_field(node).texts());
    Ok(Resource::Function(FunctionSpec {
        logical_id: named.id.into(),
        name: named.name()?,
        arn: arn(named)?,
        environment: variables.iter().map(variable).collect::<Read<_>>()?,
        timeout_secs: properties.integer_of("Timeout", 1, TIMEOUT_SECS_MAX, TIMEOUT_SECS)?,
        memory_mb: properties.integer_of(
            "MemorySize",
            MEMORY_MB_MIN,
            MEMORY_MB_MAX,
            MEMORY_MB_MIN,
        )?,
        concurrency_max: reserved.map(|field| field.integer(0, CONCURRENCY_MAX)).transpose()?,
        command: command.transpose()?,
    }))
}
