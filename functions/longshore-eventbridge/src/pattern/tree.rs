//! A pattern as a tree, held against an event.

use std::collections::BTreeMap;

use serde_json::Value;

use super::condition::Condition;

/// Fields of an object of the pattern.
pub(super) type Fields = BTreeMap<String, Node>;

/// A field of the pattern.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// The values that the event's field may have.
    Leaf(Leaf),
    /// What the event's field must have in it.
    Fields(Fields),
}

/// The values of one field, joined by or.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Leaf {
    /// Any of these takes a value.
    pub(super) conditions: Vec<Condition>,
    /// Whether the field may be missing (`{"exists": false}`).
    pub(super) absent: bool,
}

/// How a part of the pattern fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It does not hold.
    Fails,
    /// It holds because nothing is there.
    Absent,
    /// It holds because of a value, which binds the array elements on the way to it.
    Bound,
}

impl Node {
    /// Whether the event has what this part of the pattern asks for.
    pub(super) fn holds(&self, event: &Value) -> bool {
        self.judge(Some(event)) != Outcome::Fails
    }

    fn judge(&self, value: Option<&Value>) -> Outcome {
        match (self, value) {
            (Self::Leaf(leaf), value) => leaf.judge(value),
            (Self::Fields(_), Some(Value::Array(elements))) if !elements.is_empty() => {
                any_element(elements.iter().map(|element| self.judge(Some(element))))
            }
            (Self::Fields(fields), Some(Value::Object(object))) => {
                all_fields(fields.iter().map(|(name, node)| node.judge(object.get(name))))
            }
            (Self::Fields(fields), _) => all_fields(fields.values().map(|node| node.judge(None))),
        }
    }
}

/// One element with a value is enough, absence must be that of all.
fn any_element(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let mut result = Outcome::Absent;
    for outcome in outcomes {
        match outcome {
            Outcome::Bound => return Outcome::Bound,
            Outcome::Fails => result = Outcome::Fails,
            Outcome::Absent => {}
        }
    }
    result
}

/// All must hold; one value is enough to bind the element that they are in.
fn all_fields(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let mut result = Outcome::Absent;
    for outcome in outcomes {
        match outcome {
            Outcome::Fails => return Outcome::Fails,
            Outcome::Bound => result = Outcome::Bound,
            Outcome::Absent => {}
        }
    }
    result
}

impl Leaf {
    fn judge(&self, value: Option<&Value>) -> Outcome {
        let mut values = Vec::new();
        if let Some(value) = value {
            plain(value, &mut values);
        }
        if values.iter().any(|value| self.conditions.iter().any(|condition| condition.takes(value)))
        {
            Outcome::Bound
        } else if self.absent && values.is_empty() {
            Outcome::Absent
        } else {
            Outcome::Fails
        }
    }
}

/// The value itself, or those of the array however deep; objects are no values of their own.
fn plain<'a>(value: &'a Value, into: &mut Vec<&'a Value>) {
    match value {
        Value::Object(_) => {}
        Value::Array(elements) => elements.iter().for_each(|element| plain(element, into)),
        value => into.push(value),
    }
}
