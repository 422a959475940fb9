//! An event of a serverless function ─▶ the mapping, rule or schedule that SAM makes of it.

use super::declare::Declaration;
use super::near::suggest;
use super::node::{Entry, Node, Value};
use super::problem::{Problems, Read};
use super::{mapping, rule, schedule};

/// Event types that are served.
const SERVED: [&str; 5] = ["SQS", "EventBridgeRule", "CloudWatchEvent", "Schedule", "ScheduleV2"];

/// What a target of a rule or schedule takes from its event, under the same name.
const OF_TARGET: [&str; 5] =
    ["DeadLetterConfig", "Input", "InputPath", "InputTransformer", "RetryPolicy"];

/// An event on its way.
struct Event<'a> {
    function: &'a Declaration,
    id: String,
    path: String,
    line: usize,
    properties: &'a Node,
    problems: &'a Problems,
}

/// The resources of one event.
pub(super) fn expand(
    function: &Declaration,
    entry: &Entry,
    problems: &Problems,
) -> Read<Vec<Declaration>> {
    let path = format!("{}.Properties.Events.{}", function.path, entry.key);
    let tell = |what: String, remedy: &str| problems.tell(entry.line, &path, what, remedy);
    let Some(type_name) = entry.node.get("Type").and_then(Node::as_text) else {
        return Err(tell("the event has no `Type`".into(), "add it"));
    };
    let Some(properties) = entry.node.get("Properties") else {
        return Err(tell("the event has no `Properties`".into(), "add them"));
    };
    let id = format!("{}{}", function.id, entry.key);
    let (line, path) = (entry.line, path.clone());
    let event = Event { function, id, path, line, properties, problems };
    match type_name {
        "SQS" => Ok(vec![event.mapping()]),
        "EventBridgeRule" | "CloudWatchEvent" => event.rule("Pattern", "EventPattern"),
        "Schedule" => event.rule("Schedule", "ScheduleExpression"),
        "ScheduleV2" => Ok(event.schedule()),
        other => {
            let what = format!("events of type `{other}` are not served here");
            Err(tell(what, &suggest(other, SERVED, "send them to a queue, and take an SQS event")))
        }
    }
}

impl Event<'_> {
    fn mapping(&self) -> Declaration {
        let mut properties = self.renamed(|key| match key {
            "Queue" => Some("EventSourceArn"),
            other => Some(other),
        });
        properties.push(self.entry("FunctionName", Node::reference(self.line, &self.function.id)));
        self.declaration(mapping::KIND.type_name, properties)
    }

    fn rule(&self, from: &str, to: &str) -> Read<Vec<Declaration>> {
        let mut properties = self.renamed(|key| match key {
            "RuleName" => Some("Name"),
            "Target" | "Enabled" => None,
            key if key == from => Some(to),
            key if OF_TARGET.contains(&key) => None,
            other => Some(other),
        });
        if let Some(enabled) = self.properties.get("Enabled") {
            let Value::Flag(enabled) = enabled.value else {
                let what = "`Enabled` takes true or false, not a function";
                return Err(self.problems.tell(enabled.line, &self.path, what, "use `State`"));
            };
            let state = if enabled { "ENABLED" } else { "DISABLED" };
            properties.push(self.entry("State", Node::text(self.line, state)));
        }
        let id = self.properties.get("Target").and_then(|target| target.get("Id")).cloned();
        let id = id.unwrap_or_else(|| Node::text(self.line, format!("{}LambdaTarget", self.id)));
        let target = self.target(vec![self.entry("Id", id)]);
        properties.push(self.entry("Targets", Node::list(self.line, vec![target])));
        Ok(vec![self.declaration(rule::KIND.type_name, properties)])
    }

    fn schedule(&self) -> Vec<Declaration> {
        let mut implied = Vec::new();
        let mut properties = self.renamed(|key| match key {
            "RoleArn" | "OmitName" | "PermissionsBoundary" => None,
            key if OF_TARGET.contains(&key) => None,
            other => Some(other),
        });
        if self.properties.get("FlexibleTimeWindow").is_none() {
            let off = Node::map(self.line, [("Mode", Node::text(self.line, "OFF"))]);
            properties.push(self.entry("FlexibleTimeWindow", off));
        }
        let names_itself = self.properties.get("OmitName").is_some();
        if self.properties.get("Name").is_none() && !names_itself {
            properties.push(self.entry("Name", Node::text(self.line, self.id.as_str())));
        }
        let role = self.properties.get("RoleArn").cloned().unwrap_or_else(|| {
            let id = format!("{}Role", self.id);
            let role = Node { line: self.line, value: Value::Map(Vec::new()) };
            let (path, type_name) = (self.path.clone(), "AWS::IAM::Role");
            implied.push(Declaration::implied(self.function, id.clone(), path, type_name, role));
            Node::get_att(self.line, &id, "Arn")
        });
        let target = self.target(vec![self.entry("RoleArn", role)]);
        properties.push(self.entry("Target", target));
        implied.push(self.declaration(schedule::KIND.type_name, properties));
        implied
    }

    /// The function as a target.
    fn target(&self, mut entries: Vec<Entry>) -> Node {
        let arn = Node::get_att(self.line, &self.function.id, "Arn");
        entries.push(self.entry("Arn", arn));
        entries.extend(self.renamed(|key| OF_TARGET.contains(&key).then_some(key)));
        Node { line: self.line, value: Value::Map(entries) }
    }

    /// The event's properties under other names; those without a name are left out.
    fn renamed<'s>(&'s self, name: impl Fn(&'s str) -> Option<&'s str>) -> Vec<Entry> {
        let entries = self.properties.entries().unwrap_or_default().iter();
        let renamed = |entry: &'s Entry| {
            let key = name(&entry.key)?;
            Some(Entry { key: key.into(), ..entry.clone() })
        };
        entries.filter_map(renamed).collect()
    }

    fn entry(&self, key: &str, node: Node) -> Entry {
        Entry { key: key.into(), line: self.line, node }
    }

    fn declaration(&self, type_name: &str, entries: Vec<Entry>) -> Declaration {
        let properties = Node { line: self.line, value: Value::Map(entries) };
        let (id, path) = (self.id.clone(), self.path.clone());
        Declaration::implied(self.function, id, path, type_name, properties)
    }
}
