//! JSON in which no object has a name twice.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

/// Any JSON, as long as each name stands once in its object. Which of two would count is left to
/// every reader (RFC 8259, section 4), and a name that text of an event broke out of its quotes to
/// add must not win over the settings.
pub(super) struct Once(pub(super) Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OnceVisitor).map(Self)
    }
}

struct OnceVisitor;

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Once(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!("names `{name}` twice in one object")));
            }
            let Once(value) = members.next_value()?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_that_stands_twice_is_refused_at_any_depth() {
        for twice in
            [r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":2}"#, r#"{"x":[{"a":{"b":1,"c":2,"b":null}}]}"#]
        {
            let error = serde_json::from_str::<Once>(twice).err().unwrap();
            assert!(
                error.is_data() && error.to_string().contains("twice in one object"),
                "{error}"
            );
        }
        let apart = r#"{"a":{"a":[{"a":1},{"a":2}]},"A":1}"#;
        assert!(serde_json::from_str::<Once>(apart).is_ok());
    }

    proptest! {
        #[test]
        fn everything_else_is_read_as_ever(text in "[-{}\\[\\]:,\"0-9a-c.e]{0,40}", float: f64, whole: i64) {
            for text in [text, float.to_string(), whole.to_string(), format!("{{\"a\":{whole}}}")] {
                let plain = serde_json::from_str::<Value>(&text).ok();
                match serde_json::from_str::<Once>(&text) {
                    Ok(Once(value)) => prop_assert_eq!(Some(value), plain),
                    Err(error) if error.is_data() => {}
                    Err(_) => prop_assert_eq!(plain, None),
                }
            }
        }
    }
}
