//! The template that this repository deploys.

use super::{Resource, stack};

#[test]
fn the_repositorys_own_template_is_read_whole() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/template.yaml");
    let source = std::fs::read_to_string(path).expect("infra/template.yaml");
    let stack = stack(&source);
    let count = |is: fn(&Resource) -> bool| {
        stack.resources.iter().filter(|declared| is(&declared.resource)).count()
    };
    // An upload reaches a task only if each of these is there.
    assert!(count(|resource| matches!(resource, Resource::Bucket(one) if one.event_bridge)) >= 1);
    assert!(count(|resource| matches!(resource, Resource::Rule(_))) >= 2);
    assert!(count(|resource| matches!(resource, Resource::Schedule(_))) >= 1);
    assert!(count(|resource| matches!(resource, Resource::Function(_))) >= 2);
    assert!(count(|resource| matches!(resource, Resource::Mapping(_))) >= 2);
    assert!(count(|resource| matches!(resource, Resource::TaskDefinition(_))) >= 1);
    assert!(count(|resource| matches!(resource, Resource::Table(_))) >= 2);
    for skipped in &stack.skipped {
        let service = skipped.type_name.rsplit_once("::").map(|(service, _)| service);
        let known = ["AWS::IAM", "AWS::Logs", "AWS::SQS", "AWS::S3", "AWS::Lambda"];
        assert!(known.contains(&service.unwrap_or_default()), "{skipped:?}");
    }
}
