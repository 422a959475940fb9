//! A task in JSON: epoch seconds for the API, ISO 8601 for events.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::task::{Status, Task, TaskContainer};

/// `cpu` of a container that sets none.
const CONTAINER_CPU: &str = "0";

/// Platform version of Fargate on Linux that `LATEST` means.
const PLATFORM_LATEST: &str = "1.4.0";

/// Address of every task's network interface on this machine.
const ADDRESS: &str = "127.0.0.1";

/// For whom a task is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Api,
    Event,
}

/// As `RunTask`, `DescribeTasks` and `StopTask` answer, without tags.
pub(super) fn api(task: &Task) -> Value {
    Value::Object(written(task, Form::Api))
}

/// As the `detail` of an `ECS Task State Change` event.
pub(super) fn event(task: &Task) -> Value {
    let mut shown = written(task, Form::Event);
    shown.insert("updatedAt".into(), json!(iso(task.updated_at)));
    Value::Object(shown)
}

/// Seconds since the epoch with milliseconds.
pub(super) fn epoch(at: Timestamp) -> Value {
    json!(Duration::from_millis(at.as_millisecond().unsigned_abs()).as_secs_f64())
}

/// `2026-01-23T17:57:34.402Z`
pub(super) fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

impl Form {
    fn time(self, at: Timestamp) -> Value {
        if self == Self::Api { epoch(at) } else { json!(iso(at)) }
    }

    fn interface(self) -> &'static str {
        if self == Self::Api { "ElasticNetworkInterface" } else { "eni" }
    }
}

fn written(task: &Task, form: Form) -> Map<String, Value> {
    let mut shown = identity(task, form);
    let times = [
        ("createdAt", Some(task.created_at)),
        ("connectivityAt", task.pull_started_at),
        ("pullStartedAt", task.pull_started_at),
        ("pullStoppedAt", task.pull_stopped_at),
        ("startedAt", task.started_at),
        ("stoppingAt", task.stopping_at),
        ("executionStoppedAt", task.execution_stopped_at),
        ("stoppedAt", task.stopped_at),
    ];
    for (name, at) in times {
        put(&mut shown, name, at.map(|at| form.time(at)));
    }
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    put(&mut shown, "startedBy", text(&task.started_by));
    put(&mut shown, "cpu", text(&task.cpu));
    put(&mut shown, "memory", text(&task.memory));
    put(&mut shown, "capacityProviderName", text(&task.capacity_provider));
    put(&mut shown, "stoppedReason", text(&task.stopped_reason));
    put(&mut shown, "stopCode", task.stop_code.map(|code| code.name().into()));
    put(&mut shown, "connectivity", task.pull_started_at.map(|_| "CONNECTED".into()));
    if task.launch_type == "FARGATE" {
        let asked = task.platform_version.as_deref().filter(|asked| *asked != "LATEST");
        put(&mut shown, "platformVersion", Some(asked.unwrap_or(PLATFORM_LATEST).into()));
        put(&mut shown, "platformFamily", Some("Linux".into()));
        let size = task.ephemeral_storage_gib.unwrap_or(20);
        put(&mut shown, "ephemeralStorage", Some(json!({"sizeInGiB": size})));
    }
    if form == Form::Api {
        put(&mut shown, "healthStatus", Some("UNKNOWN".into()));
    }
    shown
}

fn identity(task: &Task, form: Form) -> Map<String, Value> {
    let members = json!({
        "taskArn": task.arn,
        "clusterArn": task.cluster_arn,
        "taskDefinitionArn": task.definition_arn,
        "group": task.group,
        "launchType": task.launch_type,
        "availabilityZone": task.availability_zone,
        "attachments": attachments(task, form),
        "attributes": [{"name": "ecs.cpu-architecture", "value": std::env::consts::ARCH}],
        "containers": task.containers.iter().map(|one| container(task, one)).collect::<Vec<_>>(),
        "desiredStatus": task.desired_status.name(),
        "lastStatus": task.last_status.name(),
        "overrides": task.overrides,
        "enableExecuteCommand": task.execute_command,
        "version": task.version,
    });
    if let Value::Object(members) = members { members } else { Map::new() }
}

fn attachment_id(task: &Task) -> String {
    format!("eni-{}", task.id)
}

fn attachments(task: &Task, form: Form) -> Value {
    let Some(subnet) = &task.subnet else { return json!([]) };
    let status = match task.last_status {
        Status::Provisioning => "PRECREATED",
        Status::Stopped => "DELETED",
        _ => "ATTACHED",
    };
    json!([{
        "id": attachment_id(task),
        "type": form.interface(),
        "status": status,
        "details": [
            {"name": "subnetId", "value": subnet},
            {"name": "networkInterfaceId", "value": format!("eni-{:.17}", task.id)},
            {"name": "privateIPv4Address", "value": ADDRESS},
        ],
    }])
}

fn container(task: &Task, container: &TaskContainer) -> Value {
    let interfaces = match &task.subnet {
        Some(_) => {
            json!([{"attachmentId": attachment_id(task), "privateIpv4Address": ADDRESS}])
        }
        None => json!([]),
    };
    let mut shown = Map::new();
    put(&mut shown, "containerArn", Some(json!(container.arn)));
    put(&mut shown, "taskArn", Some(json!(task.arn)));
    put(&mut shown, "name", Some(json!(container.name)));
    put(&mut shown, "image", Some(json!(container.image)));
    put(&mut shown, "lastStatus", Some(container.last_status.name().into()));
    put(&mut shown, "runtimeId", container.started_at.map(|_| json!(container.id)));
    put(&mut shown, "exitCode", container.exit_code.map(Value::from));
    put(&mut shown, "reason", container.reason.as_deref().map(Value::from));
    put(&mut shown, "networkInterfaces", Some(interfaces));
    put(&mut shown, "networkBindings", Some(json!([])));
    put(&mut shown, "cpu", Some(CONTAINER_CPU.into()));
    Value::Object(shown)
}

fn put(shown: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        shown.insert(name.into(), value);
    }
}
