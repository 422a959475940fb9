//! `AWS::Serverless::Function` ─▶ what SAM makes of it: a function, its role, and for each of its
//! events a mapping, a rule or a schedule (AWS SAM specification).

use super::declare::Declaration;
use super::function;
use super::kinds::verdict;
use super::near::suggest;
use super::node::{Entry, Node, Value};
use super::problem::Problems;
use super::serverless_event;

/// The type that is expanded here.
pub(super) const TYPE_NAME: &str = "AWS::Serverless::Function";

/// Properties that SAM spends on other resources, or on the build.
const OF_SAM: [&str; 23] = [
    "AssumeRolePolicyDocument",
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "AutoPublishCodeSha256",
    "CodeUri",
    "DeadLetterQueue",
    "DeploymentPreference",
    "EventInvokeConfig",
    "Events",
    "FunctionUrlConfig",
    "ImageUri",
    "InlineCode",
    "PermissionsBoundary",
    "Policies",
    "PropagateTags",
    "ProvisionedConcurrencyConfig",
    "PublishToLatestPublished",
    "RolePath",
    "SourceKMSKeyArn",
    "Tracing",
    "VersionDeletionPolicy",
    "VersionDescription",
    "Connectors",
];

/// The function and everything it implies.
pub(super) fn expand(mut sam: Declaration, root: &Node, problems: &Problems) -> Vec<Declaration> {
    if let Some(globals) = root.get("Globals").and_then(|globals| globals.get("Function")) {
        sam.properties = merged(globals, &sam.properties);
    }
    let mut implied = Vec::new();
    if sam.properties.get("Role").is_none() {
        let path = sam.properties.get("RolePath").cloned();
        let role = Node::map(sam.line, path.map(|path| ("Path", path)));
        let (id, place) = (format!("{}Role", sam.id), sam.path.clone());
        implied.push(Declaration::implied(&sam, id, place, "AWS::IAM::Role", role));
    }
    let events = sam.properties.get("Events").and_then(Node::entries).unwrap_or_default();
    for event in events {
        // What could not be read is among the problems already.
        implied.extend(serverless_event::expand(&sam, event, problems).unwrap_or_default());
    }
    sam.properties = of_lambda(&sam, problems);
    sam.type_name = function::KIND.type_name.into();
    sam.verdict = verdict(&sam.type_name);
    implied.push(sam);
    implied
}

/// The properties that Lambda itself gets.
fn of_lambda(sam: &Declaration, problems: &Problems) -> Node {
    let kind = &function::KIND;
    let of_lambda: Vec<&str> = [kind.served, kind.ignored].concat();
    let refused = kind.refused.iter().map(|(name, _)| *name);
    let mut kept = Vec::new();
    for entry in sam.properties.entries().unwrap_or_default() {
        let key = entry.key.as_str();
        if of_lambda.contains(&key) || refused.clone().any(|name| name == key) {
            kept.push(entry.clone());
        } else if !OF_SAM.contains(&key) {
            let what = format!("{TYPE_NAME} has no property `{key}`");
            let known = of_lambda.iter().copied().chain(OF_SAM);
            let path = format!("{}.Properties.{key}", sam.path);
            let remedy = suggest(key, known, "take it away");
            problems.tell(entry.line, &path, what, remedy);
        }
    }
    Node { line: sam.properties.line, value: Value::Map(kept) }
}

/// `Globals` under a function's own properties: maps are merged, lists joined, the rest replaced
/// ("Globals section", AWS SAM specification).
fn merged(globals: &Node, own: &Node) -> Node {
    let value = match (&globals.value, &own.value) {
        (Value::List(first), Value::List(then)) => Value::List([&first[..], &then[..]].concat()),
        (Value::Map(under), Value::Map(over)) if !is_function(under) && !is_function(over) => {
            let replaced = |entry: &Entry| match own.get(&entry.key) {
                Some(own) => Entry { node: merged(&entry.node, own), ..entry.clone() },
                None => entry.clone(),
            };
            let added = over.iter().filter(|entry| globals.get(&entry.key).is_none()).cloned();
            Value::Map(under.iter().map(replaced).chain(added).collect())
        }
        (_, own) => own.clone(),
    };
    Node { line: own.line, value }
}

fn is_function(entries: &[Entry]) -> bool {
    matches!(entries, [only] if only.key == "Ref" || only.key.starts_with("Fn::"))
}
