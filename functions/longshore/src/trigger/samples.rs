//! Envelopes to start from in tests, one fact of which each test bends.

use serde_json::{Value, json};

use super::{Envelope, Event, ObjectEvent, Rejected, Trigger};

/// An EventBridge event of `tests/fixtures/events`.
macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/fixtures/events/",
            $name,
            ".json"
        ))
    };
}
pub(crate) use fixture;

/// Settings that work, and little else.
pub(crate) fn settings() -> Value {
    json!({
        "name": "stack-uploads",
        "task": {
            "definition": "arn:aws:ecs:eu-west-1:111122223333:task-definition/worker:7",
            "cluster": "arn:aws:ecs:eu-west-1:111122223333:cluster/longshore",
            "container": "worker",
            "capacity": [{"provider": "FARGATE_SPOT", "weight": 1}],
            "network": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]},
        },
    })
}

/// An event of a new object, wrapped in its settings.
pub(crate) fn envelope() -> Value {
    let event: Value = serde_json::from_str(fixture!("s3-object-created")).unwrap();
    let source = "arn:aws:events:eu-west-1:111122223333:rule/stack-uploads";
    json!({"source": source, "trigger": settings(), "event": event})
}

/// A tick as a schedule sends it, wrapped in its settings (`infra/template.yaml`).
pub(crate) fn tick() -> Value {
    let arn = "arn:aws:scheduler:eu-west-1:111122223333:schedule/default/hourly";
    let mut trigger = settings();
    trigger["name"] = json!("stack-hourly");
    trigger["schedule"] = json!({"expression": "rate(1 hour)"});
    json!({
        "source": arn,
        "trigger": trigger,
        "event": {
            "detail-type": "Scheduled Event", "time": "2026-11-23T07:00:00Z", "resources": [arn],
        },
    })
}

/// The envelope with `value` at the JSON pointer `at`, whose last name may be new.
pub(crate) fn with(at: &str, value: Value) -> Value {
    let mut envelope = envelope();
    let (parent, name) = at.rsplit_once('/').unwrap();
    envelope.pointer_mut(parent).unwrap()[name] = value;
    envelope
}

/// The envelope without what is at the JSON pointers.
pub(crate) fn without(paths: &[&str]) -> Value {
    let mut envelope = envelope();
    for (parent, name) in paths.iter().map(|at| at.rsplit_once('/').unwrap()) {
        envelope.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    }
    envelope
}

pub(crate) fn parse(envelope: &Value) -> Result<Envelope, Rejected> {
    Envelope::parse(&envelope.to_string())
}

pub(crate) fn parsed(envelope: &Value) -> (Trigger, ObjectEvent) {
    let Envelope { trigger, event: Event::Object(object), .. } = parse(envelope).unwrap() else {
        panic!("{envelope} is about no object");
    };
    (trigger, object)
}

/// The sentence that the envelope is refused with.
pub(crate) fn refusal(envelope: &Value) -> String {
    parse(envelope).unwrap_err().to_string()
}
