//! Scenes that tests begin in, and what time does to them.

use longshore::run::{Run, RunId, State};

use serde_json::json;

use super::{Cloud, Death, FakeTask, event, message, with_detail};

impl Cloud {
    /// A cloud whose only run is launched, and the ARN of its task.
    pub(crate) fn with_a_launched_run() -> (Self, String) {
        Self::with_a_launch_of(&message("v1", "0A"))
    }

    /// A cloud whose only run is launched, by `body`, and the ARN of its task.
    pub(crate) fn with_a_launch_of(body: &str) -> (Self, String) {
        let cloud = Self::new();
        cloud.deliver(body).unwrap();
        assert_eq!(cloud.run().state, State::Launched);
        let task = cloud.run().task_arn.unwrap();
        (cloud, task)
    }

    /// A cloud whose process died after RunTask and before it wrote so, and the ARN of the task.
    pub(crate) fn with_an_unrecorded_launch() -> (Self, String) {
        let cloud = Self::new();
        // Look at the trigger, remember it, read it again, admit, take a permit, claim, RunTask.
        cloud.process.at(7, Death::Before);
        assert!(cloud.deliver(&message("v1", "0A")).is_err());
        cloud.restart();
        assert_eq!(cloud.run().state, State::Launching);
        let task = cloud.task();
        (cloud, task.arn)
    }

    /// The only task.
    pub(crate) fn task(&self) -> FakeTask {
        let tasks = self.ecs.tasks();
        assert_eq!(tasks.len(), 1, "{tasks:?}");
        tasks.into_iter().next().unwrap()
    }

    /// The run of the task.
    pub(crate) fn run_of(&self, task: &str) -> Run {
        let tasks = self.ecs.tasks();
        let task = tasks.iter().find(|known| known.arn == task).expect("it was started");
        self.known(&task.launch.id.run)
    }

    /// The run as it stands.
    pub(crate) fn known(&self, id: &RunId) -> Run {
        self.ledger.runs().into_iter().find(|run| run.id == *id).expect("it is there")
    }

    /// The task is RUNNING, and no event says so.
    pub(crate) fn runs(&self, task: &str) {
        self.ecs.change(task, FakeTask::runs);
    }

    /// The task's container exits, and no event says so.
    pub(crate) fn exits(&self, task: &str, exit_code: i32) {
        self.ecs.change(task, |task| {
            task.stops("EssentialContainerExited", "Essential container exited", Some(exit_code));
        });
    }

    /// ECS no longer knows the task.
    pub(crate) fn forgets(&self, task: &str) {
        self.ecs.change(task, |task| task.known = None);
    }

    /// The task's container exits; the event that says so.
    pub(crate) fn exit_of(&self, task: &str, exit_code: i32) -> String {
        let run = self.run_of(task);
        self.exits(task, exit_code);
        event(&run, task, "STOPPED", 5, exit_code)
    }

    /// The event that says that the task was stopped by StopTask.
    pub(crate) fn stop_of(&self, task: &str) -> String {
        let code = json!({"stopCode": "UserInitiated"});
        with_detail(&self.run_of(task), task, "STOPPED", 5, 143, &code)
    }

    /// Minutes pass, and each begins with a sweep.
    pub(crate) fn minutes(&self, count: u32) {
        for _ in 0..count {
            self.world.pass(60);
            self.sweep().unwrap();
        }
    }

    /// Minutes pass until it is so, and no more than `most`.
    pub(crate) fn minutes_until(&self, most: u32, is_so: impl Fn() -> bool) {
        for _ in 0..most {
            self.minutes(1);
            if is_so() {
                return;
            }
        }
        panic!("it is not so after {most} minutes: {:?}", self.ledger.runs());
    }
}
