//! What the bus does with rules, targets that fail, and entries.

use std::sync::{Mutex, PoisonError};

use expect_test::{Expect, expect};
use futures_util::future::BoxFuture;
use serde_json::json;

use super::*;
use crate::{Account, Activity, Clock, Store, template::TargetSpec};

/// Keeps what it is given, and fails for every ARN that names `fails` in it.
#[derive(Debug, Default)]
pub(super) struct Targets(Mutex<Vec<Delivery>>);

impl Deliver for Targets {
    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async {
            if delivery.arn.contains("fails") {
                return Err(Fault::client("QueueDoesNotExist", "there is no such queue"));
            }
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(delivery.clone());
            Ok(())
        })
    }
}

impl Targets {
    /// What arrived, one line each, with `ID` for ids.
    fn arrived(&self) -> String {
        let deliveries = self.0.lock().unwrap();
        let attribute = |(name, value): &(&str, String)| format!("\n  {name}={value}");
        let lines: Vec<_> = deliveries
            .iter()
            .map(|it| {
                let group = it.message_group.as_deref().unwrap_or("-");
                let attributes: String = it.attributes.iter().map(attribute).collect();
                format!("{} {group} {}{attributes}", it.arn, it.body)
            })
            .collect();
        lines.join("\n")
    }
}

pub(super) fn bus() -> (Arc<Bus>, Arc<Targets>) {
    let targets = Arc::new(Targets::default());
    let ground = Ground {
        account: Account::local("http://127.0.0.1:4566"),
        clock: Clock::starting_at("2026-11-22T10:00:00Z".parse().unwrap(), 1e-9),
        store: Store::memory().unwrap(),
        activity: Activity::new(),
    };
    (Bus::open(ground, targets.clone()).unwrap(), targets)
}

fn target(id: &str, arn: &str) -> TargetSpec {
    TargetSpec {
        id: id.into(),
        arn: arn.into(),
        input_paths: BTreeMap::new(),
        input_template: None,
        message_group: None,
        dead_letter_arn: None,
    }
}

pub(super) fn rule(name: &str, pattern: Value, targets: Vec<TargetSpec>) -> RuleSpec {
    let arn = format!("arn:aws:events:us-east-1:000000000000:rule/{name}");
    RuleSpec { name: name.into(), arn, pattern, enabled: true, targets }
}

fn created(bus: &Bus, key: &str) -> Event {
    let detail = json!({"object": {"key": key}});
    let event = bus.event("aws.s3", "Object Created", vec!["arn:aws:s3:::b".into()], detail);
    Event { id: "ID".into(), ..event }
}

#[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
fn check(targets: &Targets, expected: Expect) {
    expected.assert_eq(&targets.arrived());
}

