//! What is told of scaling: each change of how many tasks there should be, or of why.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::scale::{Decision, Numbers};

/// How long a change is kept: 30 days, as runs are.
pub const CHANGES_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// CloudWatch namespace of the metrics.
const NAMESPACE: &str = "longshore";
/// Names of the metrics, and their units (`MetricDatum`, CloudWatch API reference).
const METRICS: [(&str, &str); 7] = [
    ("TasksWanted", "Count"),
    ("TasksReceiving", "Count"),
    ("MessagesVisible", "Count"),
    ("MessagesInFlight", "Count"),
    ("ArrivalsPerSecond", "Count/Second"),
    ("ServiceSeconds", "Seconds"),
    ("LaunchSeconds", "Seconds"),
];

/// A change of how many tasks there should be, or of what binds the number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// When it was decided.
    pub at: Timestamp,
    /// What was decided.
    pub decision: Decision,
    /// Whether it was only written down.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shadow: bool,
}

impl Change {
    /// The change as metrics, in the embedded metric format (CloudWatch user guide, "Embedded
    /// metric format specification").
    #[must_use]
    pub fn metrics(&self, queue: &str) -> Value {
        let Numbers { visible, in_flight, arrivals_per_sec, service_secs, launch_secs, .. } =
            self.decision.numbers;
        let metrics = METRICS.map(|(name, unit)| json!({"Name": name, "Unit": unit}));
        json!({
            "_aws": {
                "Timestamp": self.at.as_millisecond(),
                "CloudWatchMetrics": [{
                    "Namespace": NAMESPACE,
                    "Dimensions": [["Queue"]],
                    "Metrics": metrics,
                }],
            },
            "Queue": queue,
            "reason": self.decision.reason,
            "TasksWanted": self.decision.to,
            "TasksReceiving": self.decision.numbers.running,
            "MessagesVisible": visible,
            "MessagesInFlight": in_flight,
            "ArrivalsPerSecond": arrivals_per_sec,
            "ServiceSeconds": service_secs,
            "LaunchSeconds": launch_secs,
        })
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::scale::Reason;

    #[test]
    fn a_change_is_a_line_of_metrics() {
        let numbers = Numbers { visible: 7.0, running: 2, ..Numbers::default() };
        let (from, to, launch, drain, reason) = (2, 5, 3, 0, Reason::Deadline);
        let decision = Decision { from, to, launch, drain, reason, numbers };
        let at = "2026-11-23T10:00:00Z".parse().unwrap();
        let mut line = Change { at, decision, shadow: false }.metrics("work");
        for (name, unit) in METRICS {
            assert!(line[name].is_number() && !unit.is_empty(), "{name} has its value");
        }
        let listed = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].take();
        assert_eq!(listed.as_array().map(Vec::len), Some(METRICS.len()));
        expect![[r#"
            {
              "ArrivalsPerSecond": 0.0,
              "LaunchSeconds": 0.0,
              "MessagesInFlight": 0.0,
              "MessagesVisible": 7.0,
              "Queue": "work",
              "ServiceSeconds": 0.0,
              "TasksReceiving": 2,
              "TasksWanted": 5,
              "_aws": {
                "CloudWatchMetrics": [
                  {
                    "Dimensions": [
                      [
                        "Queue"
                      ]
                    ],
                    "Metrics": null,
                    "Namespace": "longshore"
                  }
                ],
                "Timestamp": 1795428000000
              },
              "reason": "deadline"
            }"#]]
        .assert_eq(&format!("{line:#}"));
    }
}
