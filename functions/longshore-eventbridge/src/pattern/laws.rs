//! What holds of every pattern and every event.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{PATTERN_CHARS_MAX, Pattern, PatternError};

/// Any JSON, with the words of the pattern language among its names and strings.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("$or".to_owned()),
        "prefix|suffix|wildcard|cidr|numeric|exists|anything-but|equals-ignore-case",
        "[<>=]=?",
        "[ab*\\\\.:/0-9ż]{0,4}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Any object, such as a pattern must be.
fn any_object() -> impl Strategy<Value = Value> {
    prop::collection::vec(("[a-c]|[$]or", any_json()), 1..4)
        .prop_map(|fields| Value::Object(fields.into_iter().collect()))
}

/// An event whose values are strings, numbers, booleans and null, in objects of objects.
fn plain_event() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,4}".prop_map(Value::from),
    ];
    let object = |inner| {
        prop::collection::btree_map("[a-d]", inner, 1..4)
            .prop_map(|fields| Value::Object(fields.into_iter().collect()))
    };
    object(leaf.prop_recursive(3, 16, 3, move |inner| object(inner).boxed()).boxed())
}

/// The pattern that asks for every value of the event.
fn asking_for(event: &Value) -> Value {
    match event {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), asking_for(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        value => json!([value]),
    }
}

fn matches(pattern: &Value, event: &Value) -> bool {
    Pattern::from_value(pattern).unwrap().matches(event)
}

