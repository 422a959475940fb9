//! The leaves of a pattern: values, and objects with one operator.

use serde_json::{Map, Value};

use super::{
    PatternError,
    cidr::Block,
    condition::{Condition, Text},
    error::Place,
    range::Range,
    tree::Leaf,
    wildcard::Wildcard,
};

const IGNORE_CASE: &str = "equals-ignore-case";

/// Reads the array of a field.
pub(super) fn leaf(values: &[Value], at: Place<'_>) -> Result<Leaf, PatternError> {
    if values.is_empty() {
        return Err(at.refuse("an empty array matches nothing; give it a value"));
    }
    let mut leaf = Leaf::default();
    for value in values {
        match value {
            Value::Array(_) => return Err(at.refuse("a value is no array")),
            Value::Object(object) => match only_entry(object, at)? {
                ("exists", Value::Bool(false)) => leaf.absent = true,
                (operator, operand) => leaf.conditions.push(operation(operator, operand, at)?),
            },
            Value::Number(number) => leaf.conditions.push(Condition::SameNumber(number.clone())),
            value => leaf.conditions.push(Condition::Equal(value.clone())),
        }
    }
    Ok(leaf)
}

fn only_entry<'a>(
    object: &'a Map<String, Value>,
    at: Place<'_>,
) -> Result<(&'a str, &'a Value), PatternError> {
    let mut entries = object.iter();
    match (entries.next(), entries.next()) {
        (Some((operator, operand)), None) => Ok((operator, operand)),
        _ => Err(at.refuse("an object among the values has exactly one operator")),
    }
}

fn operation(operator: &str, operand: &Value, at: Place<'_>) -> Result<Condition, PatternError> {
    match (operator, operand) {
        ("exists", Value::Bool(true)) => Ok(Condition::Exists),
        ("exists", _) => Err(at.refuse("`exists` takes true or false")),
        ("anything-but", operand) => anything_but(operand, at),
        ("numeric", Value::Array(terms)) => {
            Range::parse(terms).map(Condition::Numeric).map_err(|problem| at.refuse(problem))
        }
        ("numeric", _) => Err(at.refuse("`numeric` takes an array such as [\">\", 0]")),
        ("prefix" | "suffix", Value::Object(object)) => match only_entry(object, at)? {
            (IGNORE_CASE, Value::String(text)) => Ok(affix(operator, text, true)),
            _ => Err(at.refuse(format!("`{operator}` takes a string or `{IGNORE_CASE}`"))),
        },
        (_, Value::String(text)) => text_operation(operator, text, at),
        ("prefix" | "suffix" | "wildcard" | "cidr" | "exactly" | IGNORE_CASE, _) => {
            Err(at.refuse(format!("`{operator}` takes a string, not {operand}")))
        }
        _ => Err(unknown(operator, at)),
    }
}

fn text_operation(operator: &str, text: &str, at: Place<'_>) -> Result<Condition, PatternError> {
    match operator {
        "prefix" | "suffix" => Ok(affix(operator, text, false)),
        "exactly" => Ok(Condition::Equal(text.into())),
        IGNORE_CASE => {
            Ok(Condition::EqualsIgnoreCase(Text { text: text.into(), ignore_case: true }))
        }
        "wildcard" => {
            Wildcard::parse(text).map(Condition::Wildcard).map_err(|problem| at.refuse(problem))
        }
        "cidr" => Block::parse(text).map(Condition::Cidr).map_err(|problem| at.refuse(problem)),
        _ => Err(unknown(operator, at)),
    }
}

fn affix(operator: &str, text: &str, ignore_case: bool) -> Condition {
    let text = Text { text: text.into(), ignore_case };
    if operator == "prefix" { Condition::Prefix(text) } else { Condition::Suffix(text) }
}

fn unknown(operator: &str, at: Place<'_>) -> PatternError {
    at.refuse(format!(
        "there is no operator `{operator}`; there are prefix, suffix, equals-ignore-case, \
         wildcard, anything-but, numeric, cidr and exists"
    ))
}

fn anything_but(operand: &Value, at: Place<'_>) -> Result<Condition, PatternError> {
    let conditions = match operand {
        Value::Object(object) => {
            let (operator, operand) = only_entry(object, at)?;
            if !matches!(operator, "prefix" | "suffix" | "wildcard" | IGNORE_CASE) {
                let problem = format!("`anything-but` takes no `{operator}`");
                return Err(at.refuse(problem));
            }
            let values = listed(operand);
            values.iter().map(|value| but_text(operator, value, at)).collect::<Result<_, _>>()?
        }
        operand => but_values(listed(operand), at)?,
    };
    Ok(Condition::AnythingBut(conditions))
}

fn listed(operand: &Value) -> &[Value] {
    operand.as_array().map_or(std::slice::from_ref(operand), Vec::as_slice)
}

fn but_text(operator: &str, value: &Value, at: Place<'_>) -> Result<Condition, PatternError> {
    match value {
        Value::String(text) if text.is_empty() && matches!(operator, "prefix" | "suffix") => {
            Err(at.refuse(format!("`anything-but` with an empty {operator} matches nothing")))
        }
        Value::String(text) => text_operation(operator, text, at),
        value => Err(at.refuse(format!("`{operator}` takes a string, not {value}"))),
    }
}

fn but_values(values: &[Value], at: Place<'_>) -> Result<Vec<Condition>, PatternError> {
    let texts = values.iter().filter(|value| value.is_string()).count();
    let numbers = values.iter().filter(|value| value.is_number()).count();
    if values.is_empty() || (texts != values.len() && numbers != values.len()) {
        return Err(at.refuse("`anything-but` takes strings only or numbers only, at least one"));
    }
    let condition = |value: &Value| match value {
        Value::Number(number) => Condition::SameNumber(number.clone()),
        value => Condition::Equal(value.clone()),
    };
    Ok(values.iter().map(condition).collect())
}
