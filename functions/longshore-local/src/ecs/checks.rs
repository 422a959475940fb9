//! The rules of a `RunTask` request that need no task definition.

use serde_json::Value;

use crate::Fault;

use super::{
    capacity,
    refusal::invalid,
    request::{Request, Tag},
};

/// Most tasks of one call (`RunTask` API reference).
const COUNT_MAX: i64 = 10;
/// Longest `clientToken` in characters (`RunTask` API reference).
const TOKEN_CHARS_MAX: usize = 64;
/// Longest `startedBy` in characters (`RunTask` API reference).
const STARTED_BY_CHARS_MAX: usize = 128;
/// Longest overrides in characters, JSON syntax included (`RunTask` API reference).
const OVERRIDES_CHARS_MAX: usize = 8_192;
/// Most subnets of a network configuration (`AwsVpcConfiguration`).
const SUBNETS_MAX: usize = 16;
/// Most security groups of a network configuration (`AwsVpcConfiguration`).
const SECURITY_GROUPS_MAX: usize = 5;
/// Most placement constraints, those of the definition included (`RunTask` API reference).
pub(super) const CONSTRAINTS_MAX: usize = 10;
/// Longest expression of a placement constraint in characters (`PlacementConstraint`).
const EXPRESSION_CHARS_MAX: usize = 2_000;
/// Most placement strategies (`RunTask` API reference).
const STRATEGIES_MAX: usize = 5;
/// Most tags, and their longest key and value in characters (Tag).
const TAGS_MAX: (usize, usize, usize) = (50, 128, 256);

/// Refuses a request that ECS would refuse without looking at anything else.
pub(super) fn check(request: &Request, input: &Value) -> Result<(), Fault> {
    check_names(request)?;
    check_capacity(request)?;
    check_network(request)?;
    check_overrides(request, input)?;
    check_placement(request)?;
    check_tags(request)
}

fn check_names(request: &Request) -> Result<(), Fault> {
    if request.task_definition.is_empty() {
        return Err(invalid("TaskDefinition can not be blank."));
    }
    if !(1..=COUNT_MAX).contains(&request.count.unwrap_or(1)) {
        return Err(invalid(format!("count must be from 1 to {COUNT_MAX}.")));
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/');
    let started_by = request.started_by.as_deref().unwrap_or_default();
    if started_by.chars().count() > STARTED_BY_CHARS_MAX || !started_by.chars().all(is_name) {
        return Err(invalid(format!(
            "startedBy can have up to {STARTED_BY_CHARS_MAX} letters, digits, hyphens, \
             underscores and slashes."
        )));
    }
    let is_token = |token: &String| {
        (1..=TOKEN_CHARS_MAX).contains(&token.len()) && token.bytes().all(|c| c.is_ascii_graphic())
    };
    if request.client_token.as_ref().is_some_and(|token| !is_token(token)) {
        return Err(invalid(format!(
            "clientToken must have 1 to {TOKEN_CHARS_MAX} ASCII characters from 33 to 126."
        )));
    }
    Ok(())
}

fn check_capacity(request: &Request) -> Result<(), Fault> {
    let Some(launch_type) = &request.launch_type else {
        return match request.capacity_provider_strategy.as_slice() {
            [] => Ok(()),
            strategy => capacity::check(strategy),
        };
    };
    if !request.capacity_provider_strategy.is_empty() {
        return Err(invalid(
            "Specifying both a launch type and capacity provider strategy is not supported. \
             Remove one and try again.",
        ));
    }
    one_of("launchType", launch_type, &["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"])
}

fn check_network(request: &Request) -> Result<(), Fault> {
    let Some(network) = request.network() else { return Ok(()) };
    if network.subnets.is_empty() {
        return Err(invalid("subnets can not be empty."));
    }
    if network.subnets.len() > SUBNETS_MAX {
        return Err(invalid(format!("subnets can have at most {SUBNETS_MAX} items.")));
    }
    if network.security_groups.len() > SECURITY_GROUPS_MAX {
        return Err(invalid(format!(
            "securityGroups can have at most {SECURITY_GROUPS_MAX} items."
        )));
    }
    let public = network.assign_public_ip.as_deref().unwrap_or("DISABLED");
    one_of("assignPublicIp", public, &["ENABLED", "DISABLED"])
}

fn check_overrides(request: &Request, input: &Value) -> Result<(), Fault> {
    let length = input.get("overrides").map_or(0, |given| given.to_string().chars().count());
    if length > OVERRIDES_CHARS_MAX {
        return Err(invalid(format!(
            "Container Overrides length must be at most {OVERRIDES_CHARS_MAX}"
        )));
    }
    if request.overrides.containers.iter().any(|one| one.name.is_empty()) {
        return Err(invalid("Container name of an override can not be blank."));
    }
    let storage = request.overrides.ephemeral_storage;
    if storage.is_some_and(|storage| !(21..=200).contains(&storage.size_gib)) {
        return Err(invalid("ephemeralStorage sizeInGiB must be from 21 to 200."));
    }
    if request.volume_configurations.len() > 1 {
        return Err(invalid("volumeConfigurations can have at most 1 item."));
    }
    Ok(())
}

fn check_placement(request: &Request) -> Result<(), Fault> {
    if request.placement_constraints.len() > CONSTRAINTS_MAX {
        return Err(invalid(format!(
            "placementConstraints can have at most {CONSTRAINTS_MAX} items."
        )));
    }
    for constraint in &request.placement_constraints {
        let kinds = ["distinctInstance", "memberOf"];
        one_of("placementConstraints type", &constraint.r#type, &kinds)?;
        if constraint.expression.chars().count() > EXPRESSION_CHARS_MAX {
            return Err(invalid(format!(
                "A placement constraint's expression has at most {EXPRESSION_CHARS_MAX} characters."
            )));
        }
    }
    if request.placement_strategy.len() > STRATEGIES_MAX {
        return Err(invalid(format!("placementStrategy can have at most {STRATEGIES_MAX} items.")));
    }
    for strategy in &request.placement_strategy {
        let kinds = ["random", "spread", "binpack"];
        one_of("placementStrategy type", &strategy.r#type, &kinds)?;
        if strategy.r#type == "binpack" {
            one_of("binpack field", &strategy.field.to_lowercase(), &["cpu", "memory"])?;
        }
    }
    Ok(())
}

fn check_tags(request: &Request) -> Result<(), Fault> {
    let propagate = request.propagate_tags.as_deref().unwrap_or("NONE");
    one_of("propagateTags", propagate, &["TASK_DEFINITION", "NONE"])?;
    let (count, key_chars, value_chars) = TAGS_MAX;
    let fits = |tag: &Tag| {
        (1..=key_chars).contains(&tag.key.chars().count())
            && tag.value.chars().count() <= value_chars
            && !tag.key.to_lowercase().starts_with("aws:")
    };
    if request.tags.len() > count || !request.tags.iter().all(fits) {
        return Err(invalid(format!(
            "Up to {count} tags, keys of up to {key_chars} and values of up to {value_chars} \
             characters, and no key that begins with aws:."
        )));
    }
    Ok(())
}

fn one_of(what: &str, given: &str, known: &[&str]) -> Result<(), Fault> {
    if known.contains(&given) {
        return Ok(());
    }
    Err(invalid(format!("Invalid {what} '{given}': one of {}.", known.join(", "))))
}
