//! An event in the envelope that all events have ("AWS service event structure").

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// One event; serialised as EventBridge sends it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "version", rename = "0")]
pub(crate) struct Event {
    /// UUID; a copy of an event has the id of the first.
    pub id: String,
    /// What happened, such as `Object Created`.
    pub detail_type: String,
    /// Who tells it, such as `aws.s3`.
    pub source: String,
    /// Twelve digits.
    pub account: String,
    /// When it happened; sent with the precision of a second.
    #[serde(serialize_with = "whole_secs")]
    pub time: Timestamp,
    /// A Region name.
    pub region: String,
    /// ARNs of what the event is about.
    pub resources: Vec<String>,
    /// The particulars, a JSON object.
    pub detail: Value,
}

impl Event {
    /// The event as patterns and transformers see it.
    pub(super) fn document(&self) -> Value {
        json!({
            "version": "0",
            "id": self.id,
            "detail-type": self.detail_type,
            "source": self.source,
            "account": self.account,
            "time": rfc3339(self.time),
            "region": self.region,
            "resources": self.resources,
            "detail": self.detail,
        })
    }

    /// The event as a target without a transformer gets it, in the order of AWS's own.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| self.document().to_string())
    }
}

/// `2026-11-12T00:00:00Z`: the form of every time that EventBridge sends.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn whole_secs<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.strftime("%Y-%m-%dT%H:%M:%SZ"))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn an_event_is_written_as_documented() {
        let event = Event {
            id: "17793124-05d4-b198-2fde-7ededc63b103".into(),
            detail_type: "Object Created".into(),
            source: "aws.s3".into(),
            account: "111122223333".into(),
            time: "2026-11-12T00:00:00.987654Z".parse().unwrap(),
            region: "eu-west-1".into(),
            resources: vec!["arn:aws:s3:::bucket".into()],
            detail: json!({"object": {"key": "in/a b+c.csv"}}),
        };
        expect![[r#"{"version":"0","id":"17793124-05d4-b198-2fde-7ededc63b103","detail-type":"Object Created","source":"aws.s3","account":"111122223333","time":"2026-11-12T00:00:00Z","region":"eu-west-1","resources":["arn:aws:s3:::bucket"],"detail":{"object":{"key":"in/a b+c.csv"}}}"#]]
        .assert_eq(&event.text());
        assert_eq!(serde_json::from_str::<Value>(&event.text()).unwrap(), event.document());
    }
}
