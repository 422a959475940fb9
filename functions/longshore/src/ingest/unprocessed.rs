//! Which puts of a batch `DynamoDB` left undone.

use serde_json::Value;

use super::batches::Batch;
use super::items::canonical_number;
use super::key::{Identity, KeyField, KeySchema, KeyType, Part};

/// A set of puts of one batch, by index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unprocessed(u32);

impl Unprocessed {
    /// Everything was written.
    #[must_use]
    pub fn none() -> Self {
        Self(0)
    }

    /// Nothing of `batch` is known to be written.
    #[must_use]
    pub fn all(batch: &Batch) -> Self {
        (0..batch.len()).fold(Self::none(), Self::and)
    }

    /// The put `index` too.
    #[must_use]
    pub fn and(self, index: usize) -> Self {
        u32::try_from(index)
            .map_or(self, |index| Self(self.0 | 1_u32.checked_shl(index).unwrap_or(0)))
    }

    /// Whether the put `index` is to be sent again.
    #[must_use]
    pub fn contains(self, index: usize) -> bool {
        u32::try_from(index).is_ok_and(|index| self.0.checked_shr(index).unwrap_or(0) & 1 == 1)
    }

    /// How many.
    #[must_use]
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether everything was written.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Reads the answer to `batch`, a JSON body of `BatchWriteItem`.
    ///
    /// `DynamoDB` answers in its own order and spelling, so rows are known by their key and our own
    /// bytes are sent again. An answer that cannot be read means that all of it is: puts are safe to
    /// repeat, a lost row is not.
    #[must_use]
    pub fn read(answer: &[u8], batch: &Batch, schema: &KeySchema) -> Self {
        if answer == NOTHING {
            return Self::none();
        }
        indices(answer, batch, schema).unwrap_or_else(|| Self::all(batch))
    }
}

/// The answer that nearly every call gets.
const NOTHING: &[u8] = b"{\"UnprocessedItems\":{}}";

fn indices(answer: &[u8], batch: &Batch, schema: &KeySchema) -> Option<Unprocessed> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let Some(tables) = answer.get("UnprocessedItems") else {
        return answer.is_object().then(Unprocessed::none);
    };
    let mut left = Unprocessed::none();
    for puts in tables.as_object()?.values() {
        for put in puts.as_array()? {
            let item = put.get("PutRequest")?.get("Item")?;
            left = left.and(batch.position(&identity(item, schema)?)?);
        }
    }
    Some(left)
}

fn identity(item: &Value, schema: &KeySchema) -> Option<Vec<u8>> {
    let mut identity = Identity::default();
    part(item, &schema.partition, identity.part(Part::Partition))?;
    if let Some(sort) = &schema.sort {
        part(item, sort, identity.part(Part::Sort))?;
    }
    identity.finish(schema).ok()?;
    Some(identity.bytes().to_vec())
}

fn part(item: &Value, field: &KeyField, out: &mut Vec<u8>) -> Option<()> {
    let value = item.get(&field.name)?;
    match field.kind {
        KeyType::String => out.extend_from_slice(value.get("S")?.as_str()?.as_bytes()),
        KeyType::Number => canonical_number(value.get("N")?.as_str()?.as_bytes(), out),
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::{KeySchema, Unprocessed};
    use crate::ingest::object::Format;
    use crate::ingest::{Batch, Items, Step};

    fn batch(lines: &str, schema: &KeySchema) -> Batch {
        let (mut items, mut batch) = (Items::new(Format::Ndjson, schema.clone()), Batch::default());
        let mut input = lines.as_bytes();
        while let Step::Item(item) = items.next(&mut input, true).unwrap() {
            batch.push(&item);
        }
        batch
    }

    fn check(lines: &str, schema: &str, answer: &str, expected: &[usize]) {
        let schema = schema.parse().unwrap();
        let batch = batch(lines, &schema);
        let left = Unprocessed::read(answer.as_bytes(), &batch, &schema);
        let left: Vec<usize> = (0..batch.len()).filter(|&index| left.contains(index)).collect();
        assert_eq!(left, expected, "{answer}");
    }

    const THREE: &str = "{\"id\":\"a\"}\n{\"id\":\"\\u0062\"}\n{\"id\":\"c\"}";

    #[test]
    fn rows_are_known_by_their_key() {
        let put = |key: &str| {
            format!(r#"{{"PutRequest":{{"Item":{{"x":{{"N":"1"}},"id":{{"S":"{key}"}}}}}}}}"#)
        };
        let answer = format!(r#"{{"UnprocessedItems":{{"t":[{},{}]}}}}"#, put("c"), put("b"));
        check(THREE, "id", &answer, &[1, 2]);
        check(THREE, "id", r#"{"UnprocessedItems":{}}"#, &[]);
        check(THREE, "id", r#"{ "UnprocessedItems": {} }"#, &[]);
        check(THREE, "id", "{}", &[]);
    }

    #[test]
    fn numbers_are_the_same_however_they_are_spelled() {
        let answer = r#"{"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"d":{"S":"x"},"at":{"N":"100"}}}}]}}"#;
        check(r#"{"d":"x","at":1e2}{"#, "d:S,at:N", answer, &[]);
        check("{\"d\":\"x\",\"at\":2}\n{\"d\":\"x\",\"at\":1.0E+2}", "d:S,at:N", answer, &[1]);
    }

    #[test]
    fn an_answer_that_makes_no_sense_repeats_everything() {
        for answer in ["", "[]", "{\"UnprocessedItems\":[]}", "{\"UnprocessedItems\":{\"t\":[{}]}}"]
        {
            check(THREE, "id", answer, &[0, 1, 2]);
        }
        let stranger = r#"{"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"id":{"S":"z"}}}}]}}"#;
        check(THREE, "id", stranger, &[0, 1, 2]);
    }
}
