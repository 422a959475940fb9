//! The section `Resources` ─▶ one declaration per logical id, serverless functions expanded.

use std::collections::BTreeMap;

use super::kinds::{Verdict, verdict};
use super::near::suggest;
use super::node::{Entry, Node};
use super::problem::{Problems, Read};
use super::serverless;

/// What a resource may say beside its properties ("Resource attributes", CloudFormation).
const ATTRIBUTES: [&str; 11] = [
    "Condition",
    "Connectors",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "IgnoreGlobals",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
];

/// CloudFormation's own bound.
const RESOURCES_MAX: usize = 500;
/// CloudFormation's own bound.
const LOGICAL_ID_CHARS_MAX: usize = 255;

/// A resource as it is declared, nothing of it evaluated.
#[derive(Clone, Debug)]
pub(super) struct Declaration {
    /// Logical id.
    pub(super) id: String,
    /// Where it is declared, from 1.
    pub(super) line: usize,
    /// Path, such as `Resources.Inbox`.
    pub(super) path: String,
    /// `AWS::SERVICE::TYPE`
    pub(super) type_name: String,
    /// What becomes of it.
    pub(super) verdict: Verdict,
    /// Its properties, or an empty map.
    pub(super) properties: Node,
    /// The name of its condition.
    pub(super) condition: Option<Node>,
    /// `Metadata.Local.Command`
    pub(super) command: Option<Node>,
    /// What it depends on, beside what it refers to.
    pub(super) depends_on: Vec<Node>,
}

impl Declaration {
    /// A resource that another one implies, under the same condition.
    pub(super) fn implied(
        parent: &Declaration,
        id: String,
        path: String,
        type_name: &str,
        properties: Node,
    ) -> Self {
        Self {
            id,
            line: properties.line,
            path,
            type_name: type_name.into(),
            verdict: verdict(type_name),
            properties,
            condition: parent.condition.clone(),
            command: None,
            depends_on: Vec::new(),
        }
    }
}

/// The declarations of a template, by logical id.
pub(super) fn declarations(root: &Node, problems: &Problems) -> BTreeMap<String, Declaration> {
    let mut declared = BTreeMap::new();
    let Some(section) = root.get("Resources") else {
        problems.tell(root.line, "", "the template has no `Resources`", "declare one or more");
        return declared;
    };
    let entries = section.entries().unwrap_or_default();
    if entries.is_empty() || entries.len() > RESOURCES_MAX {
        let what = format!("a template has 1 to {RESOURCES_MAX} resources, not {}", entries.len());
        problems.tell(section.line, "Resources", what, "declare that many");
        return declared;
    }
    for entry in entries {
        let Ok(declaration) = declaration(entry, problems) else { continue };
        let expanded = match declaration.type_name.as_str() {
            serverless::TYPE_NAME => serverless::expand(declaration, root, problems),
            _ => vec![declaration],
        };
        for declaration in expanded {
            let (line, path) = (declaration.line, declaration.path.clone());
            if let Some(first) = declared.insert(declaration.id.clone(), declaration) {
                let what = format!("the logical id `{}` is taken twice", first.id);
                problems.tell(line, &path, what, "rename one of the two");
            }
        }
    }
    declared
}

fn declaration(entry: &Entry, problems: &Problems) -> Read<Declaration> {
    let Entry { key: id, line, node } = entry;
    let path = format!("Resources.{id}");
    let tell = |line, what: String, remedy: &str| problems.tell(line, &path, what, remedy);
    let letters = id.chars().all(|char| char.is_ascii_alphanumeric());
    if !letters || !(1..=LOGICAL_ID_CHARS_MAX).contains(&id.len()) {
        let what = format!("`{id}` is no logical id");
        return Err(tell(*line, what, "take letters and digits alone"));
    }
    let Some(attributes) = node.entries() else {
        return Err(tell(*line, "a resource is a map".into(), "write its `Type` and `Properties`"));
    };
    for Entry { key, line, .. } in attributes {
        if !ATTRIBUTES.contains(&key.as_str()) {
            let what = format!("a resource has no attribute `{key}`");
            let remedy = suggest(key, ATTRIBUTES, "put it under `Properties`, if it is one");
            tell(*line, what, &remedy);
        }
    }
    let Some(type_name) = node.get("Type").and_then(Node::as_text) else {
        return Err(tell(*line, "the resource has no `Type`".into(), "add it"));
    };
    let empty = Node { line: *line, value: super::node::Value::Map(Vec::new()) };
    let properties = node.get("Properties").cloned().unwrap_or(empty);
    if properties.entries().is_none() {
        return Err(tell(properties.line, "`Properties` is a map".into(), "write keys and values"));
    }
    let depends_on = node.get("DependsOn");
    let depends_on = depends_on.map(|node| node.items().map_or(vec![node.clone()], <[_]>::to_vec));
    Ok(Declaration {
        id: id.clone(),
        line: *line,
        type_name: type_name.into(),
        verdict: verdict(type_name),
        properties,
        condition: node.get("Condition").cloned(),
        command: local_command(node).cloned(),
        depends_on: depends_on.unwrap_or_default(),
        path,
    })
}

fn local_command(node: &Node) -> Option<&Node> {
    node.get("Metadata")?.get("Local")?.get("Command")
}
