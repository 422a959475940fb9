//! What one resource cannot show: names taken twice, and mappings that Lambda would refuse.

use std::collections::BTreeMap;

use super::problem::Problems;
use super::resources::{MappingSpec, Resource, ServiceSpec, TaskDefinitionSpec};
use super::stack::{Declared, Stack};

/// Tells what is wrong with the resources together.
pub(super) fn check(stack: &Stack, problems: &Problems) {
    check_names(stack, problems);
    for declared in &stack.resources {
        if let Resource::Mapping(mapping) = &declared.resource {
            check_visibility(stack, declared, mapping, problems);
        }
        if let Resource::Service(service) = &declared.resource {
            check_service(stack, declared, service, problems);
        }
    }
}

fn check_names(stack: &Stack, problems: &Problems) {
    let mut taken: BTreeMap<(&str, &str), &Declared> = BTreeMap::new();
    for declared in &stack.resources {
        let Some((kind, name)) = name(&declared.resource) else { continue };
        if let Some(first) = taken.insert((kind, name), declared) {
            let what = format!("`{}` has the same name: {kind} `{name}`", first.logical_id);
            let path = format!("Resources.{}", declared.logical_id);
            problems.tell(declared.line, &path, what, "give one of them another name");
        }
    }
}

/// What a name must be unique among, and the name.
fn name(resource: &Resource) -> Option<(&'static str, &str)> {
    match resource {
        Resource::Bucket(bucket) => Some(("bucket", &bucket.name)),
        Resource::Queue(queue) => Some(("queue", &queue.name)),
        Resource::Table(table) => Some(("table", &table.name)),
        Resource::Rule(rule) => Some(("rule", &rule.arn)),
        Resource::Schedule(schedule) => Some(("schedule", &schedule.arn)),
        Resource::Function(function) => Some(("function", &function.name)),
        Resource::Cluster(cluster) => Some(("cluster", &cluster.name)),
        Resource::TaskDefinition(definition) => Some(("family", &definition.family)),
        Resource::Service(service) => Some(("service", &service.arn)),
        Resource::Mapping(_) => None,
    }
}

/// Tasks of a service need a cluster and a definition, which would otherwise be missed only once
/// this AWS runs.
fn check_service(stack: &Stack, declared: &Declared, service: &ServiceSpec, told: &Problems) {
    let path = format!("Resources.{}", declared.logical_id);
    let has =
        |is_it: &dyn Fn(&Resource) -> bool| stack.resources.iter().any(|one| is_it(&one.resource));
    if !has(&|one| matches!(one, Resource::Cluster(cluster) if cluster.name == service.cluster)) {
        let what = format!("there is no cluster `{}`", service.cluster);
        told.tell(declared.line, &path, what, "declare it, and name it with `Ref`");
    }
    let names = |one: &TaskDefinitionSpec| {
        let name = service.definition.rsplit('/').next().unwrap_or_default();
        name == one.family || one.arn.ends_with(&format!("/{name}"))
    };
    if !has(&|one| matches!(one, Resource::TaskDefinition(definition) if names(definition))) {
        let what = format!("there is no task definition `{}`", service.definition);
        told.tell(declared.line, &path, what, "declare it, and name it with `Ref`");
    }
}

/// Lambda refuses a mapping whose queue shows a message again while the function may still work
/// on it ("Using Lambda with Amazon SQS").
fn check_visibility(stack: &Stack, declared: &Declared, mapping: &MappingSpec, told: &Problems) {
    let mut timeout_secs = 0;
    let mut visibility_secs = u32::MAX;
    for Declared { resource, .. } in &stack.resources {
        match resource {
            Resource::Function(function) if function.arn == mapping.function_arn => {
                timeout_secs = function.timeout_secs;
            }
            Resource::Queue(queue) if queue.arn == mapping.queue_arn => {
                visibility_secs = queue.visibility_secs;
            }
            _ => {}
        }
    }
    if visibility_secs < timeout_secs {
        let what = format!(
            "the queue's VisibilityTimeout, {visibility_secs} s, is below the function's Timeout, \
             {timeout_secs} s"
        );
        let path = format!("Resources.{}", declared.logical_id);
        let remedy = format!("raise it to {} (six times)", timeout_secs.saturating_mul(6));
        told.tell(declared.line, &path, what, remedy);
    }
}
