//! The words of CloudFormation's task definition ─▶ those of `RegisterTaskDefinition`.
//!
//! `ContainerDefinitions` becomes `containerDefinitions`, and a scalar gets the type that the API
//! wants; what a user names (log options, labels) stays as it is.

use serde_json::{Map, Value};

use super::field::Field;
use super::problem::Read;

/// Keys whose maps hold names of the user.
const NAMES_OF_THE_USER: [&str; 4] = ["DockerLabels", "DriverOpts", "Labels", "Options"];

/// Keys that hold integers, within containers and volumes.
const INTEGERS: [&str; 22] = [
    "ContainerPort",
    "Cpu",
    "HardLimit",
    "HostPort",
    "IgnoredExitCodes",
    "Interval",
    "MaxComputePercent",
    "MaxSwap",
    "Memory",
    "MemoryReservation",
    "RestartAttemptPeriod",
    "Retries",
    "SharedMemorySize",
    "Size",
    "SizeInGiB",
    "SoftLimit",
    "StartPeriod",
    "StartTimeout",
    "StopTimeout",
    "Swappiness",
    "Timeout",
    "TransitEncryptionPort",
];

/// Keys that hold booleans.
const FLAGS: [&str; 12] = [
    "Autoprovision",
    "ConfiguredAtLaunch",
    "DisableNetworking",
    "EnableFaultInjection",
    "Enabled",
    "Essential",
    "InitProcessEnabled",
    "Interactive",
    "Privileged",
    "PseudoTerminal",
    "ReadOnly",
    "ReadonlyRootFilesystem",
];

/// Keys whose word in the API is not the same with a small first letter.
const OTHER_WORDS: [(&str, &str); 6] = [
    ("EFSVolumeConfiguration", "efsVolumeConfiguration"),
    ("FSxWindowsFileServerVolumeConfiguration", "fsxWindowsFileServerVolumeConfiguration"),
    ("FilesystemId", "fileSystemId"),
    ("IAM", "iam"),
    ("ProxyConfigurationProperties", "properties"),
    ("S3FilesVolumeConfiguration", "s3filesVolumeConfiguration"),
];

/// The `RegisterTaskDefinition` request of these properties.
pub(super) fn request(properties: &Field) -> Read<Value> {
    let mut request = Map::new();
    for (key, field) in properties.entries()? {
        // A task's own sizes are strings in the API; a container's are integers.
        let value = match key {
            "Cpu" | "Memory" => Value::String(field.text()?),
            _ => value(key, &field)?,
        };
        request.insert(word(key), value);
    }
    Ok(Value::Object(request))
}

fn value(key: &str, field: &Field) -> Read<Value> {
    if field.node.entries().is_some() {
        let verbatim = NAMES_OF_THE_USER.contains(&key);
        let member = |(name, field): &(&str, Field)| {
            if verbatim {
                Ok(((*name).to_owned(), Value::String(field.text()?)))
            } else {
                Ok((word(name), value(name, field)?))
            }
        };
        let members = field.entries()?.iter().map(member).collect::<Read<Map<_, _>>>();
        return members.map(Value::Object);
    }
    if field.node.items().is_some() {
        let items = field.items()?;
        let items = items.iter().map(|item| value(key, item)).collect::<Read<Vec<_>>>();
        return items.map(Value::Array);
    }
    scalar(key, field)
}

fn scalar(key: &str, field: &Field) -> Read<Value> {
    if INTEGERS.contains(&key) {
        let text = field.text()?;
        let number = text.parse::<i64>().map_err(|_| {
            field.tell(format!("`{text}` is not an integer"), "give a whole number")
        })?;
        return Ok(Value::from(number));
    }
    if FLAGS.contains(&key) {
        field.flag().map(Value::Bool)
    } else {
        field.text().map(Value::String)
    }
}

fn word(name: &str) -> String {
    if let Some((_, word)) = OTHER_WORDS.into_iter().find(|(other, _)| *other == name) {
        return word.into();
    }
    let mut chars = name.chars();
    let first = chars.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}
