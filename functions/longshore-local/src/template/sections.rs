//! The frame of a template: its sections, version and transforms.

use super::near::suggest;
use super::node::{Entry, Node};
use super::problem::{Problems, Read};
use super::serverless;

/// Sections of a template ("Template sections", CloudFormation User Guide).
const SECTIONS: [&str; 11] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Globals",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
];
/// The section that names what AWS does to the template first.
const TRANSFORM: &str = "Transform";
/// The transform of `AWS::Serverless::…`.
const SAM: &str = "AWS::Serverless-2016-10-31";
/// The transform of `Fn::Length` and `Fn::ToJsonString`.
const LANGUAGE_EXTENSIONS: &str = "AWS::LanguageExtensions";
/// The one version of the format.
const VERSION: &str = "2010-09-09";
/// Bound of a stack's name (CreateStack API reference).
const STACK_NAME_CHARS_MAX: usize = 128;

/// Refuses a name that no stack may have.
pub(super) fn check_stack_name(name: &str, problems: &Problems) {
    let letters = name.chars().all(|char| char.is_ascii_alphanumeric() || char == '-');
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic());
    if !letters || !begins || name.len() > STACK_NAME_CHARS_MAX {
        let what = format!("`{name}` is no name for a stack");
        problems.tell(1, "", what, "take letters, digits and hyphens, a letter first");
    }
}

/// Refuses sections, versions and transforms that this reader does not know.
pub(super) fn check(root: &Node, problems: &Problems) -> Read<()> {
    let Some(sections) = root.entries() else {
        let what = format!("a template is a map, not {}", root.kind());
        return Err(problems.tell(root.line, "", what, "begin with `Resources:`"));
    };
    for Entry { key, line, .. } in sections {
        if !SECTIONS.contains(&key.as_str()) && key != TRANSFORM {
            let what = format!("a template has no section `{key}`");
            let known = SECTIONS.into_iter().chain([TRANSFORM]);
            problems.tell(*line, "", what, suggest(key, known, "move it under `Metadata`"));
        }
    }
    if let Some(version) = root.get("AWSTemplateFormatVersion")
        && version.as_text() != Some(VERSION)
    {
        let what = "there is one version of the format";
        let remedy = format!("write '{VERSION}'");
        problems.tell(version.line, "AWSTemplateFormatVersion", what, remedy);
    }
    check_transforms(root, problems);
    Ok(())
}

fn check_transforms(root: &Node, problems: &Problems) {
    let transforms = root.get(TRANSFORM);
    let transforms = transforms.map(|node| node.items().unwrap_or(std::slice::from_ref(node)));
    let transforms = transforms.unwrap_or_default();
    for transform in transforms {
        if ![Some(SAM), Some(LANGUAGE_EXTENSIONS)].contains(&transform.as_text()) {
            let what = "what this transform does is known only to AWS";
            problems.tell(transform.line, TRANSFORM, what, "give the template as it comes out");
        }
    }
    if transforms.iter().any(|transform| transform.as_text() == Some(SAM)) {
        return;
    }
    for resource in root.get("Resources").and_then(Node::entries).unwrap_or_default() {
        if resource.node.get("Type").and_then(Node::as_text) == Some(serverless::TYPE_NAME) {
            let path = format!("Resources.{}", resource.key);
            let what = "a serverless function needs the SAM transform";
            problems.tell(resource.line, &path, what, format!("add `{TRANSFORM}: {SAM}`"));
        }
    }
}
