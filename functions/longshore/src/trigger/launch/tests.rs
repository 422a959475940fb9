use expect_test::expect;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::trigger::{
    Event, plan,
    samples::{envelope, parse, parsed, tick, with, without},
};

fn frozen(envelope: &Value) -> Launch {
    let (trigger, object) = parsed(envelope);
    let plan = plan(&trigger, &Event::Object(object));
    let id = LaunchId { run: plan.run.clone(), attempt: 1, launch: 1 };
    Launch::freeze(&trigger, &plan.input, &id, &Circumstances::default())
}

mod circumstances;

#[test]
fn a_task_sees_the_tick_by_fixed_names() {
    let envelope = parse(&tick()).unwrap();
    let plan = plan(&envelope.trigger, &envelope.event);
    let id = LaunchId { run: plan.run.clone(), attempt: 1, launch: 1 };
    let launch = Launch::freeze(&envelope.trigger, &plan.input, &id, &Circumstances::default());
    expect![[r#"
        {
            "LONGSHORE_ATTEMPT": "1",
            "LONGSHORE_LAUNCH": "1",
            "LONGSHORE_RUN": "4vudqr6vqwelluuxqrd2s5trsv",
            "LONGSHORE_SCHEDULED_TIME": "2026-11-23T07:00:00Z",
            "LONGSHORE_TRIGGER": "stack-hourly",
        }
    "#]]
    .assert_debug_eq(&launch.environment);
}

/// An envelope whose overrides have `chars` characters of a variable of its own.
fn of_size(chars: usize) -> Launch {
    frozen(&with("/trigger/task/env", json!({"BIG": "x".repeat(chars)})))
}

#[test]
fn a_task_sees_the_event_by_fixed_names() {
    let launch = frozen(&with("/trigger/task/env", json!({"TABLE": "airports"})));
    expect![[r#"
        {
            "LONGSHORE_ATTEMPT": "1",
            "LONGSHORE_BUCKET": "amzn-s3-demo-bucket1",
            "LONGSHORE_ETAG": "b1946ac92492d2347c6235b4d2611184",
            "LONGSHORE_KEY": "airports.csv",
            "LONGSHORE_LAUNCH": "1",
            "LONGSHORE_ORDER": "latest",
            "LONGSHORE_RUN": "fnncn5fq4zf5bmduclp3522rj2",
            "LONGSHORE_SEQUENCER": "617f08299329d189",
            "LONGSHORE_SIZE": "210363",
            "LONGSHORE_TRIGGER": "stack-uploads",
            "LONGSHORE_VERSION_ID": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
            "TABLE": "airports",
        }
    "#]]
    .assert_debug_eq(&launch.environment);
    assert_eq!(launch.started_by, launch.id.to_string());
    assert_eq!(launch.client_token, launch.id.client_token());
    assert!(launch.task.env.is_empty(), "a variable stands in one place");
}

#[test]
fn what_the_event_does_not_say_is_no_variable() {
    let object = "/event/detail/object";
    let gone = ["version-id", "etag", "size"].map(|name| format!("{object}/{name}"));
    let launch = frozen(&without(&gone.each_ref().map(String::as_str)));
    for name in ["LONGSHORE_VERSION_ID", "LONGSHORE_ETAG", "LONGSHORE_SIZE"] {
        assert_eq!(launch.environment.get(name), None, "{name}");
    }
    assert!(launch.environment.contains_key("LONGSHORE_SEQUENCER"));
}

#[test]
fn a_launch_is_the_same_after_a_rest_in_the_ledger() {
    let launch = frozen(&with("/event/detail/object/key", json!("a b+c\n\"\\\u{1f6a2}")));
    let row = serde_json::to_string(&launch).unwrap();
    assert_eq!(serde_json::from_str::<Launch>(&row).unwrap(), launch);
}

#[test]
fn overrides_that_ecs_would_not_take_are_refused() {
    let error = of_size(OVERRIDES_CHARS_MAX).check().unwrap_err().to_string();
    expect!["trigger.task.env and trigger.task.command: make 8948 characters of overrides, and RunTask takes 8,192; move constant variables into the task definition"].assert_eq(&error);
    assert_eq!(frozen(&envelope()).check(), Ok(()));
    let fits = (0..OVERRIDES_CHARS_MAX).rev().find(|chars| of_size(*chars).check().is_ok());
    let said: usize = of_size(fits.unwrap() + 1)
        .check()
        .unwrap_err()
        .why
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(said, OVERRIDES_CHARS_MAX + 1, "the bound is exact");
    let commanded = with("/trigger/task/command", json!(["x".repeat(OVERRIDES_CHARS_MAX)]));
    assert!(frozen(&commanded).check().is_err(), "a command counts too");
    let quotes = with("/event/detail/object/key", json!("\u{1}".repeat(1_024)));
    assert!(
        frozen(&quotes).check().is_ok(),
        "the longest key fits, even when all of it is escaped"
    );
}

proptest! {
    #[test]
    fn event_text_is_only_ever_a_value_of_a_fixed_name(
        key in "\\PC{1,200}|[\"\\\\$`{}<>=\n\r%+ ;|&.]{1,200}",
        version in "[!-~]{1,40}",
        etag in "[!-~]{0,40}",
    ) {
        let mut odd = with("/trigger/task/command", json!(["work", "--fast"]));
        let mut plain = odd.clone();
        odd["event"]["detail"]["object"] = json!({"key": key, "version-id": version, "etag": etag});
        plain["event"]["detail"]["object"] = json!({"key": "k", "version-id": "v", "etag": "e"});
        let (odd, plain) = (frozen(&odd), frozen(&plain));
        prop_assert_eq!(&odd.task, &plain.task, "command, roles, cluster, container and network are the trigger's");
        prop_assert_eq!(odd.environment.get("LONGSHORE_KEY"), Some(&key));
        let allowed = ["LONGSHORE_KEY", "LONGSHORE_VERSION_ID", "LONGSHORE_ETAG", "LONGSHORE_RUN"];
        for name in odd.environment.keys().chain(plain.environment.keys()) {
            let same = odd.environment.get(name) == plain.environment.get(name);
            prop_assert!(same || allowed.contains(&name.as_str()), "{name}");
        }
        for text in [&odd.client_token, &odd.started_by] {
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'/'));
        }
    }
}
