//! One value of a pattern, held against one value of an event.

use serde_json::{Number, Value};

use super::{cidr::Block, range::Range, wildcard::Wildcard};

/// What a value of an event must be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    /// A string, `null`, `true` or `false`, exactly.
    Equal(Value),
    /// The same number, however it is written.
    SameNumber(Number),
    /// Any value at all.
    Exists,
    /// A string that begins so.
    Prefix(Text),
    /// A string that ends so.
    Suffix(Text),
    /// The same string but for case.
    EqualsIgnoreCase(Text),
    /// A string of a shape.
    Wildcard(Wildcard),
    /// A number in a range.
    Numeric(Range),
    /// An address in a block.
    Cidr(Block),
    /// Any value that none of these takes.
    AnythingBut(Vec<Condition>),
}

/// A string to compare with, minding case or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    /// The string.
    pub(super) text: String,
    /// Whether `a` is `A`.
    pub(super) ignore_case: bool,
}

impl Condition {
    /// Whether this takes `value`, which is no array and no object.
    pub(super) fn takes(&self, value: &Value) -> bool {
        match self {
            Self::Exists => true,
            Self::Equal(wanted) => wanted == value,
            Self::SameNumber(wanted) => value.as_number().is_some_and(|it| same(wanted, it)),
            Self::Numeric(range) => value.as_number().is_some_and(|it| range.contains(it)),
            Self::AnythingBut(conditions) => {
                !conditions.iter().any(|condition| condition.takes(value))
            }
            _ => value.as_str().is_some_and(|text| self.takes_text(text)),
        }
    }

    fn takes_text(&self, text: &str) -> bool {
        match self {
            Self::Prefix(wanted) => wanted.begins(text),
            Self::Suffix(wanted) => wanted.ends(text),
            Self::EqualsIgnoreCase(wanted) => wanted.equals(text),
            Self::Wildcard(wanted) => wanted.matches(text),
            Self::Cidr(block) => block.contains(text),
            _ => false,
        }
    }
}

/// Integers compare as integers, so that account numbers and ids do not lose digits.
fn same(left: &Number, right: &Number) -> bool {
    match (left.as_i128(), right.as_i128()) {
        (Some(left), Some(right)) => left == right,
        _ => left.as_f64().zip(right.as_f64()).is_some_and(|(left, right)| {
            left.partial_cmp(&right).is_some_and(std::cmp::Ordering::is_eq)
        }),
    }
}

impl Text {
    fn begins(&self, text: &str) -> bool {
        if !self.ignore_case {
            return text.starts_with(&self.text);
        }
        let mut rest = text.chars();
        self.text.chars().all(|wanted| rest.next().is_some_and(|got| same_letter(wanted, got)))
    }

    fn ends(&self, text: &str) -> bool {
        if !self.ignore_case {
            return text.ends_with(&self.text);
        }
        let mut rest = text.chars().rev();
        self.text
            .chars()
            .rev()
            .all(|wanted| rest.next().is_some_and(|got| same_letter(wanted, got)))
    }

    fn equals(&self, text: &str) -> bool {
        self.begins(text) && self.text.chars().count() == text.chars().count()
    }
}

fn same_letter(left: char, right: char) -> bool {
    left == right
        || left.to_lowercase().eq(right.to_lowercase())
        || left.to_uppercase().eq(right.to_uppercase())
}
