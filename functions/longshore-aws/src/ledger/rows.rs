//! Rows of the ledger: JSON in our nouns ─▶ attributes and back, one to one, so that a person
//! reads in the console what the code holds.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Number, Value};

/// Attributes of one item.
pub(super) type Row = HashMap<String, AttributeValue>;

/// Attributes of `value`, which is a struct.
pub(super) fn row(value: &impl Serialize) -> Result<Row, serde_json::Error> {
    match serde_json::to_value(value)? {
        Value::Object(members) => Ok(attributes(members)),
        other => Ok(HashMap::from([("value".to_owned(), attribute(other))])),
    }
}

/// The struct whose attributes `row` holds; other attributes do not matter.
pub(super) fn read<T: DeserializeOwned>(row: &Row) -> Result<T, serde_json::Error> {
    let members = row.iter().map(|(name, value)| (name.clone(), json(value)));
    serde_json::from_value(Value::Object(members.collect()))
}

/// A string attribute.
pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
pub(super) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn attributes(members: Map<String, Value>) -> Row {
    members.into_iter().map(|(name, value)| (name, attribute(value))).collect()
}

fn attribute(value: Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(value) => AttributeValue::Bool(value),
        Value::Number(value) => AttributeValue::N(value.to_string()),
        Value::String(value) => AttributeValue::S(value),
        Value::Array(values) => AttributeValue::L(values.into_iter().map(attribute).collect()),
        Value::Object(members) => AttributeValue::M(attributes(members)),
    }
}

/// An attribute as plain JSON.
pub(crate) fn json(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::Bool(value) => Value::Bool(*value),
        AttributeValue::N(value) => value.parse().map_or(Value::Null, |n: Number| Value::Number(n)),
        AttributeValue::S(value) => Value::String(value.clone()),
        AttributeValue::L(values) => Value::Array(values.iter().map(json).collect()),
        AttributeValue::M(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), json(value))).collect())
        }
        // The ledger holds neither binaries nor sets.
        _ => Value::Null,
    }
}
