//! Laws of a task's course, whatever happens in whatever order.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::json;

use super::{run_input, shell, world};
use crate::ecs::{
    task::{Status, StopCode, Task},
    transition::{self, Course},
};

/// Something that happens to a task of two containers, the second not essential.
#[derive(Clone, Debug)]
enum Step {
    Pending,
    Started(usize),
    Running,
    Exited(usize, Option<i32>),
    Failed(usize),
    StopTask,
    Shutdown,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Pending),
        (0..2_usize).prop_map(Step::Started),
        Just(Step::Running),
        (0..2_usize, prop::option::of(0..256)).prop_map(|(index, code)| Step::Exited(index, code)),
        (0..2_usize).prop_map(Step::Failed),
        Just(Step::StopTask),
        Just(Step::Shutdown),
    ]
}

fn apply(task: Task, step: &Step, now: Timestamp) -> Course {
    match *step {
        Step::Pending => transition::pending(task, now),
        Step::Started(index) => transition::container_started(task, index, json!(1), now),
        Step::Running => transition::running(task, now),
        Step::Exited(index, code) => transition::container_exited(task, index, code, now),
        Step::Failed(index) => transition::failed_to_start(task, index, "it failed", now),
        Step::StopTask => transition::stop_requested(task, StopCode::UserInitiated, "user", now),
        Step::Shutdown => {
            transition::stop_requested(task, StopCode::InfrastructureHealth, "shutdown", now)
        }
    }
}

/// A task that `RunTask` has just made and nobody carries.
fn new_task() -> Task {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = world();
        let mut aside = shell("aside", "exit 0");
        aside.essential = false;
        world.register("app", vec![shell("app", "exit 0"), aside]);
        world.run(run_input("app")).await;
        let state = world.ecs.state();
        state.tasks.values().next().unwrap().clone()
    })
}

proptest! {
    #[test]
    fn versions_grow_by_one_and_the_first_reason_to_stop_holds(
        steps in prop::collection::vec(step(), 0..12),
        is_lost: bool,
    ) {
        let first = new_task();
        let (mut task, mut now) = (first.clone(), first.created_at);
        let mut passed = vec![first];
        for step in &steps {
            now += SignedDuration::from_secs(1);
            let was_stopping = task.is_stopping();
            let why = (task.stop_code, task.stopped_reason.clone(), task.stopping_at);
            let course = apply(task, step, now);
            task = course.task;
            if was_stopping {
                let holds = (task.stop_code, task.stopped_reason.clone(), task.stopping_at);
                prop_assert_eq!(why, holds, "{:?}", step);
                prop_assert!(task.is_stopping());
                prop_assert!(course.passed.iter().all(|one| one.last_status != Status::Running));
            }
            passed.extend(course.passed);
        }
        let why = task.stop_code;
        let last = if is_lost { transition::lost(task, now) } else { transition::ended(task, now) };
        passed.extend(last.passed);
        let versions: Vec<u64> = passed.iter().map(|one| one.version).collect();
        prop_assert_eq!(&versions, &(1..=versions.len() as u64).collect::<Vec<_>>());
        let end = passed.last().unwrap();
        prop_assert_eq!(&last.task, end);
        prop_assert_eq!((end.last_status, end.stopped_at), (Status::Stopped, Some(now)));
        let expected = if is_lost { why.or(Some(StopCode::InfrastructureHealth)) } else { why };
        prop_assert_eq!(end.stop_code, expected);
    }
}
