//! What a container asks about itself: task metadata version 4.

use serde_json::{Value, json};

use super::{
    Ecs,
    describe::iso,
    size,
    task::{Task, TaskContainer},
};

impl Ecs {
    /// Answers `v4/<container id>[/task]`, the paths under `/_ecs/`; nothing for an unknown
    /// container or path.
    pub(crate) fn metadata(&self, path: &str) -> Option<Value> {
        let path = path.trim_start_matches('/');
        let path = path.strip_prefix("_ecs/").unwrap_or(path).trim_end_matches('/');
        let mut parts = path.splitn(3, '/');
        let (what, id, rest) = (parts.next()?, parts.next()?, parts.next().unwrap_or(""));
        let state = self.state();
        let task = state.tasks.get(id.split('-').next()?)?;
        let container = task.containers.iter().find(|container| container.id == id)?;
        match (what, rest) {
            ("v4", "") => Some(self.of_container(task, container)),
            ("v4", "task" | "taskWithTags") => Some(self.of_task(task)),
            _ => None,
        }
    }

    fn of_task(&self, task: &Task) -> Value {
        let containers = task.containers.iter().map(|one| self.of_container(task, one));
        let limits = limits(task);
        present(json!({
            "Cluster": task.cluster_arn,
            "TaskARN": task.arn,
            "Family": task.family,
            "Revision": task.revision.to_string(),
            "DesiredStatus": task.desired_status.name(),
            "KnownStatus": task.last_status.name(),
            "Limits": limits,
            "PullStartedAt": task.pull_started_at.map(iso),
            "PullStoppedAt": task.pull_stopped_at.map(iso),
            "ExecutionStoppedAt": task.execution_stopped_at.map(iso),
            "AvailabilityZone": task.availability_zone,
            "LaunchType": task.launch_type,
            "Containers": containers.collect::<Vec<_>>(),
            "ServiceName": task.service,
        }))
    }

    fn of_container(&self, task: &Task, container: &TaskContainer) -> Value {
        present(json!({
            "DockerId": container.id,
            "Name": container.name,
            "DockerName": container.name,
            "Image": container.image,
            "Labels": {
                "com.amazonaws.ecs.cluster": task.cluster_arn,
                "com.amazonaws.ecs.container-name": container.name,
                "com.amazonaws.ecs.task-arn": task.arn,
                "com.amazonaws.ecs.task-definition-family": task.family,
                "com.amazonaws.ecs.task-definition-version": task.revision.to_string(),
            },
            "DesiredStatus": task.desired_status.name(),
            "KnownStatus": container.last_status.name(),
            "ExitCode": container.exit_code,
            "Limits": {"CPU": 0},
            "CreatedAt": container.started_at.map(iso),
            "StartedAt": container.started_at.map(iso),
            "FinishedAt": container.finished_at.map(iso),
            "Type": "NORMAL",
            "ContainerARN": container.arn,
            "LogDriver": "awslogs",
            "LogOptions": {"awslogs-region": self.ground.account.region},
        }))
    }
}

fn limits(task: &Task) -> Option<Value> {
    let cpu = task.cpu.as_deref().and_then(|cpu| size::cpu_units(&json!(cpu)))?;
    let memory = task.memory.as_deref().and_then(|memory| size::memory_mib(&json!(memory)))?;
    Some(json!({"CPU": f64::from(cpu) / size::UNITS_PER_VCPU, "Memory": memory}))
}

/// Without the members that have no value yet.
fn present(mut value: Value) -> Value {
    if let Value::Object(members) = &mut value {
        members.retain(|_, value| !value.is_null());
    }
    value
}
