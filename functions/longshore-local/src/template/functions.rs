//! The functions that make values of values ("Intrinsic function reference", CloudFormation).

use data_encoding::BASE64;

use super::intrinsics::At;
use super::near::suggest;
use super::node::{Node, Value};
use super::problem::Read;
use super::scope::Scope;

/// A string may grow by `Join` and `Sub`; no property takes more than this many bytes.
const TEXT_BYTES_MAX: usize = 1 << 20;
/// Zones of a Region that `GetAZs` names; every Region has at least three.
const ZONES: [&str; 3] = ["a", "b", "c"];

impl Scope<'_> {
    /// `Fn::Join: [delimiter, list]`
    pub(super) fn join(&self, node: &Node, at: &At) -> Read<Value> {
        let [delimiter, list] = self.arguments(node, at, "a delimiter and a list")?;
        let delimiter = self.evaluate_text(delimiter, at)?;
        let mut parts = Vec::new();
        for item in self.evaluate_list(list, at)? {
            parts.push(item.scalar().ok_or_else(|| {
                let what = format!("`Fn::Join` joins strings, and this item is {}", item.kind());
                self.tell(node.line, at, what, "give it strings")
            })?);
        }
        self.bounded(node.line, parts.join(&delimiter), at)
    }

    /// `Fn::Select: [index, list]`
    pub(super) fn select(&self, node: &Node, at: &At) -> Read<Node> {
        let [index, list] = self.arguments(node, at, "an index and a list")?;
        let index = self.evaluate_text(index, at)?;
        let items = self.evaluate_list(list, at)?;
        let item = index.parse::<usize>().ok().and_then(|index| items.get(index));
        item.cloned().ok_or_else(|| {
            let what = format!("there is no item {index} in a list of {}", items.len());
            self.tell(node.line, at, what, "count from 0")
        })
    }

    /// `Fn::Split: [delimiter, string]`
    pub(super) fn split(&self, node: &Node, at: &At) -> Read<Value> {
        let [delimiter, text] = self.arguments(node, at, "a delimiter and a string")?;
        let delimiter = self.evaluate_text(delimiter, at)?;
        let text = self.evaluate_text(text, at)?;
        if delimiter.is_empty() {
            let what = "the delimiter is empty";
            return Err(self.tell(node.line, at, what, "give one character or more"));
        }
        let parts = text.split(delimiter.as_str()).map(|part| Node::text(node.line, part));
        Ok(Value::List(parts.collect()))
    }

    /// `Fn::FindInMap: [map, key, key]`
    pub(super) fn find_in_map(&self, node: &Node, at: &At) -> Read<Value> {
        let [map, first, second] = self.arguments(node, at, "a map and two keys")?;
        let mut found = self.mappings.ok_or_else(|| {
            let what = "the template has no `Mappings`";
            self.tell(node.line, at, what, "declare the map, or write the value")
        })?;
        for key in [map, first, second] {
            let key = self.evaluate_text(key, at)?;
            let keys = found.entries().unwrap_or_default().iter().map(|entry| entry.key.as_str());
            found = found.get(&key).ok_or_else(|| {
                let what = format!("`Mappings` has no `{key}` here");
                self.tell(node.line, at, what, suggest(&key, keys, "add it to the map"))
            })?;
        }
        Ok(found.value.clone())
    }

    /// `Fn::Base64: string`
    pub(super) fn base64(&self, node: &Node, at: &At) -> Read<Value> {
        Ok(Value::Text(BASE64.encode(self.evaluate_text(node, at)?.as_bytes())))
    }

    /// `Fn::GetAZs: region`
    pub(super) fn zones(&self, node: &Node, at: &At) -> Read<Value> {
        let region = match self.evaluate_text(node, at)? {
            given if given.is_empty() => self.account.region.clone(),
            given => given,
        };
        let zone = |zone: &&str| Node::text(node.line, format!("{region}{zone}"));
        Ok(Value::List(ZONES.iter().map(zone).collect()))
    }

    /// `Fn::Length: list`, of the transform `AWS::LanguageExtensions`.
    pub(super) fn length(&self, node: &Node, at: &At) -> Read<Value> {
        Ok(Value::Number(self.evaluate_list(node, at)?.len().into()))
    }

    /// `Fn::ToJsonString: value`, of the transform `AWS::LanguageExtensions`.
    pub(super) fn to_json_string(&self, node: &Node, at: &At) -> Read<Value> {
        let text = self.evaluate_some(node, at)?.json().to_string();
        self.bounded(node.line, text, at)
    }

    /// A string that is not larger than any property takes.
    pub(super) fn bounded(&self, line: usize, text: String, at: &At) -> Read<Value> {
        if text.len() > TEXT_BYTES_MAX {
            let what = format!("the string has {} bytes, more than 1 MiB", text.len());
            return Err(self.tell(line, at, what, "make it shorter"));
        }
        Ok(Value::Text(text))
    }
}
