//! The value of a node: its functions called, its references followed.
//!
//! ```text
//! node ─evaluate▶ node without functions        {Ref: AWS::NoValue} ─▶ nothing
//! ```

use super::conditions::CONDITION_FUNCTIONS;
use super::near::suggest;
use super::node::{Entry, Node, Value};
use super::problem::{Failed, Read};
use super::scope::Scope;

/// Functions that are called where a value is wanted, in their long form.
const FUNCTIONS: [&str; 13] = [
    "Ref",
    "Fn::GetAtt",
    "Fn::Sub",
    "Fn::Join",
    "Fn::Select",
    "Fn::Split",
    "Fn::If",
    "Fn::FindInMap",
    "Fn::Base64",
    "Fn::GetAZs",
    "Fn::Length",
    "Fn::ToJsonString",
    "Condition",
];

/// Functions of CloudFormation whose value only AWS knows.
const UNSERVED: [&str; 4] = ["Fn::Cidr", "Fn::ImportValue", "Fn::Transform", "Fn::ForEach"];

/// What an unserved function gives inside a resource that is skipped anyway.
const UNKNOWN_VALUE: &str = "known-only-to-aws";

/// How strictly a value is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// It decides what happens here: everything in it must be known.
    Served,
    /// It decides nothing here: only its references must exist.
    Skipped,
    /// It stands in a condition: no resource exists yet.
    Condition,
}

/// A place in the template.
#[derive(Clone, Debug)]
pub(super) struct At {
    /// Path, such as `Resources.Inbox.Properties`.
    pub(super) path: String,
    /// How strictly values are read here.
    pub(super) mode: Mode,
}

impl At {
    /// A place by its path.
    pub(super) fn new(path: impl Into<String>, mode: Mode) -> Self {
        Self { path: path.into(), mode }
    }

    /// The place of a key within this one.
    pub(super) fn key(&self, key: &str) -> Self {
        Self { path: format!("{}.{key}", self.path), mode: self.mode }
    }

    fn index(&self, index: usize) -> Self {
        Self { path: format!("{}[{index}]", self.path), mode: self.mode }
    }
}

