//! What a worker of a pool tells of a run.

use serde::{Deserialize, Serialize};

use super::message::SOURCE;
use crate::run::{
    Class, LaunchId, Outcome, Run, StoppedContainer, TaskChange, TaskStatus, classify,
};

/// ECS's stop code for what somebody stopped.
const STOPPED: &str = "UserInitiated";
/// ECS's stop code for a container that came to its end.
const EXITED: &str = "EssentialContainerExited";

/// Sent to the queue of outcomes, where ECS tells the same of a run's own task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "detail-type", content = "detail")]
pub enum Notice {
    /// A worker has nothing to do with the launch any more.
    #[serde(rename = "Longshore Work Ended")]
    Ended {
        /// The launch.
        launch: String,
        /// ARN of the worker's task.
        task: String,
        /// How.
        end: WorkEnd,
    },
    /// A worker was given what another one has, and that one may be gone.
    #[serde(rename = "Longshore Work Doubted")]
    Doubted {
        /// The launch.
        launch: String,
        /// ARN of the other's task.
        task: String,
    },
}

/// How the work on a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WorkEnd {
    /// It came to an end, with the exit code that a task of its own would have left with.
    Exited(i32),
    /// The worker let go of it, for reasons that are not the work's.
    LetGo(String),
    /// Its run was to be stopped.
    Stopped,
}

#[derive(Serialize, Deserialize)]
struct Body {
    source: String,
    #[serde(flatten)]
    notice: Notice,
}

impl Notice {
    /// What the queue of outcomes gets.
    #[must_use]
    pub fn body(&self) -> String {
        let body = Body { source: SOURCE.into(), notice: self.clone() };
        serde_json::to_string(&body).unwrap_or_default()
    }

    /// The notice that `body` is, if it is one.
    #[must_use]
    pub fn parse(body: &str) -> Option<Self> {
        let Body { source, notice } = serde_json::from_str(body).ok()?;
        (source == SOURCE).then_some(notice)
    }

    /// The launch that it is about.
    #[must_use]
    pub fn launch(&self) -> Option<LaunchId> {
        match self {
            Self::Ended { launch, .. } | Self::Doubted { launch, .. } => launch.parse().ok(),
        }
    }
}

impl WorkEnd {
    /// What the end of the work by `task` means for its run, by the words and the rules by which the
    /// end of a task is judged.
    #[must_use]
    pub fn outcome(&self, run: &Run, task: &str) -> Outcome {
        let exit_code = match self {
            Self::LetGo(reason) => return Outcome::new(Class::Infrastructure, reason.clone()),
            Self::Stopped => {
                let outcome = Outcome::new(Class::Cancelled, "somebody stopped the work");
                return Outcome { stop_code: Some(STOPPED.into()), ..outcome };
            }
            Self::Exited(code) => Some(*code),
        };
        let name = run.target.as_ref().map(|it| it.container.clone()).unwrap_or_default();
        let change = TaskChange {
            task: task.to_owned(),
            cluster: String::new(),
            definition: String::new(),
            started_by: String::new(),
            version: 0,
            status: TaskStatus::Stopped,
            containers: vec![StoppedContainer { name: name.clone(), exit_code, reason: None }],
            stop_code: Some(EXITED.into()),
            stopped_reason: None,
            cpu: None,
            memory: None,
        };
        let rules = run.target.as_ref().map_or(&[][..], |target| &target.retry.rules);
        classify(&change, &name, run.result.as_ref(), rules)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::run::{WorkResult, WorkStatus, samples::admitted};

    const TASK: &str = "arn:aws:ecs:eu-west-1:111122223333:task/pool/1";

    #[test]
    fn the_end_of_work_is_judged_as_the_end_of_a_task() {
        let let_go = || WorkEnd::LetGo("the worker leaves".into());
        let ends = [
            (WorkEnd::Exited(0), None),
            (WorkEnd::Exited(0), Some(WorkStatus::Failed)),
            (WorkEnd::Exited(1), None),
            (WorkEnd::Exited(3), None),
            (WorkEnd::Exited(4), None),
            (WorkEnd::Exited(75), None),
            (WorkEnd::Exited(137), Some(WorkStatus::Done)),
            (let_go(), None),
            (WorkEnd::Stopped, None),
        ];
        let told = |(end, status): &(WorkEnd, Option<WorkStatus>)| {
            let result = status.map(|status| WorkResult::new(status, "so it went"));
            let outcome = end.outcome(&Run { result, ..admitted() }, TASK);
            let Outcome { class, reason, exit_code, stop_code, .. } = outcome;
            format!("{end:?} {status:?} ─▶ {class:?} {exit_code:?} {stop_code:?} {reason}\n")
        };
        expect![[r#"
            Exited(0) None ─▶ Succeeded Some(0) Some("EssentialContainerExited") the work is done
            Exited(0) Some(Failed) ─▶ Work Some(0) Some("EssentialContainerExited") container `` exited with code 0: so it went
            Exited(1) None ─▶ Work Some(1) Some("EssentialContainerExited") container `` exited with code 1
            Exited(3) None ─▶ Rejected Some(3) Some("EssentialContainerExited") container `` exited with code 3, which means that no retry can help
            Exited(4) None ─▶ Succeeded Some(4) Some("EssentialContainerExited") there was nothing to do
            Exited(75) None ─▶ Work Some(75) Some("EssentialContainerExited") container `` exited with code 75, which asks for another try
            Exited(137) Some(Done) ─▶ Succeeded Some(137) Some("EssentialContainerExited") the work is done
            LetGo("the worker leaves") None ─▶ Infrastructure None None the worker leaves
            Stopped None ─▶ Cancelled None Some("UserInitiated") somebody stopped the work
        "#]].assert_eq(&ends.iter().map(told).collect::<String>());
    }

    #[test]
    fn a_notice_comes_back_as_it_was_sent_and_nothing_else_does() {
        let (launch, task) = ("ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/2/1".to_owned(), TASK.to_owned());
        let ended = |end| Notice::Ended { launch: launch.clone(), task: task.clone(), end };
        let doubted = Notice::Doubted { launch: launch.clone(), task: task.clone() };
        let ends = [WorkEnd::Exited(3), WorkEnd::LetGo("\u{ffff}".into()), WorkEnd::Stopped];
        for notice in ends.map(ended).into_iter().chain([doubted]) {
            let body = notice.body();
            assert_eq!(Notice::parse(&body), Some(notice.clone()));
            assert_eq!(notice.launch().map(|id| id.to_string()), Some(launch.clone()));
            for other in [body.replace("\"longshore\"", "\"aws.ecs\""), body.replace("Work", "Run")]
            {
                assert_eq!(Notice::parse(&other), None, "{other}");
            }
        }
    }
}
