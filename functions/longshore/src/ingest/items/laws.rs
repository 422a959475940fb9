//! Laws of the transcoder: what is written is what was read, and nothing makes it panic.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::ingest::{Format, Items, Step};

/// DynamoDB-JSON back to JSON, numbers as the strings they are on the wire.
fn plain(typed: &Value) -> Value {
    let (kind, value) = typed.as_object().unwrap().iter().next().unwrap();
    match (kind.as_str(), value) {
        ("S" | "BOOL", value) => value.clone(),
        ("N", digits) => json!({ "number": digits }),
        ("NULL", _) => Value::Null,
        ("M", members) => untyped(members),
        ("L", elements) => elements.as_array().unwrap().iter().map(plain).collect(),
        other => unreachable!("{other:?}"),
    }
}

fn untyped(item: &Value) -> Value {
    let members = item.as_object().unwrap().iter();
    Value::Object(members.map(|(name, value)| (name.clone(), plain(value))).collect())
}

/// JSON with its numbers as the strings they are spelled with.
fn marked(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!({ "number": number.to_string() }),
        Value::Array(elements) => elements.iter().map(marked).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), marked(value))).collect()
        }
        other => other.clone(),
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(|number: f64| json!((number * 64.0).round() / 64.0)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-zä\"\n]{1,6}", inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn only_item(object: &[u8], format: Format) -> Option<Value> {
    let mut items = Items::new(format, "id".parse().unwrap());
    match items.next(&mut { object }, true).unwrap() {
        Step::Item(item) => Some(serde_json::from_slice(item.json).unwrap()),
        _ => None,
    }
}

proptest! {
    #[test]
    fn an_item_is_what_the_line_says(
        members in prop::collection::btree_map("[a-zA-Z_é]{1,8}", values(), 0..20),
    ) {
        let mut record: Map<String, Value> = members.into_iter().collect();
        record.insert("id".into(), json!("k\u{1F600}\u{1}"));
        let record = Value::Object(record);
        let item = only_item(record.to_string().as_bytes(), Format::Ndjson).unwrap();
        prop_assert_eq!(untyped(&item), marked(&record));
    }

    #[test]
    fn a_line_is_an_item_only_if_serde_json_reads_it(
        line in r#"\{"id":"[a\\u0-9"]{0,8}"[,"a:0-9.eE\[\]\{\} tnul-]{0,14}\}"#,
    ) {
        if only_item(line.as_bytes(), Format::Ndjson).is_some() {
            prop_assert!(serde_json::from_str::<Value>(&line).is_ok(), "{}", line);
        }
    }

    #[test]
    fn a_row_is_an_item_with_its_cells(cells in prop::collection::vec(any::<String>(), 3..12)) {
        let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let names: Vec<String> = (1..cells.len()).map(|n| format!("c{n}")).collect();
        let row: Vec<String> = cells[1..].iter().map(quoted).collect();
        let object = format!("id,{}\r\nkey,{}\r\n", names.join(","), row.join(","));
        let mut expected: Map<String, Value> = names
            .into_iter()
            .zip(cells[1..].iter())
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(name, cell)| (name, json!(cell)))
            .collect();
        expected.insert("id".into(), json!("key"));
        prop_assert_eq!(untyped(&only_item(object.as_bytes(), Format::Csv).unwrap()), Value::Object(expected));
    }

    #[test]
    fn no_bytes_make_it_panic(
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'"'), Just(b'\n'), Just(b',')], 0..300),
        valid_start in any::<bool>(),
    ) {
        for format in [Format::Csv, Format::Tsv, Format::Ndjson] {
            let start: &[u8] = if valid_start { b"id,a\n{\"id\":" } else { b"" };
            let object = [start, &bytes].concat();
            let mut items = Items::new(format, "id".parse().unwrap());
            let mut input = &object[..];
            while let Ok(Step::Item(_) | Step::Bad(_)) = items.next(&mut input, true) {}
        }
    }
}
