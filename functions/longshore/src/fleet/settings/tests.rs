use expect_test::{Expect, expect};
use serde_json::json;

use super::*;

fn queue(changes: Value) -> Value {
    let mut queue = json!({
        "queue": "https://sqs.eu-west-1.amazonaws.com/123456789012/work",
        "scale": {"maxTasks": 5},
        "fleet": {"tasks": {"task": {
            "definition": "worker:3", "cluster": "main", "container": "app",
        }}},
    });
    let Value::Object(changes) = changes else { panic!("{changes} is no object") };
    queue.as_object_mut().unwrap().extend(changes);
    queue
}

fn check(input: Value, expected: &Expect) {
    let said = match Queue::parse_all(input) {
        Ok(queues) => queues
            .into_iter()
            .map(|queue| match queue {
                Ok(queue) => format!("{}\n", queue.name()),
                Err(rejected) => format!("{rejected}\n"),
            })
            .collect(),
        Err(rejected) => format!("{rejected}\n"),
    };
    expected.assert_eq(&said);
}

#[test]
fn a_queue_that_cannot_be_scaled_keeps_no_other_from_it() {
    let service = |service: &str| json!({"service": {"cluster": "main", "service": service}});
    check(
        json!({"queues": [
            queue(json!({})),
            queue(json!({"queue": "work"})),
            queue(json!({"queue": "https://sqs/1/work.fifo", "fleet": service("work")})),
            queue(json!({})),
            queue(json!({"queue": "https://sqs/1/a", "scale": {"maxWait": "0s"}})),
            queue(json!({"queue": "https://sqs/1/b", "scale": {"maxTask": 1}})),
            queue(json!({"queue": "https://sqs/1/c", "fleet": {"tasks": {"task": {"definition": "worker", "cluster": "c", "container": "a"}}}})),
            queue(json!({"queue": "https://sqs/1/d", "fleet": {"tasks": {"task": {"definition": "worker:1", "cluster": "c"}}}})),
            queue(json!({"queue": "https://sqs/1/e", "fleet": {"pods": {}}})),
            queue(json!({"queue": "https://sqs/1/f", "fleet": service("")})),
            queue(json!({"queue": "https://sqs/1/g", "shade": true})),
            "h",
        ]}),
        &expect![[r#"
            work
            queues[1].queue: `work` is no URL of a queue; correct the Input of the scaler's schedule
            work.fifo
            queues[3].queue: is `work` once more; correct the Input of the scaler's schedule
            queues[4].scale.maxWait: is 0s, not 1s to 336h; correct the Input of the scaler's schedule
            queues[5].scale.maxTask: unknown field `maxTask`, expected one of `maxWait`, `minTasks`, `maxTasks`, `messagesPerTask`, `bias`, `expectedSeconds`, maybe `maxTasks`; correct the Input of the scaler's schedule
            queues[6].fleet.tasks.task.definition: `worker` names no revision, so a deployment could change it under way; correct the Input of the scaler's schedule
            queues[7].fleet.tasks.task: missing field `container`; correct the Input of the scaler's schedule
            queues[8].fleet: unknown variant `pods`, expected `tasks` or `service`; correct the Input of the scaler's schedule
            queues[9].fleet.service.service: is empty; correct the Input of the scaler's schedule
            queues[10].shade: unknown field `shade`, expected one of `queue`, `scale`, `fleet`, `shadow`, maybe `shadow`; correct the Input of the scaler's schedule
            queues[11]: invalid type: string "h", expected a queue, like {"queue": "<url>", "scale": {…}, "fleet": {…}}; correct the Input of the scaler's schedule
        "#]],
    );
    check(
        json!([]),
        &expect![[r#"
        input: is not a JSON object; send {"queues": [{"queue": "<url>", "scale": {…}, "fleet": {…}}]}
    "#]],
    );
    check(
        json!({"queue": []}),
        &expect![[r#"
        queues: is not a list of queues; send {"queues": [{"queue": "<url>", "scale": {…}, "fleet": {…}}]}
    "#]],
    );
    let many: Vec<Value> =
        (0..21).map(|nth| queue(json!({"queue": format!("https://sqs/1/q{nth}")}))).collect();
    let refused = Queue::parse_all(json!({"queues": many})).unwrap();
    assert_eq!(refused.iter().filter(|queue| queue.is_ok()).count(), 20);
    expect!["queues[20]: is one too many: a schedule scales up to 20; give the others a schedule of their own"].assert_eq(&refused[20].as_ref().unwrap_err().to_string());
}

#[test]
fn settings_publish_their_shape() {
    let schema = serde_json::to_value(schemars::schema_for!(QueueSettings)).unwrap();
    assert_eq!(schema["required"], json!(["queue", "fleet"]));
    let parsed = Queue::parse("queues[0]", queue(json!({"shadow": true}))).unwrap();
    let again = serde_json::to_value(&parsed.settings).unwrap();
    assert_eq!(Queue::parse("queues[0]", again).unwrap(), parsed);
}
