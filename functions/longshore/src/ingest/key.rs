//! The primary key of the table: what an item must carry, and when two items are the same row.

use std::str::FromStr;

use super::reason::Reason;

/// Longest partition key (`DynamoDB` quotas, "Partition keys and sort keys").
pub const PARTITION_KEY_BYTES_MAX: usize = 2_048;
/// Longest sort key (same page).
pub const SORT_KEY_BYTES_MAX: usize = 1_024;

/// Type of a key attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// `S`.
    String,
    /// `N`.
    Number,
}

impl KeyType {
    /// The word for messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
        }
    }
}

/// One key attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyField {
    /// Name of the attribute.
    pub name: String,
    /// Its type.
    pub kind: KeyType,
}

/// The primary key; made from text such as `id`, `id:N` or `device:S,at:N`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySchema {
    /// The partition key.
    pub partition: KeyField,
    /// The sort key, if the table has one.
    pub sort: Option<KeyField>,
}

/// Text that names no primary key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no key schema; write `id`, `id:N` or `device:S,at:N`")]
pub struct KeySchemaError(String);

impl FromStr for KeySchema {
    type Err = KeySchemaError;

    fn from_str(text: &str) -> Result<Self, KeySchemaError> {
        let fields: Option<Vec<KeyField>> = text.split(',').map(field).collect();
        match fields.unwrap_or_default().as_slice() {
            [partition] => Ok(Self { partition: partition.clone(), sort: None }),
            [partition, sort] if partition.name != sort.name => {
                Ok(Self { partition: partition.clone(), sort: Some(sort.clone()) })
            }
            _ => Err(KeySchemaError(text.to_owned())),
        }
    }
}

fn field(text: &str) -> Option<KeyField> {
    let text = text.trim();
    let (name, kind) = match text.rsplit_once(':') {
        None => (text, KeyType::String),
        Some((name, "S")) => (name, KeyType::String),
        Some((name, "N")) => (name, KeyType::Number),
        Some(_) => return None,
    };
    (!name.is_empty()).then(|| KeyField { name: name.to_owned(), kind })
}

/// Which part of the primary key an attribute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The partition key.
    Partition,
    /// The sort key.
    Sort,
}

impl KeySchema {
    /// The part that the attribute `name` plays.
    pub(super) fn part(&self, name: &[u8]) -> Option<Part> {
        if self.partition.name.as_bytes() == name {
            return Some(Part::Partition);
        }
        self.sort.as_ref().filter(|sort| sort.name.as_bytes() == name).map(|_| Part::Sort)
    }

    fn field(&self, part: Part) -> &KeyField {
        match part {
            Part::Partition => &self.partition,
            Part::Sort => self.sort.as_ref().unwrap_or(&self.partition),
        }
    }

    /// The type that `part` must have.
    pub(super) fn kind(&self, part: Part) -> KeyType {
        self.field(part).kind
    }

    /// The reason for a value of another type.
    pub(super) fn mismatch(&self, part: Part) -> Reason {
        let field = self.field(part);
        Reason::KeyType { name: field.name.clone(), expected: field.kind.word() }
    }

    /// Refuses a string that is too short or too long for a key.
    pub(super) fn check_length(&self, part: Part, bytes: usize) -> Result<(), Reason> {
        let name = || self.field(part).name.clone();
        let limit = match part {
            Part::Partition => PARTITION_KEY_BYTES_MAX,
            Part::Sort => SORT_KEY_BYTES_MAX,
        };
        match bytes {
            0 => Err(Reason::KeyEmpty(name())),
            _ if bytes > limit => Err(Reason::KeyTooLong { name: name(), bytes, limit }),
            _ => Ok(()),
        }
    }
}

/// The identity of a row, collected while its item is written: equal bytes, same row.
///
/// Strings are unescaped and numbers canonical, since `"\u0061"` is `"a"` and `1.0` is `1`.
#[derive(Clone, Debug, Default)]
pub(super) struct Identity {
    partition: Vec<u8>,
    sort: Vec<u8>,
    whole: Vec<u8>,
}

/// Between the parts; no byte of UTF-8.
const SEPARATOR: u8 = 0xFF;

impl Identity {
    pub(super) fn clear(&mut self) {
        self.partition.clear();
        self.sort.clear();
        self.whole.clear();
    }

    /// Where the bytes of `part` go.
    pub(super) fn part(&mut self, part: Part) -> &mut Vec<u8> {
        match part {
            Part::Partition => &mut self.partition,
            Part::Sort => &mut self.sort,
        }
    }

    /// Joins the parts, or says which one is missing.
    pub(super) fn finish(&mut self, schema: &KeySchema) -> Result<(), Reason> {
        let missing = |field: &KeyField| Reason::KeyMissing(field.name.clone());
        if self.partition.is_empty() {
            return Err(missing(&schema.partition));
        }
        self.whole.extend_from_slice(&self.partition);
        if let Some(sort) = &schema.sort {
            if self.sort.is_empty() {
                return Err(missing(sort));
            }
            self.whole.push(SEPARATOR);
            self.whole.extend_from_slice(&self.sort);
        }
        Ok(())
    }

    /// The bytes that are equal for the same row, after [`Self::finish`].
    pub(super) fn bytes(&self) -> &[u8] {
        &self.whole
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::KeySchema;

    fn check(text: &str, expected: &Expect) {
        let said = match text.parse::<KeySchema>() {
            Ok(KeySchema { partition, sort: None }) => {
                format!("{} {}", partition.name, partition.kind.word())
            }
            Ok(KeySchema { partition, sort: Some(sort) }) => format!(
                "{} {} + {} {}",
                partition.name,
                partition.kind.word(),
                sort.name,
                sort.kind.word()
            ),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&said);
    }

    #[test]
    fn key_schemas_are_read_from_text() {
        check("id", &expect!["id string"]);
        check("id:N", &expect!["id number"]);
        check("device:S, at:N", &expect!["device string + at number"]);
        check("a:b:S", &expect!["a:b string"]);
        check("id:B", &expect!["`id:B` is no key schema; write `id`, `id:N` or `device:S,at:N`"]);
        check("id,id", &expect!["`id,id` is no key schema; write `id`, `id:N` or `device:S,at:N`"]);
        check("", &expect!["`` is no key schema; write `id`, `id:N` or `device:S,at:N`"]);
    }
}