impl Scope<'_> {
    /// The value of `node`; nothing where it is `AWS::NoValue`.
    pub(super) fn evaluate(&self, node: &Node, at: &At) -> Read<Option<Node>> {
        match &node.value {
            Value::Flag(_) | Value::Number(_) => Ok(Some(node.clone())),
            Value::Text(text) => {
                self.no_dynamic_reference(node.line, text, at)?;
                Ok(Some(node.clone()))
            }
            Value::List(items) => {
                let items = self.evaluate_items(items, at)?;
                Ok(Some(Node::list(node.line, items)))
            }
            Value::Map(entries) => match entries.as_slice() {
                [only] if is_function(only) => self.call(only, at),
                _ => self.evaluate_entries(node.line, entries, at).map(Some),
            },
        }
    }

    /// The value of `node`, which must be there.
    pub(super) fn evaluate_some(&self, node: &Node, at: &At) -> Read<Node> {
        let gone = || {
            let what = "`AWS::NoValue` stands where a value is needed";
            self.tell(node.line, at, what, "give a value in both cases")
        };
        self.evaluate(node, at)?.ok_or_else(gone)
    }

    /// The value of `node`, as a string.
    pub(super) fn evaluate_text(&self, node: &Node, at: &At) -> Read<String> {
        let value = self.evaluate_some(node, at)?;
        value.scalar().ok_or_else(|| {
            let what = format!("a string is wanted, not {}", value.kind());
            self.tell(node.line, at, what, "give one string; `!Join` makes one of a list")
        })
    }

    /// The value of `node`, as a list.
    pub(super) fn evaluate_list(&self, node: &Node, at: &At) -> Read<Vec<Node>> {
        let value = self.evaluate_some(node, at)?;
        let kind = value.kind();
        let Value::List(items) = value.value else {
            let what = format!("a list is wanted, not {kind}");
            return Err(self.tell(
                node.line,
                at,
                what,
                "give a list; `!Split` makes one of a string",
            ));
        };
        Ok(items)
    }

    fn evaluate_items(&self, items: &[Node], at: &At) -> Read<Vec<Node>> {
        let each = items.iter().enumerate();
        let values = each.map(|(index, item)| self.evaluate(item, &at.index(index)));
        // Every item is read before the first failure counts, so that all problems are told.
        let values: Vec<_> = values.collect();
        values.into_iter().filter_map(Result::transpose).collect()
    }

    fn evaluate_entries(&self, line: usize, entries: &[Entry], at: &At) -> Read<Node> {
        let mut values = Vec::with_capacity(entries.len());
        let mut failed = false;
        for entry in entries {
            if entry.key.starts_with("Fn::") {
                let what = format!("`{}` stands beside other keys", entry.key);
                self.tell(entry.line, at, what, "let a function be the only key of its map");
                failed = true;
                continue;
            }
            match self.evaluate(&entry.node, &at.key(&entry.key)) {
                Ok(Some(node)) => values.push(Entry { node, ..entry.clone() }),
                Ok(None) => {}
                Err(Failed) => failed = true,
            }
        }
        if failed { Err(Failed) } else { Ok(Node { line, value: Value::Map(values) }) }
    }

    fn call(&self, function: &Entry, at: &At) -> Read<Option<Node>> {
        let Entry { key, line, node } = function;
        let value = match key.as_str() {
            "Ref" => return self.reference(node, at),
            "Fn::If" => return self.choose(node, at),
            "Fn::GetAtt" => self.get_att(node, at),
            "Fn::Sub" => self.substitute(node, at),
            "Fn::Join" => self.join(node, at),
            "Fn::Select" => return self.select(node, at).map(Some),
            "Fn::Split" => self.split(node, at),
            "Fn::FindInMap" => self.find_in_map(node, at),
            "Fn::Base64" => self.base64(node, at),
            "Fn::GetAZs" => self.zones(node, at),
            "Fn::Length" => self.length(node, at),
            "Fn::ToJsonString" => self.to_json_string(node, at),
            _ => return self.refuse_function(key, *line, at),
        };
        value.map(|value| Some(Node { line: *line, value }))
    }

    fn choose(&self, node: &Node, at: &At) -> Read<Option<Node>> {
        let [condition, then, otherwise] =
            self.arguments(node, at, "a condition and two values")?;
        let branch = if self.named_condition(condition, at)? { then } else { otherwise };
        self.evaluate(branch, at)
    }

    fn refuse_function(&self, name: &str, line: usize, at: &At) -> Read<Option<Node>> {
        if UNSERVED.iter().any(|unserved| name.starts_with(unserved)) {
            if at.mode == Mode::Skipped {
                return Ok(Some(Node::text(line, UNKNOWN_VALUE)));
            }
            let what = format!("the value of `{name}` is known only to AWS");
            return Err(self.tell(line, at, what, "make it a parameter with a default"));
        }
        if CONDITION_FUNCTIONS.contains(&name) {
            let what = format!("`{name}` gives a truth, not a value");
            let remedy = "name it under `Conditions`, and choose with `!If` here";
            return Err(self.tell(line, at, what, remedy));
        }
        let what = format!("CloudFormation has no function `{name}`");
        let known = FUNCTIONS.into_iter().chain(CONDITION_FUNCTIONS);
        let known = known.map(|known| known.trim_start_matches("Fn::"));
        let short = name.trim_start_matches("Fn::");
        Err(self.tell(line, at, what, suggest(short, known, "take it away")))
    }

    /// The `N` arguments of a function, not yet evaluated.
    pub(super) fn arguments<'n, const N: usize>(
        &self,
        node: &'n Node,
        at: &At,
        wanted: &str,
    ) -> Read<&'n [Node; N]> {
        let arguments = node.items().and_then(|items| items.try_into().ok());
        arguments.ok_or_else(|| {
            let what = format!("the function takes {wanted} in a list");
            self.tell(node.line, at, what, "write its arguments in this form")
        })
    }

    /// Refuses text that AWS would replace by what it keeps elsewhere.
    pub(super) fn no_dynamic_reference(&self, line: usize, text: &str, at: &At) -> Read<()> {
        if at.mode == Mode::Served && text.contains("{{resolve:") {
            let what = "a dynamic reference (`{{resolve:…}}`) is known only to AWS";
            return Err(self.tell(line, at, what, "make the value a parameter"));
        }
        Ok(())
    }
}

/// Whether an only key makes its map a function. `Condition` does so in conditions alone: elsewhere
/// it is an ordinary key, as in IAM policies.
fn is_function(only: &Entry) -> bool {
    only.key == "Ref" || only.key.starts_with("Fn::")
}
