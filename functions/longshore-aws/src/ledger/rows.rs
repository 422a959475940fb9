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

/// Schema of the rows: one more whenever an older longshore would get a row wrong.
const SCHEMA: u32 = 1;
/// Attribute that says by which schema a row was written; of none, the first.
const SCHEMA_NAME: &str = "schema";
/// Attributes that the table needs, and our nouns do not.
const KEYS: [&str; 8] = ["pk", "sk", "g1pk", "g1sk", "g2pk", "g2sk", "ttl", SCHEMA_NAME];

/// Why a row was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    /// An attribute is not what it should be.
    #[error("a row cannot be read: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Nothing is done with it, so nothing of it is lost.
    #[error(
        "row `{pk}` was written by a newer longshore (schema {schema}; this one knows {SCHEMA}) \
         and is left to it: deploy that version to this part too"
    )]
    Newer {
        /// Partition key.
        pk: String,
        /// Its schema.
        schema: String,
    },
}

/// Attributes of `value`, which is a struct, and the schema.
pub(super) fn versioned(value: &impl Serialize) -> Result<Row, serde_json::Error> {
    let mut row = row(value)?;
    row.insert(SCHEMA_NAME.to_owned(), number(SCHEMA));
    Ok(row)
}

/// The struct whose attributes `row` holds, beside its keys.
pub(super) fn read<T: DeserializeOwned>(row: &Row) -> Result<T, Unreadable> {
    if let Some(AttributeValue::N(schema)) = row.get(SCHEMA_NAME)
        && schema.parse::<u32>().is_ok_and(|schema| schema > SCHEMA)
    {
        let pk = key(row, "pk").unwrap_or_default().to_owned();
        return Err(Unreadable::Newer { pk, schema: schema.clone() });
    }
    let members = row.iter().filter(|(name, _)| !KEYS.contains(&name.as_str()));
    let members = members.map(|(name, value)| (name.clone(), json(value)));
    Ok(serde_json::from_value(Value::Object(members.collect()))?)
}

/// A key of `row`.
pub(super) fn key<'a>(row: &'a Row, name: &str) -> Option<&'a str> {
    row.get(name)?.as_s().ok().map(String::as_str)
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

#[cfg(test)]
mod tests {
    use longshore::run::Run;
    use serde_json::json;

    use super::*;

    fn stored(more: Value) -> Row {
        let mut run = json!({
            "pk": "RUN#r", "sk": "RUN", "g1pk": "DUE#00", "g1sk": "1", "g2pk": "RUNS#t", "g2sk": "2",
            "ttl": 3, "id": "idxetph27gz2gcj5roicqde3s6", "trigger": "t", "st": "admitted", "att": 1,
            "try": 1, "ver": 1, "wid": "w", "input": {"bucket": "b", "key": "k", "sequencer": "1"},
            "phash": "p", "admittedAt": "2026-11-23T00:00:00Z", "history": [],
        });
        let Value::Object(more) = more else { panic!("{more} is no object") };
        run.as_object_mut().unwrap().extend(more);
        row(&run).unwrap()
    }

    #[test]
    fn what_a_newer_longshore_wrote_is_kept() {
        let later = json!({"text": "t", "list": [1, 2.5, null, true], "map": {"n": -7}});
        let mut run: Run = read(&stored(json!({"later": later}))).unwrap();
        assert_eq!(run.unknown.keys().collect::<Vec<_>>(), ["later"], "and the keys are not its");
        run.ver += 1;
        let again = versioned(&run).unwrap();
        assert_eq!(json(&again["later"]), later);
        assert_eq!(json(&again[SCHEMA_NAME]), json!(SCHEMA));
        assert!(!again.contains_key("unknown"));
        let again: Run = read(&again).unwrap();
        assert_eq!(again, run);
    }

    #[test]
    fn a_row_of_another_schema_is_read_if_it_is_older() {
        let read = |more| read::<Run>(&stored(more)).map(drop).map_err(|error| error.to_string());
        assert_eq!(read(json!({})), Ok(()), "the first rows do not say");
        assert_eq!(read(json!({"schema": SCHEMA})), Ok(()));
        let said = "row `RUN#r` was written by a newer longshore (schema 2; this one knows 1) and \
                    is left to it: deploy that version to this part too";
        assert_eq!(read(json!({"schema": SCHEMA + 1})), Err(said.to_owned()));
        let malformed = read(json!({"st": "asleep"})).unwrap_err();
        assert!(malformed.starts_with("a row cannot be read: unknown variant `asleep`"));
    }
}
