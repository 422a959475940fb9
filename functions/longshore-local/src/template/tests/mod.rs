//! Templates, good and bad, and what becomes of them.
#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

mod events;
mod functions;
mod intrinsics;
mod laws;
mod names;
mod parameters;
mod queues;
mod refusals;
mod repository;
mod serverless;
mod services;
mod storage;
mod tasks;
mod yaml;

use std::collections::BTreeMap;

use expect_test::Expect;

use super::{Resource, Stack, TemplateError, read};
use crate::Account;

/// Reads a template as the stack `demo` of the local account.
fn demo(source: &str, parameters: &[(&str, &str)]) -> Result<Stack, TemplateError> {
    let account = Account::local("http://127.0.0.1:4566");
    let given = parameters.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    read(source, "t.yaml", &account, "demo", &given.collect::<BTreeMap<String, String>>())
}

/// The stack of a template that must be good.
#[track_caller]
fn stack(source: &str) -> Stack {
    demo(source, &[]).unwrap_or_else(|error| panic!("{error}"))
}

/// The one resource of a template that must be good.
#[track_caller]
fn only(source: &str) -> Resource {
    let mut resources = stack(source).resources;
    assert_eq!(resources.len(), 1, "{resources:?}");
    resources.remove(0).resource
}

/// The outputs of a template, one a line, or its problems.
fn outputs(source: &str, parameters: &[(&str, &str)]) -> String {
    match demo(source, parameters) {
        Ok(stack) => {
            let line = |(name, value): (&String, &String)| format!("{name} = {value}\n");
            stack.outputs.iter().map(line).collect()
        }
        Err(error) => format!("{error}\n"),
    }
}

#[track_caller]
fn check_outputs(source: &str, expected: &Expect) {
    expected.assert_eq(&outputs(source, &[]));
}

/// The problems of a template that must be bad.
#[track_caller]
fn check_refused(source: &str, expected: &Expect) {
    let error = demo(source, &[]).expect_err("the template is bad");
    expected.assert_eq(&format!("{error}\n"));
}

/// The resources of a good template, as the services get them.
#[track_caller]
fn check(source: &str, expected: &Expect) {
    let stack = stack(source);
    let text = |resource: &Resource| match resource {
        Resource::Table(table) => format!("{} ttl={:?}", table.create, table.ttl_attribute),
        Resource::TaskDefinition(definition) => {
            format!("{}\n{:#?}", definition.definition, definition.containers)
        }
        Resource::Service(service) => format!("{} {}", service.arn, service.create),
        Resource::Cluster(cluster) => cluster.arn.clone(),
        other => format!("{other:?}"),
    };
    let lines: Vec<_> = stack.resources.iter().map(|one| text(&one.resource)).collect();
    expected.assert_eq(&(lines.join("\n") + "\n"));
}

/// What is wrong with a resource of a type, with each of these properties.
#[track_caller]
fn check_properties(type_name: &str, each: &[&str], expected: &Expect) {
    let refused = |properties: &&str| {
        let source =
            format!("Resources: {{It: {{Type: '{type_name}', Properties: {properties}}}}}");
        let error = demo(&source, &[]).expect_err(properties);
        format!("{error}\n").replace("t.yaml:1: Resources.It.Properties", "")
    };
    expected.assert_eq(&each.iter().map(refused).collect::<String>());
}
