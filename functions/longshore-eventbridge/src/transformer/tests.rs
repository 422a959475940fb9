//! What AWS's own examples give, and what it refuses.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::json;

use super::*;

const ORIGIN: Origin<'_> = Origin {
    rule_arn: "arn:aws:events:us-east-1:123456789012:rule/example",
    rule_name: "example",
    ingestion_time: "2015-11-11T21:29:55Z",
};

fn event() -> Value {
    json!({
        "id": "7bf73129", "source": "aws.ec2", "time": "2015-11-11T21:29:54Z",
        "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],
        "detail": {"instance-id": "i-0123456789", "state": "RUNNING", "quote": "a\"b\\c", "n": 5, "t": true}
    })
}

fn paths() -> BTreeMap<String, String> {
    [
        ("instance", "$.detail.instance-id"),
        ("state", "$.detail.state"),
        ("quote", "$.detail.quote"),
        ("n", "$.detail.n"),
        ("t", "$.detail.t"),
        ("resources", "$.resources"),
        ("missing", "$.detail.missing"),
    ]
    .map(|(name, path)| (name.to_owned(), path.to_owned()))
    .into()
}

#[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
fn check(template: &str, expected: Expect) {
    let answer = match Transformer::parse(&paths(), template) {
        Ok(transformer) => transformer.apply(&event(), &ORIGIN),
        Err(error) => format!("refused: {error}"),
    };
    expected.assert_eq(&answer);
}

#[test]
fn a_string_takes_values_without_quotes() {
    check(
        r#""instance <instance> is in <state>""#,
        expect![[r#""instance i-0123456789 is in RUNNING""#]],
    );
    check(
        r#""instance \"<instance>\" is in <state>""#,
        expect![[r#""instance \"i-0123456789\" is in RUNNING""#]],
    );
    check(r#""<aws.events.rule-name> triggered""#, expect![[r#""example triggered""#]]);
}

#[test]
fn json_takes_values_with_quotes_where_they_are_strings() {
    check(
        "{\n \"instance\" : <instance>,\n \"state\": [ 9, <state>, true ],\n \"Transformed\" : \"Yes it is\"\n}",
        expect![[
            r#"{"instance":"i-0123456789","state":[9,"RUNNING",true],"Transformed":"Yes it is"}"#
        ]],
    );
    check(
        r#"{"n": <n>, "t": <t>, "list": <resources>, "text": "<n> and <t>"}"#,
        expect![[
            r#"{"n":5,"t":true,"list":["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],"text":"5 and true"}"#
        ]],
    );
}

#[test]
fn the_variables_of_eventbridge_need_no_path() {
    check(
        r#"{"source": "<aws.events.rule-arn>", "name": <aws.events.rule-name>, "at": <aws.events.event.ingestion-time>}"#,
        expect![[
            r#"{"source":"arn:aws:events:us-east-1:123456789012:rule/example","name":"example","at":"2015-11-11T21:29:55Z"}"#
        ]],
    );
    check(
        "<aws.events.event>",
        expect![[
            r#"{"id":"7bf73129","resources":["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],"source":"aws.ec2","time":"2015-11-11T21:29:54Z"}"#
        ]],
    );
}

#[test]
fn the_whole_event_comes_through_as_it_was() {
    let transformer =
        Transformer::parse(&BTreeMap::new(), r#"{"event": <aws.events.event.json>}"#).unwrap();
    let answer: Value = serde_json::from_str(&transformer.apply(&event(), &ORIGIN)).unwrap();
    assert_eq!(answer, json!({"event": event()}));
}

#[test]
fn values_are_not_escaped() {
    check(r#"{"a": "<quote>"}"#, expect![[r#"{"a":"a"b\c"}"#]]);
    check(r#"{"a": <quote>}"#, expect![[r#"{"a":"a"b\c"}"#]]);
}

#[test]
fn a_path_that_leads_nowhere_leaves_nothing() {
    check(r#""state <missing> end""#, expect![[r#""state  end""#]]);
    check(r#"{"a": <missing>}"#, expect![[r#"{"a":}"#]]);
}

#[test]
fn a_template_that_cannot_work_is_refused() {
    check(
        r#"{"a": <instanse>}"#,
        expect![
            "refused: the input template uses `<instanse>`, which is no input path and no variable of EventBridge; define it, or write no `<` (it cannot be escaped)"
        ],
    );
    check(
        r#""a < b""#,
        expect![
            "refused: `<` at character 4 of the input template begins no variable, and cannot be escaped"
        ],
    );
    check(
        r#"{"<state>" : 1}"#,
        expect![
            "refused: `<state>` is in a key of the input template; a variable can only be in a value"
        ],
    );
    check(
        "{<state>: 1}",
        expect!["refused: the input template is not JSON: key must be a string at line 1 column 2"],
    );
    check(
        r#"{"a": <state>"#,
        expect![
            "refused: the input template is not JSON: EOF while parsing an object at line 1 column 10"
        ],
    );
}

#[test]
fn the_limits_are_those_of_put_targets() {
    let none = BTreeMap::new();
    let quoted = |chars: usize| format!("\"{}\"", "ż".repeat(chars - 2));
    assert!(Transformer::parse(&none, &quoted(TEMPLATE_CHARS_MAX)).is_ok());
    let long = Transformer::parse(&none, &quoted(TEMPLATE_CHARS_MAX + 1));
    assert_eq!(long, Err(TransformerError::TemplateLength { chars: TEMPLATE_CHARS_MAX + 1 }));
    assert_eq!(Transformer::parse(&none, ""), Err(TransformerError::TemplateLength { chars: 0 }));

    let many = |count: usize| (0..count).map(|n| (format!("v{n}"), "$.a".to_owned())).collect();
    assert!(Transformer::parse(&many(PATHS_MAX), "{}").is_ok());
    let paths = PATHS_MAX + 1;
    assert_eq!(
        Transformer::parse(&many(paths), "{}"),
        Err(TransformerError::TooManyPaths { paths })
    );

    for name in ["", "a.b", "aws.events.event", "AWSx", "a b"] {
        let paths = [(name.to_owned(), "$.a".to_owned())].into();
        let refused = Transformer::parse(&paths, "{}").unwrap_err();
        assert_eq!(refused, TransformerError::Name { name: name.into() });
    }
}

proptest! {
    #[test]
    fn no_template_makes_it_panic(template in r#"([{}"\\:, ]|<[a-z]{0,3}>|<state>|<missing>|.)*"#) {
        if let Ok(transformer) = Transformer::parse(&paths(), &template) {
            drop(transformer.apply(&event(), &ORIGIN));
        }
    }

    #[test]
    fn any_event_survives_in_its_json(key in ".*", number in any::<i64>()) {
        let event = json!({"detail": {"object": {"key": key, "size": number}}});
        let transformer = Transformer::parse(&BTreeMap::new(), r#"{"event":<aws.events.event.json>}"#);
        let answer = transformer.unwrap().apply(&event, &ORIGIN);
        prop_assert_eq!(serde_json::from_str::<Value>(&answer).unwrap(), json!({"event": event}));
    }
}
