//! A template as a tree in which every value knows its line.

use serde_json::{Map, Number, Value as Json};

/// A value of the template.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    /// Where it begins, from 1.
    pub(super) line: usize,
    /// What it is.
    pub(super) value: Value,
}

/// What a template is made of. There is no null: CloudFormation refuses it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// A boolean.
    Flag(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the source.
    Map(Vec<Entry>),
}

/// A key of a mapping and its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// The key.
    pub(super) key: String,
    /// Where the key stands, from 1.
    pub(super) line: usize,
    /// Its value.
    pub(super) node: Node,
}

impl Node {
    /// A string.
    pub(super) fn text(line: usize, text: impl Into<String>) -> Self {
        Self { line, value: Value::Text(text.into()) }
    }

    /// A sequence.
    pub(super) fn list(line: usize, items: Vec<Node>) -> Self {
        Self { line, value: Value::List(items) }
    }

    /// A mapping of other values.
    pub(super) fn map<'k>(line: usize, entries: impl IntoIterator<Item = (&'k str, Node)>) -> Self {
        let entry = |(key, node): (&str, Node)| Entry { key: key.into(), line: node.line, node };
        Self { line, value: Value::Map(entries.into_iter().map(entry).collect()) }
    }

    /// `!GetAtt id.attribute`.
    pub(super) fn get_att(line: usize, id: &str, attribute: &str) -> Self {
        let words = vec![Self::text(line, id), Self::text(line, attribute)];
        Self::map(line, [("Fn::GetAtt", Self::list(line, words))])
    }

    /// `!Ref id`.
    pub(super) fn reference(line: usize, id: &str) -> Self {
        Self::map(line, [("Ref", Self::text(line, id))])
    }

    /// The value of `key`, if this is a mapping that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entries()?.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// The entries, if this is a mapping.
    pub(super) fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items, if this is a sequence.
    pub(super) fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The string, if this is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A scalar as CloudFormation writes it where a string is wanted.
    pub(super) fn scalar(&self) -> Option<String> {
        match &self.value {
            Value::Flag(flag) => Some(flag.to_string()),
            Value::Number(number) => Some(number.to_string()),
            Value::Text(text) => Some(text.clone()),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// What kind of value it is, for a message.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            Value::Flag(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::Text(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    /// The same as JSON.
    pub(super) fn json(&self) -> Json {
        match &self.value {
            Value::Flag(flag) => Json::Bool(*flag),
            Value::Number(number) => Json::Number(number.clone()),
            Value::Text(text) => Json::String(text.clone()),
            Value::List(items) => items.iter().map(Node::json).collect(),
            Value::Map(entries) => {
                let members = entries.iter().map(|entry| (entry.key.clone(), entry.node.json()));
                Json::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}
