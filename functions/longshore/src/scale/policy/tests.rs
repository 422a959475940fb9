use expect_test::{Expect, expect};
use serde_json::json;

use super::*;

#[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
fn check(settings: &[Value], expected: Expect) {
    let refusal = |settings: &Value| match Policy::parse("queue", settings.clone()) {
        Ok(policy) => format!("{policy:?}\n"),
        Err(bad) => format!("{bad}\n"),
    };
    expected.assert_eq(&settings.iter().map(refusal).collect::<String>());
}

#[test]
fn what_is_left_out_has_a_default() {
    check(
        &[
            json!({}),
            json!({"maxWait": "10m", "minTasks": 1, "maxTasks": 200, "messagesPerTask": 4,
                   "bias": "fast", "expectedSeconds": 0.25}),
        ],
        expect![[r#"
            Policy { max_wait_secs: 60.0, min_tasks: 0, max_tasks: 10, slots: 1.0, expected_secs: 5.0, bias: Balanced }
            Policy { max_wait_secs: 600.0, min_tasks: 1, max_tasks: 200, slots: 4.0, expected_secs: 0.25, bias: Fast }
        "#]],
    );
}

#[test]
fn what_cannot_be_followed_says_where_and_why() {
    check(
        &[
            json!(null),
            json!({"maxWait": 60}),
            json!({"maxWait": "soon"}),
            json!({"maxWait": "0s"}),
            json!({"maxWait": "15d"}),
            json!({"minTasks": -1}),
            json!({"minTasks": 11}),
            json!({"minTasks": 3, "maxTasks": 2}),
            json!({"maxTasks": 0}),
            json!({"maxTasks": 5_001}),
            json!({"maxTasks": 2.5}),
            json!({"messagesPerTask": 0}),
            json!({"expectedSeconds": 0}),
            json!({"expectedSeconds": -1}),
            json!({"expectedSeconds": 1e300}),
            json!({"expectedSeconds": "NaN"}),
            json!({"bias": "cheapest"}),
            json!({"target": 100}),
        ],
        expect![[r#"
            queue: invalid type: null, expected the scaling of a queue, like {"maxWait": "60s", "maxTasks": 10}; correct the settings of the queue
            queue.maxWait: invalid type: integer `60`, expected a string; correct the settings of the queue
            queue.maxWait: `soon` is no duration; write it like `30s`, `5m` or `1h 30m`; correct the settings of the queue
            queue.maxWait: is 0s, not 1s to 336h; correct the settings of the queue
            queue.maxWait: `15d` is no duration; write it like `30s`, `5m` or `1h 30m`; correct the settings of the queue
            queue.minTasks: invalid value: integer `-1`, expected u32; correct the settings of the queue
            queue.minTasks: is 11, more than maxTasks, which is 10; correct the settings of the queue
            queue.minTasks: is 3, more than maxTasks, which is 2; correct the settings of the queue
            queue.maxTasks: is 0, not 1 to 5000; correct the settings of the queue
            queue.maxTasks: is 5001, not 1 to 5000; correct the settings of the queue
            queue.maxTasks: invalid type: floating point `2.5`, expected u32; correct the settings of the queue
            queue.messagesPerTask: is 0, not 1 to 1000; correct the settings of the queue
            queue.expectedSeconds: is 0, not above 0 and up to 43200; correct the settings of the queue
            queue.expectedSeconds: is -1, not above 0 and up to 43200; correct the settings of the queue
            queue.expectedSeconds: is 1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000, not above 0 and up to 43200; correct the settings of the queue
            queue.expectedSeconds: invalid type: string "NaN", expected f64; correct the settings of the queue
            queue.bias: unknown variant `cheapest`, expected one of `cheap`, `balanced`, `fast`; correct the settings of the queue
            queue.target: unknown field `target`, expected one of `maxWait`, `minTasks`, `maxTasks`, `messagesPerTask`, `bias`, `expectedSeconds`; correct the settings of the queue
        "#]],
    );
    let settings = Settings { expected_seconds: Some(f64::NAN), ..Settings::default() };
    let bad = Policy::new("queue", &settings).unwrap_err();
    assert_eq!((bad.at.as_str(), bad.why.starts_with("is NaN")), ("queue.expectedSeconds", true));
}

#[test]
fn a_bias_is_cheaper_or_faster_in_every_constant() {
    let [cheap, balanced, fast] = [Bias::Cheap, Bias::Balanced, Bias::Fast].map(Bias::tuning);
    for (less, more) in [(cheap, balanced), (balanced, fast)] {
        assert!(less.spare_roots < more.spare_roots && less.hold_secs < more.hold_secs);
        assert!(less.hold_burst_secs < more.hold_burst_secs && less.warm_starts < more.warm_starts);
        assert!(less.useful_secs > more.useful_secs);
    }
}

#[test]
fn settings_are_read_back_as_they_are_written() {
    let settings = Settings { expected_seconds: Some(0.1), ..Settings::default() };
    let json = serde_json::to_value(&settings).unwrap();
    assert_eq!(serde_json::from_value::<Settings>(json).unwrap(), settings);
}
