//! `Conditions`: named truths, made of parameters and mappings alone.

use super::intrinsics::{At, Mode};
use super::near::suggest;
use super::node::{Node, Value};
use super::problem::Read;
use super::scope::{CHAIN_MAX, Scope};

/// Functions that give a truth, in their long form.
pub(super) const CONDITION_FUNCTIONS: [&str; 4] = ["Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not"];

/// Truths that `And` and `Or` take, as CloudFormation bounds them.
const OPERANDS: std::ops::RangeInclusive<usize> = 2..=10;

impl Scope<'_> {
    /// The truth of the condition that `node` names.
    pub(super) fn named_condition(&self, node: &Node, at: &At) -> Read<bool> {
        let Some(name) = node.as_text() else {
            let what = "the name of a condition is wanted";
            return Err(self.tell(node.line, at, what, "name one of `Conditions`"));
        };
        let conditions = self.conditions.and_then(Node::entries).unwrap_or_default();
        let Some(condition) = conditions.iter().find(|entry| entry.key == name) else {
            let what = format!("there is no condition `{name}`");
            let names = conditions.iter().map(|entry| entry.key.as_str());
            let remedy = suggest(name, names, "declare it under `Conditions`");
            return Err(self.tell(node.line, at, what, remedy));
        };
        if let Some(known) = self.truths.borrow().get(name) {
            let what = format!("the condition `{name}` depends on itself");
            return match known {
                Some(truth) => *truth,
                None => Err(self.tell(node.line, at, what, "break the circle")),
            };
        }
        if self.chain.get() >= CHAIN_MAX {
            let what = format!("more than {CHAIN_MAX} conditions depend on one another");
            return Err(self.tell(node.line, at, what, "shorten the chain"));
        }
        self.truths.borrow_mut().insert(name.into(), None);
        let place = At::new(format!("Conditions.{name}"), Mode::Condition);
        self.chain.set(self.chain.get() + 1);
        let truth = self.truth(&condition.node, &place);
        self.chain.set(self.chain.get() - 1);
        self.truths.borrow_mut().insert(name.into(), Some(truth));
        truth
    }

    /// Tells what is wrong with conditions that nothing names.
    pub(super) fn check_conditions(&self) {
        for entry in self.conditions.and_then(Node::entries).unwrap_or_default() {
            let at = At::new(format!("Conditions.{}", entry.key), Mode::Condition);
            let name = Node::text(entry.line, entry.key.as_str());
            // A failure is among the problems already.
            self.named_condition(&name, &at).unwrap_or_default();
        }
    }

    fn truth(&self, node: &Node, at: &At) -> Read<bool> {
        let refuse = || {
            let what = "a condition is wanted";
            let remedy = "write one of Equals, And, Or, Not, Condition";
            self.tell(node.line, at, what, remedy)
        };
        let Some([function]) = node.entries() else { return Err(refuse()) };
        let arguments = &function.node;
        match function.key.as_str() {
            "Condition" => self.named_condition(arguments, at),
            "Fn::Equals" => self.equals(arguments, at),
            "Fn::Not" => {
                let [inner] = self.arguments(arguments, at, "one condition")?;
                self.truth(inner, at).map(|truth| !truth)
            }
            "Fn::And" => self.truths(arguments, at).map(|truths| truths.iter().all(|&truth| truth)),
            "Fn::Or" => self.truths(arguments, at).map(|truths| truths.iter().any(|&truth| truth)),
            other => {
                let what = format!("`{other}` gives no truth");
                let remedy = "write one of Equals, And, Or, Not, Condition";
                let known = CONDITION_FUNCTIONS.into_iter().chain(["Condition"]);
                Err(self.tell(function.line, at, what, suggest(other, known, remedy)))
            }
        }
    }

    fn truths(&self, node: &Node, at: &At) -> Read<Vec<bool>> {
        match &node.value {
            Value::List(items) if OPERANDS.contains(&items.len()) => {
                items.iter().map(|item| self.truth(item, at)).collect()
            }
            _ => {
                let what = "the function takes 2 to 10 conditions in a list";
                Err(self.tell(node.line, at, what, "nest them, if there are more"))
            }
        }
    }

    fn equals(&self, node: &Node, at: &At) -> Read<bool> {
        let [left, right] = self.arguments(node, at, "two values")?;
        let (left, right) = (self.evaluate(left, at), self.evaluate(right, at));
        let (Some(left), Some(right)) = (left?, right?) else {
            let what = "`AWS::NoValue` equals nothing";
            return Err(self.tell(node.line, at, what, "compare with an empty string"));
        };
        Ok(match (left.scalar(), right.scalar()) {
            (Some(left), Some(right)) => left == right,
            (None, None) => left.json() == right.json(),
            _ => false,
        })
    }
}
