use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::*;
use crate::trigger::samples::{parse, with};

/// The bucket and key of the sample's object.
const AT: &str = "s3://amzn-s3-demo-bucket1/";

/// What is said of an object `key` by a trigger whose task has these variables.
fn said(key: &str, env: &Value) -> Vec<String> {
    let mut envelope = with("/trigger/task/env", env.clone());
    envelope["event"]["detail"]["object"]["key"] = json!(key);
    let envelope = parse(&envelope).unwrap();
    let warnings = warnings(&envelope.trigger, &envelope.event);
    warnings.iter().map(ToString::to_string).collect()
}

fn check(env: &Value, expected: &Expect) {
    expected.assert_eq(&format!("{:#?}\n", said("in/airports.csv", env)));
}

#[test]
fn a_secret_in_plain_sight_is_named_with_what_to_do_and_without_its_value() {
    check(
        &json!({"DB_PASSWORD": "hunter2", "DB": "mysql://a:hunter2@db/x", "TOKEN_TTL": "300"}),
        &expect![[r#"
            [
                "trigger.task.env.DB: looks like a secret, and whoever may read the rule, the ledger or the task can read it; take it out, and name the ARN of its Secrets Manager secret or SSM parameter in `secrets` of the task definition",
                "trigger.task.env.DB_PASSWORD: looks like a secret, and whoever may read the rule, the ledger or the task can read it; take it out, and name the ARN of its Secrets Manager secret or SSM parameter in `secrets` of the task definition",
            ]
        "#]],
    );
}

#[test]
fn a_place_that_is_watched_and_may_be_written_to_is_named() {
    check(
        &json!({"OUTPUT": format!("{AT}in/"), "OTHER": "s3://other/in/"}),
        &expect![[r#"
            [
                "trigger.task.env.OUTPUT: names a place that the object of this event lies in: if the task writes there, every object that it writes starts another run; watch a prefix of its own, or write elsewhere",
            ]
        "#]],
    );
}

#[test]
fn only_a_place_that_covers_the_object_is_a_loop() {
    for covering in ["", "/", "/in", "/in/", "/in/air"] {
        let place = format!("s3://amzn-s3-demo-bucket1{covering}");
        assert_eq!(said("in/airports.csv", &json!({"OUTPUT": place})).len(), 1, "{place}");
    }
    let others = [
        "s3://amzn-s3-demo-bucket1/out/",
        "s3://amzn-s3-demo-bucket1/in/airports.csv.gz",
        "s3://amzn-s3-demo-bucket12/in/",
        "s3://amzn-s3-demo-bucket/in/",
        "S3://amzn-s3-demo-bucket1/in/",
        "amzn-s3-demo-bucket1",
        "https://amzn-s3-demo-bucket1/in/",
        "s3://",
    ];
    for place in others {
        assert_eq!(said("in/airports.csv", &json!({"OUTPUT": place})), [""; 0], "{place}");
    }
}

#[test]
fn settings_that_are_well_are_not_warned_of() {
    assert_eq!(said("a", &json!({})), [""; 0]);
    assert_eq!(said("a", &json!({"MODE": "fast", "TABLE": "t"})), [""; 0]);
}

#[test]
fn warnings_are_few_and_on_one_line() {
    let many: Value = (0..100).map(|nth| (format!("TOKEN_{nth}"), json!("hunter2"))).collect();
    assert_eq!(said("a", &many).len(), WARNINGS_MAX);
    let odd = format!("{}_PASSWORD\u{202e}_PASSWORD", "A".repeat(300));
    let said = said("a", &json!({odd: "hunter2"})).concat();
    assert!(said.chars().count() < 400 && !said.contains(char::is_control), "{said}");
    assert!(!said.contains('\u{202e}') && said.ends_with("task definition"), "{said}");
}
