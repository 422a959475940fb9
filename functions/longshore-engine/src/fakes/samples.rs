//! Messages of the inbox and events of tasks, to start from.

use longshore::run::Run;
use serde_json::{Value, json};

pub(super) const BUCKET: &str = "uploads";
pub(super) const CLUSTER: &str = "arn:aws:ecs:eu-west-1:111122223333:cluster/longshore";
/// The revision that a message launches unless it says otherwise.
pub(crate) const DEFINITION: &str = "arn:aws:ecs:eu-west-1:111122223333:task-definition/worker:7";
/// The queue of a pool.
pub(crate) const POOL: &str = "https://sqs.eu-west-1.amazonaws.com/111122223333/work";
/// Name of the trigger.
pub(crate) const UPLOADS: &str = "uploads";

/// A message of the inbox about a version of the object that most tests have.
pub(crate) fn message(version: &str, sequencer: &str) -> String {
    with_settings(version, sequencer, &json!({}))
}

/// The same, with some of the trigger's settings replaced.
pub(crate) fn with_settings(version: &str, sequencer: &str, settings: &Value) -> String {
    let object =
        json!({"key": "a b+c", "version-id": version, "etag": "e", "sequencer": sequencer});
    wrapped(&object, settings)
}

/// A message about the only version of the object `key`, with some settings replaced.
pub(crate) fn about(key: &str, settings: &Value) -> String {
    about_version(key, "0A", settings)
}

/// A message about the version of the object `key` that has this sequencer.
pub(crate) fn about_version(key: &str, sequencer: &str, settings: &Value) -> String {
    let version = if sequencer == "0A" { "v1".to_owned() } else { format!("v{sequencer}") };
    let object = json!({
        "key": key, "version-id": version, "etag": "e", "sequencer": sequencer, "size": 10,
    });
    wrapped(&object, settings)
}

fn wrapped(object: &Value, settings: &Value) -> String {
    let event = json!({
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": "2026-11-12T00:00:00Z",
        "detail": {"bucket": {"name": BUCKET}, "object": object},
    });
    let task = json!({"definition": DEFINITION, "cluster": CLUSTER, "container": "app"});
    let mut trigger = json!({"name": UPLOADS, "task": task});
    replace(&mut trigger, settings);
    json!({"source": "rule", "trigger": trigger, "event": event}).to_string()
}

fn replace(whole: &mut Value, part: &Value) {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            for (name, value) in part {
                replace(whole.entry(name).or_insert(Value::Null), value);
            }
        }
        (whole, part) => *whole = part.clone(),
    }
}

/// An event of the run's task.
pub(crate) fn event(run: &Run, task: &str, status: &str, version: i64, exit_code: i32) -> String {
    with_detail(run, task, status, version, exit_code, &json!({}))
}

/// An event of the run's task, with some of its details replaced.
pub(crate) fn with_detail(
    run: &Run,
    task: &str,
    status: &str,
    version: i64,
    exit_code: i32,
    other: &Value,
) -> String {
    let mut detail = json!({
        "taskArn": task,
        "clusterArn": CLUSTER,
        "taskDefinitionArn": DEFINITION,
        "startedBy": run.launch_id().to_string(),
        "version": version,
        "lastStatus": status,
        "containers": [{"name": "app", "exitCode": exit_code}],
        "stopCode": "EssentialContainerExited",
    });
    replace(&mut detail, other);
    json!({"source": "aws.ecs", "detail-type": "ECS Task State Change", "detail": detail})
        .to_string()
}

/// A message about the tick that was due at `time` of the day on which tests begin, with some
/// settings of the schedule.
pub(crate) fn tick(time: &str, schedule: &Value) -> String {
    let arn = "arn:aws:scheduler:eu-west-1:111122223333:schedule/default/hourly";
    let time = format!("2026-11-12T{time}Z");
    let event = json!({"detail-type": "Scheduled Event", "time": time, "resources": [arn]});
    let task = json!({"definition": DEFINITION, "cluster": CLUSTER, "container": "app"});
    let mut settings = json!({"expression": "rate(1 hour)"});
    replace(&mut settings, schedule);
    let trigger = json!({"name": "hourly", "task": task, "schedule": settings});
    json!({"source": arn, "trigger": trigger, "event": event}).to_string()
}
