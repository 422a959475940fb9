//! `RegisterTaskDefinition`'s rules: what a definition must have, and what is filled in.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::Fault;

use super::{
    definition::RawContainer,
    refusal::{client, parse},
    size,
};

/// Longest family or container name (`RegisterTaskDefinition` API reference).
const NAME_CHARS_MAX: usize = 255;

/// Most containers of a definition (Amazon ECS quotas).
const CONTAINERS_MAX: usize = 10;

/// Lists that ECS answers empty where none were given.
const LISTS: [&str; 2] = ["volumes", "placementConstraints"];

/// Lists of a container that ECS answers empty where none were given.
const CONTAINER_LISTS: [&str; 5] =
    ["environment", "mountPoints", "portMappings", "volumesFrom", "systemControls"];

/// Checks a definition and fills in what ECS fills in.
pub(super) fn checked(mut body: Map<String, Value>) -> Result<Map<String, Value>, Fault> {
    check_name("family", body.get("family").and_then(Value::as_str).unwrap_or_default())?;
    fill_in(&mut body);
    let containers = containers(&body)?;
    check_containers(&body, &containers)?;
    check_sizes(&body)?;
    Ok(body)
}

/// The containers of a definition, as far as this AWS acts on them.
pub(super) fn containers(body: &Map<String, Value>) -> Result<Vec<RawContainer>, Fault> {
    parse(body.get("containerDefinitions").cloned().unwrap_or_else(|| json!([])))
}

fn fill_in(body: &mut Map<String, Value>) {
    for member in ["cpu", "memory"] {
        let read = if member == "cpu" { size::cpu_units } else { size::memory_mib };
        if let Some(amount) = body.get(member).and_then(read) {
            body.insert(member.into(), json!(amount.to_string()));
        }
    }
    for list in LISTS {
        body.entry(list).or_insert_with(|| json!([]));
    }
    let Some(Value::Array(containers)) = body.get_mut("containerDefinitions") else { return };
    for container in containers.iter_mut().filter_map(Value::as_object_mut) {
        container.entry("essential").or_insert(json!(true));
        container.entry("cpu").or_insert(json!(0));
        for list in CONTAINER_LISTS {
            container.entry(list).or_insert_with(|| json!([]));
        }
    }
}

fn check_name(what: &str, name: &str) -> Result<(), Fault> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() {
        return Err(client(format!("{what} should not be null or empty.")));
    }
    if name.len() > NAME_CHARS_MAX || !name.chars().all(fits) {
        return Err(client(format!(
            "Invalid {what} '{name}': up to 255 letters, digits, underscores and hyphens."
        )));
    }
    Ok(())
}

fn check_containers(body: &Map<String, Value>, containers: &[RawContainer]) -> Result<(), Fault> {
    if containers.is_empty() {
        return Err(client("Container list cannot be empty."));
    }
    if containers.len() > CONTAINERS_MAX {
        return Err(client(format!("A task definition has at most {CONTAINERS_MAX} containers.")));
    }
    let mut names = BTreeSet::new();
    for container in containers {
        check_name("container name", &container.name)?;
        if !names.insert(&container.name) {
            return Err(client(format!("Container name '{}' is not unique.", container.name)));
        }
        if container.image.is_empty() {
            return Err(client("Container.image should not be null or empty."));
        }
        let has_memory = container.memory.or(container.memory_reservation).is_some();
        if !has_memory && !body.contains_key("memory") {
            return Err(client(format!(
                "Invalid setting for container '{}'. At least one of 'memory' or \
                 'memoryReservation' must be specified.",
                container.name
            )));
        }
    }
    if containers.iter().any(|container| container.essential.unwrap_or(true)) {
        Ok(())
    } else {
        Err(client("At least one container of the task definition must be essential."))
    }
}

fn check_sizes(body: &Map<String, Value>) -> Result<(), Fault> {
    let required = body.get("requiresCompatibilities").and_then(Value::as_array);
    if !required.is_some_and(|list| list.iter().any(|one| one == "FARGATE")) {
        return Ok(());
    }
    if body.get("networkMode").and_then(Value::as_str) != Some("awsvpc") {
        return Err(client("Fargate only supports network mode 'awsvpc'."));
    }
    let (Some(cpu), Some(memory)) = (body.get("cpu"), body.get("memory")) else {
        return Err(client(
            "Fargate requires that 'cpu' and 'memory' be defined at the task level.",
        ));
    };
    match (size::cpu_units(cpu), size::memory_mib(memory)) {
        (Some(cpu), Some(memory)) if size::exists_on_fargate(cpu, memory) => Ok(()),
        _ => Err(client("No Fargate configuration exists for given values.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &Value, expected: &str) {
        let refused = checked(body.as_object().unwrap().clone()).unwrap_err();
        assert_eq!(refused.code, "ClientException", "{body}");
        assert!(refused.message.contains(expected), "{refused} does not say {expected}");
    }

    #[test]
    fn definitions_that_ecs_refuses_are_refused() {
        let app = json!({"name": "app", "image": "i", "memory": 128});
        for (body, expected) in [
            (json!({"containerDefinitions": [app]}), "family should not be null"),
            (json!({"family": "../x", "containerDefinitions": [app]}), "Invalid family '../x'"),
            (json!({"family": "f"}), "Container list cannot be empty"),
            (json!({"family": "f", "containerDefinitions": [app, app]}), "'app' is not unique"),
            (json!({"family": "f", "containerDefinitions": vec![&app; 11]}), "at most 10"),
            (json!({"family": "f", "containerDefinitions": [{"name": "a"}]}), "Container.image"),
            (
                json!({"family": "f", "containerDefinitions": [{"name": "a/b", "image": "i"}]}),
                "Invalid container name 'a/b'",
            ),
            (
                json!({"family": "f", "containerDefinitions": [{"name": "a", "image": "i"}]}),
                "At least one of 'memory' or 'memoryReservation'",
            ),
            (
                json!({"family": "f", "memory": "512", "containerDefinitions":
                    [{"name": "a", "image": "i", "essential": false}]}),
                "must be essential",
            ),
            (
                json!({"family": "f", "requiresCompatibilities": ["FARGATE"],
                    "containerDefinitions": [app]}),
                "awsvpc",
            ),
            (
                json!({"family": "f", "requiresCompatibilities": ["FARGATE"], "networkMode":
                    "awsvpc", "cpu": "256", "memory": "4096", "containerDefinitions": [app]}),
                "No Fargate configuration exists for given values.",
            ),
        ] {
            check(&body, expected);
        }
    }
}