#[tokio::test]
async fn an_event_goes_to_the_targets_of_the_rules_that_take_it() {
    let (bus, targets) = bus();
    let wrapped = TargetSpec {
        input_template: Some(
            r#"{"source": "<aws.events.rule-arn>", "event": <aws.events.event.json>}"#.into(),
        ),
        message_group: Some("uploads".into()),
        ..target("wrapped", "inbox")
    };
    let takes = json!({"source": ["aws.s3"], "detail": {"object": {"key": [{"prefix": "in/"}]}}});
    bus.put_rule(rule("uploads", takes, vec![wrapped, target("plain", "archive")])).unwrap();
    bus.put_rule(rule("tasks", json!({"source": ["aws.ecs"]}), vec![target("t", "x")])).unwrap();
    let disabled = rule("off", json!({"source": ["aws.s3"]}), vec![target("t", "x")]);
    bus.put_rule(RuleSpec { enabled: false, ..disabled }).unwrap();

    bus.publish(created(&bus, "out/a")).await;
    bus.publish(created(&bus, r#"in/"b""#)).await;
    check(
        &targets,
        expect![[r#"
            inbox uploads {"source":"arn:aws:events:us-east-1:000000000000:rule/uploads","event":{"account":"000000000000","detail":{"object":{"key":"in/\"b\""}},"detail-type":"Object Created","id":"ID","region":"us-east-1","resources":["arn:aws:s3:::b"],"source":"aws.s3","time":"2026-11-22T10:00:00Z","version":"0"}}
            archive - {"version":"0","id":"ID","detail-type":"Object Created","source":"aws.s3","account":"000000000000","time":"2026-11-22T10:00:00Z","region":"us-east-1","resources":["arn:aws:s3:::b"],"detail":{"object":{"key":"in/\"b\""}}}"#]],
    );
}

#[tokio::test]
async fn a_rule_is_replaced_by_the_next_of_its_name() {
    let (bus, targets) = bus();
    let all = || json!({"source": [{"exists": true}]});
    bus.put_rule(rule("r", all(), vec![target("t", "old")])).unwrap();
    bus.put_rule(rule("r", all(), vec![target("t", "new")])).unwrap();
    bus.publish(created(&bus, "k")).await;
    assert!(targets.arrived().starts_with("new "), "{}", targets.arrived());
}

#[tokio::test]
async fn what_a_target_refuses_goes_to_its_dead_letter_queue_with_the_reason() {
    let (bus, targets) = bus();
    let failing = TargetSpec {
        input_template: Some("{}".into()),
        dead_letter_arn: Some("dead".into()),
        ..target("t", "fails")
    };
    bus.put_rule(rule("r", json!({"source": ["aws.s3"]}), vec![failing])).unwrap();
    bus.publish(created(&bus, "k")).await;
    check(
        &targets,
        expect![[r#"
            dead - {"version":"0","id":"ID","detail-type":"Object Created","source":"aws.s3","account":"000000000000","time":"2026-11-22T10:00:00Z","region":"us-east-1","resources":["arn:aws:s3:::b"],"detail":{"object":{"key":"k"}}}
              RULE_ARN=arn:aws:events:us-east-1:000000000000:rule/r
              TARGET_ARN=fails
              ERROR_CODE=NO_RESOURCE
              ERROR_MESSAGE=there is no such queue
              RETRY_ATTEMPTS=0"#]],
    );
}

#[tokio::test]
async fn what_arrives_nowhere_is_told() {
    let (bus, _) = bus();
    let lost = TargetSpec { dead_letter_arn: Some("fails-2".into()), ..target("b", "fails-1") };
    let targets = vec![target("a", "fails-0"), lost, target("c", "queue")];
    bus.put_rule(rule("r", json!({"source": ["aws.s3"]}), targets)).unwrap();
    let mut heard = bus.ground.activity.listen();
    bus.publish(created(&bus, "k")).await;
    let mut told = Vec::new();
    while let Ok((_, happening)) = heard.try_recv() {
        told.push(match happening {
            Happening::RuleMatched { rule, target } => format!("{rule} ─▶ {target}"),
            Happening::DeliveryFailed { from, target, reason } => {
                format!("{from} ─✗ {target}: {reason}")
            }
            other => format!("{other:?}"),
        });
    }
    expect![[r"
        r ─▶ fails-0
        r ─✗ fails-0: QueueDoesNotExist: there is no such queue
        r ─▶ fails-1
        r ─✗ fails-1: QueueDoesNotExist: there is no such queue
        r ─▶ queue"]]
    .assert_eq(&told.join("\n"));
}

#[tokio::test]
async fn put_events_answers_each_entry() {
    let (bus, targets) = bus();
    let all = json!({"source": [{"exists": true}]});
    bus.put_rule(rule("all", all, vec![target("t", "queue")])).unwrap();
    let entry =
        |source: &str, detail: &str| json!({"Source": source, "DetailType": "t", "Detail": detail});
    let timed = json!({
        "Source": "app", "DetailType": "t", "Detail": r#"{"n":1}"#, "Resources": ["r"],
        "Time": 1_762_905_600.5, "EventBusName": "default"
    });
    let other_bus =
        json!({"Source": "app", "DetailType": "t", "Detail": "{}", "EventBusName": "other"});
    let entries = json!({"Entries": [
        timed, entry("aws.s3", "{}"), entry("app", "[1]"), entry("app", "{"), entry("", "{}"), other_bus,
    ]});
    let answer = bus.call("PutEvents", entries).await.unwrap();
    assert_eq!(answer["FailedEntryCount"], 5);
    let id = answer["Entries"][0]["EventId"].as_str().unwrap();
    let codes: Vec<_> = answer["Entries"].as_array().unwrap()[1..]
        .iter()
        .map(|entry| entry["ErrorCode"].as_str().unwrap())
        .collect();
    assert_eq!(
        codes,
        [
            "NotAuthorizedForSourceException",
            "MalformedDetail",
            "MalformedDetail",
            "InvalidArgument",
            "InvalidArgument",
        ]
    );
    let arrived = targets.arrived().replace(id, "ID");
    expect![[r#"queue - {"version":"0","id":"ID","detail-type":"t","source":"app","account":"000000000000","time":"2025-11-12T00:00:00Z","region":"us-east-1","resources":["r"],"detail":{"n":1}}"#]]
        .assert_eq(&arrived);
}

#[tokio::test]
async fn a_call_beyond_the_limits_puts_nothing() {
    let (bus, targets) = bus();
    bus.put_rule(rule("all", json!({"source": ["app"]}), vec![target("t", "queue")])).unwrap();
    let entry = |detail: &str| json!({"Source": "app", "DetailType": "t", "Detail": detail});
    let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(120_000));
    for entries in [vec![], vec![entry("{}"); 11], vec![entry(&large); 9]] {
        let fault = bus.call("PutEvents", json!({"Entries": entries})).await.unwrap_err();
        assert_eq!(fault.code, "ValidationException", "{} entries", entries.len());
    }
    assert_eq!(targets.arrived(), "");
    let ten = bus.call("PutEvents", json!({"Entries": vec![entry("{}"); 10]})).await.unwrap();
    assert_eq!(ten["FailedEntryCount"], 0);
}

#[tokio::test]
async fn other_operations_are_refused_by_name() {
    let (bus, _) = bus();
    let fault = bus.call("PutRule", json!({})).await.unwrap_err();
    assert_eq!(fault, Fault::unknown_operation("EventBridge", "PutRule"));
}

#[test]
fn a_wrong_rule_is_refused_with_its_name() {
    let (bus, _) = bus();
    let all = || json!({"source": ["s"]});
    let unknown = TargetSpec { input_template: Some("{\"a\": <b>}".into()), ..target("t", "q") };
    for (rule, message) in [
        (rule("r", json!({"source": "s"}), vec![]), "rule `r`: event pattern at `source`"),
        (rule("r", all(), vec![unknown]), "rule `r`, target `t`: the input template uses `<b>`"),
        (rule("r", all(), vec![target("t", "q"); 2]), "two targets with the id `t`"),
        (rule("r", all(), vec![target("t", "q"); 6]), "rule `r` has 6 targets"),
    ] {
        let error = bus.put_rule(rule).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}
