//! What a reference can reach: parameters, pseudo parameters, mappings, conditions, resources.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::declare::Declaration;
use super::intrinsics::{At, Mode};
use super::kinds::Verdict;
use super::names::Named;
use super::near::suggest;
use super::node::{Node, Value};
use super::problem::{Failed, Problems, Read};
use super::skipped;
use crate::Account;

/// The parameters that every template has ("Pseudo parameters", CloudFormation).
const PSEUDO_PARAMETERS: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// Names, or conditions, that may depend on one another in a chain; each takes a piece of the stack.
pub(super) const CHAIN_MAX: usize = 32;

/// A memory of what was worked out: nothing while it is being worked out, which shows circles.
pub(super) type Memory<T> = RefCell<BTreeMap<String, Option<Read<T>>>>;

/// One template on its way to resources.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub(super) account: &'a Account,
    pub(super) stack_name: &'a str,
    pub(super) parameters: BTreeMap<String, Node>,
    pub(super) mappings: Option<&'a Node>,
    pub(super) conditions: Option<&'a Node>,
    pub(super) declarations: BTreeMap<String, Declaration>,
    pub(super) problems: &'a Problems,
    pub(super) truths: Memory<bool>,
    pub(super) names: Memory<String>,
    /// Names and conditions that are being worked out.
    pub(super) chain: Cell<usize>,
}

impl Scope<'_> {
    /// Adds a problem.
    pub(super) fn tell(
        &self,
        line: usize,
        at: &At,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Failed {
        self.problems.tell(line, &at.path, what, remedy)
    }

    /// `Ref: name`
    pub(super) fn reference(&self, node: &Node, at: &At) -> Read<Option<Node>> {
        let Some(name) = node.as_text() else {
            let what = "`Ref` takes a name literally, not from a function";
            return Err(self.tell(node.line, at, what, "write the name"));
        };
        if name == "AWS::NoValue" {
            return Ok(None);
        }
        if let Some(value) = self.pseudo_parameter(name, node.line) {
            return Ok(Some(value));
        }
        if let Some(parameter) = self.parameters.get(name) {
            return Ok(Some(Node { line: node.line, value: parameter.value.clone() }));
        }
        let named = self.resource(name, node.line, at)?;
        let value = match &named.declaration.verdict {
            Verdict::Served(kind) => (kind.reference)(&named),
            Verdict::Skipped | Verdict::Refused(_) => skipped::reference(&named),
        };
        value.map(|value| Some(Node::text(node.line, value)))
    }

    /// `Fn::GetAtt: [id, attribute]`
    pub(super) fn get_att(&self, node: &Node, at: &At) -> Read<Value> {
        let (id, attribute) = self.attribute_words(node, at)?;
        let named = self.resource(&id, node.line, at)?;
        let kind = match &named.declaration.verdict {
            Verdict::Served(kind) => kind,
            Verdict::Skipped | Verdict::Refused(_) => {
                return skipped::attribute(&named, &attribute).map(Value::Text);
            }
        };
        if let Some((_, value)) = kind.attributes.iter().find(|(name, _)| *name == attribute) {
            return value(&named).map(Value::Text);
        }
        let known = kind.attributes.iter().map(|(name, _)| *name);
        let all = known.clone().collect::<Vec<_>>().join(", ");
        let what = format!("{} `{id}` has no attribute `{attribute}`", kind.type_name);
        let remedy = suggest(&attribute, known, &format!("take one of {all}"));
        Err(self.tell(node.line, at, what, remedy))
    }

    /// The logical id and the attribute, from `[id, attribute]` or `id.attribute`.
    fn attribute_words(&self, node: &Node, at: &At) -> Read<(String, String)> {
        if let Some((id, attribute)) = node.as_text().and_then(|text| text.split_once('.')) {
            return Ok((id.to_owned(), attribute.to_owned()));
        }
        let [id, attribute] = self.arguments(node, at, "a logical id and an attribute")?;
        let Some(id) = id.as_text() else {
            let what = "`Fn::GetAtt` takes a logical id literally, not from a function";
            return Err(self.tell(node.line, at, what, "write the logical id"));
        };
        Ok((id.to_owned(), self.evaluate_text(attribute, at)?))
    }

    /// The resource with this logical id, which must be there.
    pub(super) fn resource(&self, id: &str, line: usize, at: &At) -> Read<Named<'_>> {
        if at.mode == Mode::Condition {
            let what = format!("a condition knows parameters only, and `{id}` is none");
            let known = self.parameters.keys().map(String::as_str);
            return Err(self.tell(line, at, what, suggest(id, known, "declare a parameter")));
        }
        let Some(declaration) = self.declarations.get(id) else {
            let what = format!("there is no resource or parameter `{id}`");
            let known = self.declarations.keys().chain(self.parameters.keys()).map(String::as_str);
            let known = known.chain(PSEUDO_PARAMETERS);
            return Err(self.tell(line, at, what, suggest(id, known, "declare it")));
        };
        if !self.is_live(declaration)? {
            let what = format!("`{id}` is left out, because its condition is false");
            return Err(self.tell(line, at, what, "choose with `!If` and the same condition"));
        }
        Ok(Named { scope: self, id: declaration.id.as_str(), declaration })
    }

    /// Whether the resource's condition is true, or it has none.
    pub(super) fn is_live(&self, declaration: &Declaration) -> Read<bool> {
        let Some(condition) = &declaration.condition else { return Ok(true) };
        let at = At::new(format!("{}.Condition", declaration.path), Mode::Condition);
        self.named_condition(condition, &at)
    }

    fn pseudo_parameter(&self, name: &str, line: usize) -> Option<Node> {
        let value = match name {
            "AWS::AccountId" => self.account.id.clone(),
            "AWS::Partition" => "aws".into(),
            "AWS::Region" => self.account.region.clone(),
            "AWS::StackName" => self.stack_name.into(),
            "AWS::StackId" => self.stack_id(),
            "AWS::URLSuffix" => "amazonaws.com".into(),
            "AWS::NotificationARNs" => return Some(Node::list(line, Vec::new())),
            _ => return None,
        };
        Some(Node::text(line, value))
    }

    fn stack_id(&self) -> String {
        let uuid = super::names::uuid(self.stack_name);
        self.account.arn("cloudformation", &format!("stack/{}/{uuid}", self.stack_name))
    }
}
