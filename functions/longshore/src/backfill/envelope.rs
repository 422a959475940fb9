//! Trigger + event ─▶ the message that its rule or schedule sends.

use serde_json::{Value, json};

use crate::trigger::{Event, ObjectEvent, Registered, Tick};

/// The message for the inbox, with the trigger's settings as they are registered. Its run is the
/// one of the event that was sent, or would have been: identity does not see who sends.
#[must_use]
pub fn envelope(trigger: &Registered, event: &Event) -> Value {
    let event = match event {
        Event::Object(object) => object_created(&trigger.source, object),
        Event::Tick(tick) => scheduled(tick),
    };
    json!({"source": trigger.source, "trigger": trigger.settings, "event": event})
}

/// "Scheduled Event", with a detail that says whether the schedule sent it.
fn scheduled(tick: &Tick) -> Value {
    json!({
        "detail-type": "Scheduled Event",
        "time": tick.scheduled_at.to_string(),
        "resources": [tick.schedule],
        "detail": {"asked": tick.asked},
    })
}

/// "Object Created" (S3 user guide, EventBridge event message structure), with the account and the
/// Region of the rule whose ARN is `rule`.
fn object_created(rule: &str, object: &ObjectEvent) -> Value {
    let part = |place: usize| rule.split(':').nth(place).unwrap_or_default();
    let mut members = json!({"key": object.key});
    let known = [
        ("version-id", object.version_id.as_ref().map(|id| json!(id))),
        ("etag", object.etag.as_ref().map(|etag| json!(etag))),
        ("size", object.size.map(|size| json!(size))),
        ("sequencer", object.sequencer.as_ref().map(|sequencer| json!(sequencer))),
    ];
    for (name, value) in known {
        if let Some(value) = value {
            members[name] = value;
        }
    }
    let mut event = json!({
        "version": "0",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": part(4),
        "region": part(3),
        "resources": [format!("arn:{}:s3:::{}", part(1), object.bucket)],
        "detail": {"version": "0", "bucket": {"name": object.bucket}, "object": members},
    });
    if let Some(time) = object.time {
        event["time"] = json!(time.to_string());
    }
    event
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::trigger::{
        Envelope, plan,
        samples::{envelope as uploaded, parse, tick},
    };

    fn registered(envelope: &Envelope) -> Registered {
        let seen_at = "2026-11-23T00:00:00Z".parse().unwrap();
        Registered::first(envelope.trigger.clone(), envelope.source.clone(), seen_at)
    }

    #[test]
    fn what_is_sent_again_is_what_was_sent() {
        for sent in [uploaded(), tick()] {
            let sent = parse(&sent).unwrap();
            let again = envelope(&registered(&sent), &sent.event).to_string();
            assert_eq!(Envelope::parse(&again), Ok(sent));
        }
    }

    #[test]
    fn an_event_has_what_patterns_look_at() {
        let sent = parse(&uploaded()).unwrap();
        let event = &envelope(&registered(&sent), &sent.event)["event"];
        let members = ["source", "detail-type", "account", "region", "time", "resources"];
        for member in members {
            assert_eq!(event[member], uploaded()["event"][member], "{member}");
        }
        let pattern = r#"{"detail": {"bucket": {"name": [{"prefix": "amzn"}]}}}"#;
        let name = &event["detail"]["bucket"]["name"];
        assert!(crate::backfill::Pattern::parse(pattern).unwrap().matches(event), "{name}");
    }

    proptest! {
        #[test]
        fn any_key_and_any_time_come_through(
            key in r"[^\x00]{1,200}", size: Option<u64>, secs in 0_i64..4_000_000_000, asked: bool,
        ) {
            let at = jiff::Timestamp::from_second(secs).unwrap();
            let object = ObjectEvent {
                bucket: "b".into(), key, version_id: None, etag: Some("9a".into()), size,
                sequencer: None, time: Some(at),
            };
            let sent = parse(&uploaded()).unwrap();
            let event = Event::Object(object);
            let body = envelope(&registered(&sent), &event).to_string();
            let read = Envelope::parse(&body).unwrap();
            prop_assert_eq!(plan(&read.trigger, &read.event), plan(&sent.trigger, &event));
            let sent = parse(&tick()).unwrap();
            let event = Event::Tick(Tick { schedule: "arn:s".into(), scheduled_at: at, asked, unheard: false });
            let body = envelope(&registered(&sent), &event).to_string();
            prop_assert_eq!(Envelope::parse(&body).unwrap().event, event);
        }
    }
}