proptest! {
    #[test]
    fn whatever_it_is_only_objects_match(pattern in any_object(), event in any_json()) {
        if let Ok(pattern) = Pattern::from_value(&pattern) {
            prop_assert!(event.is_object() || !pattern.matches(&event));
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in ".*") {
        drop(Pattern::parse(&text));
    }

    #[test]
    fn an_event_has_what_it_has(event in plain_event()) {
        prop_assert!(matches(&asking_for(&event), &event));
    }

    #[test]
    fn an_event_in_an_array_is_still_found(event in plain_event(), other in plain_event()) {
        let pattern = json!({"in": asking_for(&event)});
        let event = json!({"in": [other, event]});
        prop_assert!(matches(&pattern, &event));
    }

    #[test]
    fn a_further_field_only_narrows(event in plain_event(), value in "[a-c]") {
        let mut pattern = asking_for(&event);
        pattern["further"] = json!([value]);
        prop_assert!(!matches(&pattern, &event));
    }

    #[test]
    fn a_further_value_only_widens(wanted in "[ab]", further in "[ab]", got in "[ab]") {
        let event = json!({"a": got});
        let one = matches(&json!({"a": [wanted]}), &event);
        let two = matches(&json!({"a": [wanted, further]}), &event);
        prop_assert!(two || !one);
        prop_assert_eq!(two, matches(&json!({"a": [further, wanted]}), &event));
    }

    #[test]
    fn anything_but_is_the_opposite_for_a_value(wanted in "[ab]{1,2}", got in "[ab]{0,3}") {
        let event = json!({"a": got});
        for (plain, but) in [
            (json!(wanted), json!(wanted)),
            (json!({"prefix": wanted}), json!({"prefix": wanted})),
            (json!({"suffix": wanted}), json!({"suffix": [wanted]})),
            (json!({"wildcard": wanted}), json!({"wildcard": wanted})),
        ] {
            let plain = json!({"a": [plain]});
            let but = json!({"a": [{"anything-but": but}]});
            prop_assert_ne!(matches(&plain, &event), matches(&but, &event));
        }
    }

    #[test]
    fn or_is_either(left in "[a-c]", right in "[a-c]", got in "[a-c]", beside in "[a-c]") {
        let event = json!({"a": got, "b": beside});
        let (left, right) = (json!({"a": [left]}), json!({"b": [right]}));
        let either = matches(&left, &event) || matches(&right, &event);
        prop_assert_eq!(matches(&json!({"$or": [left, right]}), &event), either);
    }

    #[test]
    fn a_field_is_there_or_not(event in plain_event()) {
        let there = matches(&json!({"a": [{"exists": true}]}), &event);
        prop_assert_ne!(there, matches(&json!({"a": [{"exists": false}]}), &event));
    }

    #[test]
    fn a_wildcard_takes_what_its_stars_stand_for(
        parts in prop::collection::vec("[ab]{1,2}", 1..4),
        fill in "[ab/]{0,3}",
    ) {
        let pattern = json!({"a": [{"wildcard": parts.join("*")}]});
        let event = json!({"a": parts.join(&fill)});
        prop_assert!(matches(&pattern, &event));
    }

    #[test]
    fn a_wildcard_agrees_with_trying_everything(wildcard in "[ab*]{0,5}", text in "[ab]{0,6}") {
        prop_assume!(!wildcard.contains("**"));
        let expected = tried(wildcard.as_bytes(), text.as_bytes());
        let pattern = json!({"a": [{"wildcard": wildcard}]});
        prop_assert_eq!(matches(&pattern, &json!({"a": text})), expected);
    }
}

fn tried(wildcard: &[u8], text: &[u8]) -> bool {
    match wildcard {
        [] => text.is_empty(),
        [b'*', rest @ ..] => (0..=text.len()).any(|at| tried(rest, &text[at..])),
        [first, rest @ ..] => text.first() == Some(first) && tried(rest, &text[1..]),
    }
}

#[test]
fn a_refusal_names_the_path() {
    for (pattern, message) in [
        (
            r#"{"detail":{"object":{"key":"x"}}}"#,
            "event pattern at `detail.object.key`: a field takes",
        ),
        (r#"{"detail":{"state":[]}}"#, "event pattern at `detail.state`: an empty array"),
        (r#"{"detail":{}}"#, "event pattern at `detail`: an empty object"),
        ("{}", "event pattern at `$`: an empty object"),
        ("[]", "event pattern at `$`: an event pattern is a JSON object"),
        (r#"{"a":[{"starts":"x"}]}"#, "event pattern at `a`: there is no operator `starts`"),
        (r#"{"d":{"$or":[{"a":["x"]},{"b":"y"}]}}"#, "event pattern at `d.$or.b`: a field takes"),
        (r#"{"a":[{"cidr":"10.0.0.1/32"}]}"#, "event pattern at `a`: `cidr` takes fewer than 32"),
        (r#"{"a":["x"],"$or":[{"a":["y"]},{"b":["z"]}]}"#, "`a` is matched in `$or` and beside it"),
        (r#"{"a""#, "the event pattern is not JSON"),
    ] {
        let error = Pattern::parse(pattern).unwrap_err().to_string();
        assert!(error.contains(message), "{pattern}: {error}");
    }
}

#[test]
fn the_limits_are_those_of_put_rule() {
    let of = |chars: usize| format!(r#"{{"a":["{}"]}}"#, "x".repeat(chars - r#"{"a":[""]}"#.len()));
    assert!(Pattern::parse(&of(PATTERN_CHARS_MAX)).is_ok());
    let refused = Pattern::parse(&of(PATTERN_CHARS_MAX + 1)).unwrap_err();
    assert!(matches!(refused, PatternError::TooLong { chars } if chars == PATTERN_CHARS_MAX + 1));

    let or = |field: &str| {
        let branches: Vec<_> = (0..11).map(|n| json!({field: [n]})).collect();
        json!({"$or": branches})
    };
    assert!(Pattern::from_value(&json!({"x": or("a"), "y": or("b")})).is_ok());
    let refused = Pattern::from_value(&json!({"x": or("a"), "y": or("b"), "z": or("c")}));
    assert!(matches!(refused, Err(PatternError::TooManyAlternatives)));
}

#[test]
fn absence_is_judged_in_the_element_that_a_value_bound() {
    let bound = json!({"a": {"b": ["1"], "c": [{"exists": false}]}});
    assert!(matches(&bound, &json!({"a": [{"b": "1"}, {"c": "2"}]})));
    assert!(!matches(&bound, &json!({"a": [{"b": "1", "c": "2"}, {"d": "3"}]})));
    let unbound = json!({"a": {"c": [{"exists": false}]}});
    assert!(!matches(&unbound, &json!({"a": [{"b": "1"}, {"c": "2"}]})));
    assert!(matches(&unbound, &json!({"a": [{"b": "1"}, {"d": "2"}]})));
    assert!(matches(&unbound, &json!({"a": []})));
}

#[test]
fn a_branch_binds_the_element_of_the_fields_beside_it() {
    let pattern = json!({"a": {"b": ["1"]}, "$or": [{"a": {"c": ["2"]}}, {"d": ["3"]}]});
    assert!(!matches(&pattern, &json!({"a": [{"b": "1"}, {"c": "2"}]})));
    assert!(matches(&pattern, &json!({"a": [{"b": "1", "c": "2"}]})));
    assert!(matches(&pattern, &json!({"a": [{"b": "1"}], "d": "3"})));
}
