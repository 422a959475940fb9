//! An AWS in memory for the flows: every call is ready at once, and the process that calls can be
//! made to die at any of them.

mod ecs;
mod ledger;
mod world;

use std::sync::{Arc, Mutex, MutexGuard};

use futures_util::FutureExt;
use longshore::{
    run::{Run, State, TaskChange, TaskStatus},
    trigger::Allowed,
};
use serde_json::{Value, json};

pub(crate) use ecs::{Answer, FakeEcs};
pub(crate) use ledger::FakeLedger;
pub(crate) use world::{Death, Dies, FakeQueue, FakeWorld};

use crate::{Handled, Observed, TriggerPorts, Trouble, on_change, on_message, sweep};

const BUCKET: &str = "uploads";
const CLUSTER: &str = "arn:aws:ecs:eu-west-1:111122223333:cluster/longshore";
const DEFINITION: &str = "arn:aws:ecs:eu-west-1:111122223333:task-definition/worker:7";

/// All of it, and the process that calls it.
pub(crate) struct Cloud {
    pub(crate) process: Arc<Dies>,
    pub(crate) ledger: FakeLedger,
    pub(crate) ecs: FakeEcs,
    pub(crate) dead_letters: FakeQueue,
    pub(crate) failed: FakeQueue,
    pub(crate) world: Arc<FakeWorld>,
}

impl Cloud {
    pub(crate) fn new() -> Self {
        let process = Arc::new(Dies::default());
        let world = Arc::new(FakeWorld::default());
        Self {
            ledger: FakeLedger::new(&process, &world),
            ecs: FakeEcs::new(&process),
            dead_letters: FakeQueue::new(&process),
            failed: FakeQueue::new(&process),
            process,
            world,
        }
    }

    /// One delivery of `body` to the trigger function.
    pub(crate) fn deliver(&self, body: &str) -> Result<Handled, Trouble> {
        let allowed = Allowed {
            buckets: vec![BUCKET.into()],
            clusters: vec![CLUSTER.into()],
            subnets: Vec::new(),
        };
        let ports = TriggerPorts {
            ledger: &self.ledger,
            ecs: &self.ecs,
            dead_letters: &self.dead_letters,
            failed: &self.failed,
            world: &*self.world,
        };
        ready(on_message(&ports, &allowed, body))
    }

    /// One delivery of `body` to the observer function.
    pub(crate) fn observe(&self, body: &str) -> Result<Observed, Trouble> {
        ready(on_change(&self.ledger, &self.dead_letters, &self.failed, &*self.world, body))
    }

    pub(crate) fn sweep(&self) -> Result<crate::Swept, Trouble> {
        ready(sweep(&self.ledger, &self.ecs, &self.failed, &*self.world))
    }

    /// The only run.
    pub(crate) fn run(&self) -> Run {
        let runs = self.ledger.runs();
        assert_eq!(runs.len(), 1, "{runs:?}");
        runs.into_iter().next().unwrap()
    }

    /// A cloud whose only run is launched, and the ARN of its task.
    pub(crate) fn with_a_launched_run() -> (Self, String) {
        let cloud = Self::new();
        cloud.deliver(&message("v1", "0A")).unwrap();
        assert_eq!(cloud.run().state, State::Launched);
        let task = cloud.run().task_arn.unwrap();
        (cloud, task)
    }

    /// A cloud whose process died after RunTask and before it wrote so, and the ARN of the task.
    pub(crate) fn with_an_unrecorded_launch() -> (Self, String) {
        let cloud = Self::new();
        // Admit, claim and RunTask come before it.
        cloud.process.at(3, Death::Before);
        assert!(cloud.deliver(&message("v1", "0A")).is_err());
        cloud.process.restart();
        assert_eq!(cloud.run().state, State::Launching);
        let (task, _) = cloud.ecs.tasks().remove(0);
        (cloud, task)
    }
}

/// The output of a future that is ready at once.
pub(crate) fn ready<F: Future>(future: F) -> F::Output {
    future.now_or_never().expect("ready at once")
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

/// An inbox message about a version of an object.
pub(crate) fn message(version: &str, sequencer: &str) -> String {
    let event = json!({
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": "2026-11-12T00:00:00Z",
        "detail": {
            "bucket": {"name": BUCKET},
            "object": {"key": "a b+c", "version-id": version, "etag": "e", "sequencer": sequencer},
        },
    });
    let task = json!({"definition": DEFINITION, "cluster": CLUSTER, "container": "app"});
    json!({"source": "rule", "trigger": {"name": "uploads", "task": task}, "event": event})
        .to_string()
}

/// What ECS knows of the run's task when its container stopped with `exit_code`.
pub(crate) fn stopped(run: &Run, task: &str, exit_code: i32) -> TaskChange {
    let mut change = TaskChange::parse(&event(run, task, "STOPPED", 5, exit_code)).unwrap();
    assert_eq!(change.status, TaskStatus::Stopped);
    change.started_by = run.launch_id().to_string();
    change
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
    for (name, value) in other.as_object().unwrap() {
        detail[name] = value.clone();
    }
    json!({"source": "aws.ecs", "detail-type": "ECS Task State Change", "detail": detail})
        .to_string()
}
