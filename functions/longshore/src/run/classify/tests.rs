use expect_test::{Expect, expect};
use serde_json::Value;

use super::*;
use crate::run::samples::stopped;

mod laws;
mod reports;
mod rules;

type Stop<'a> = (Option<&'a str>, &'a [(&'a str, Option<i32>, Option<&'a str>)]);

fn result(status: WorkStatus, reason: &str) -> WorkResult {
    WorkResult::new(status, reason)
}

/// Checks the outcomes of stops after the worker reported `result`.
#[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
fn check(result: Option<&WorkResult>, stops: &[Stop<'_>], expected: Expect) {
    let line = |(code, containers): &Stop<'_>| {
        let outcome = classify(&stopped(*code, containers), "app", result, &[]);
        let is_final = if outcome.is_final { " for good" } else { "" };
        format!("{}{is_final}: {}\n", outcome.class.word(), outcome.reason)
    };
    expected.assert_eq(&stops.iter().map(line).collect::<String>());
}

const EXITED: Option<&str> = Some("EssentialContainerExited");

#[test]
fn the_exit_code_of_the_runs_container_decides() {
    let exits: [&[_]; 10] = [
        &[("app", Some(0), None)],
        &[("app", Some(4), None)],
        &[("app", Some(3), None)],
        &[("app", Some(75), None)],
        &[("app", Some(1), None)],
        &[("app", Some(-1), Some("its own reason"))],
        &[("app", Some(143), None)],
        &[("app", Some(137), None)],
        &[("app", Some(137), Some("OutOfMemoryError: Container killed due to memory usage"))],
        &[("app", Some(1), Some("OutOfMemoryError: of a child"))],
    ];
    check(
        None,
        &exits.map(|containers| (EXITED, containers)),
        expect![[r#"
        succeeded: the work is done
        succeeded: there was nothing to do
        rejected: container `app` exited with code 3, which means that no retry can help
        work: container `app` exited with code 75, which asks for another try
        work: container `app` exited with code 1
        work: container `app` exited with code -1: its own reason
        work: container `app` exited with code 143
        work: container `app` exited with code 137
        out-of-memory: container `app` exited with code 137: OutOfMemoryError: Container killed due to memory usage
        work: container `app` exited with code 1: OutOfMemoryError: of a child
    "#]],
    );
}

#[test]
fn only_the_runs_container_counts() {
    let exits: [&[_]; 6] = [
        &[("app", None, Some("CannotStartContainerError: x")), ("proxy", Some(0), None)],
        &[("app", Some(1), None), ("proxy", Some(0), None)],
        &[("app", Some(0), None), ("proxy", Some(1), Some("OutOfMemoryError: x"))],
        &[("proxy", Some(0), None), ("logs", Some(0), None)],
        &[("app", None, None)],
        &[],
    ];
    check(
        None,
        &exits.map(|containers| (EXITED, containers)),
        expect![[r#"
        start: container `app` has no exit code: CannotStartContainerError: x
        work: container `app` exited with code 1
        succeeded: the work is done
        start: container `app` has no exit code: ECS's reason
        start: container `app` has no exit code: ECS's reason
        start: container `app` has no exit code: ECS's reason
    "#]],
    );
}

#[test]
fn a_lost_host_is_not_the_works_fault_and_an_unknown_code_is_nobodys() {
    let killed: &[_] = &[("app", Some(137), None)];
    let gone: &[_] = &[("app", None, Some("Host EC2 terminated."))];
    check(
        None,
        &[
            (Some("SpotInterruption"), killed),
            (Some("SpotInterruption"), gone),
            (Some("TerminationNotice"), killed),
            (Some("InfrastructureHealth"), gone),
            (Some("ServiceSchedulerInitiated"), killed),
            (Some("SomethingNew"), killed),
            (Some(""), gone),
            (None, gone),
            (None, killed),
        ],
        expect![[r#"
            spot: SpotInterruption: ECS's reason
            spot: SpotInterruption: Host EC2 terminated.
            spot: TerminationNotice: ECS's reason
            infrastructure: InfrastructureHealth: Host EC2 terminated.
            infrastructure: ServiceSchedulerInitiated: ECS's reason
            unknown: SomethingNew: ECS's reason
            unknown: : Host EC2 terminated.
            unknown: no stop code: Host EC2 terminated.
            work: container `app` exited with code 137
        "#]],
    );
}

#[test]
fn a_task_that_was_stopped_by_somebody_says_so() {
    let none: &[_] = &[("app", None, None)];
    let done: &[_] = &[("app", Some(0), None)];
    check(
        None,
        &[(Some("UserInitiated"), none), (Some("UserInitiated"), done)],
        expect![[r#"
        cancelled: somebody stopped the task: ECS's reason
        cancelled: somebody stopped the task: ECS's reason
    "#]],
    );
}

#[test]
fn a_task_that_would_never_start_is_known_by_its_reason() {
    let reasons = [
        "CannotPullContainerError: pull image manifest has been retried 5 time(s): i/o timeout",
        "CannotPullContainerError: toomanyrequests: You have reached your pull rate limit",
        "CannotPullContainerError: manifest unknown",
        "CannotPullContainerError: pull access denied for worker, repository does not exist",
        "CannotPullContainerError: worker:9: not found",
        "ResourceInitializationError: unable to pull secrets: AccessDeniedException",
        "ResourceInitializationError: failed to validate logger args: ResourceNotFoundException",
        "ResourceInitializationError: unable to pull registry auth: connection timed out",
        "ContainerRuntimeTimeoutError: Could not transition to running; timed out after 3m0s",
        "Timeout waiting for network interface provisioning to complete.",
    ];
    let containers = reasons.map(|reason| [("app", None, Some(reason))]);
    let stops = containers.each_ref().map(|only| (Some("TaskFailedToStart"), &only[..]));
    check(
        None,
        &stops,
        expect![[r#"
        start: the task did not start: CannotPullContainerError: pull image manifest has been retried 5 time(s): i/o timeout
        start: the task did not start: CannotPullContainerError: toomanyrequests: You have reached your pull rate limit
        start for good: the task did not start: CannotPullContainerError: manifest unknown
        start for good: the task did not start: CannotPullContainerError: pull access denied for worker, repository does not exist
        start for good: the task did not start: CannotPullContainerError: worker:9: not found
        start for good: the task did not start: ResourceInitializationError: unable to pull secrets: AccessDeniedException
        start for good: the task did not start: ResourceInitializationError: failed to validate logger args: ResourceNotFoundException
        start: the task did not start: ResourceInitializationError: unable to pull registry auth: connection timed out
        start: the task did not start: ContainerRuntimeTimeoutError: Could not transition to running; timed out after 3m0s
        start: the task did not start: Timeout waiting for network interface provisioning to complete.
    "#]],
    );
    let lied: &[_] = &[("app", Some(0), None)];
    check(
        None,
        &[(Some("TaskFailedToStart"), lied)],
        expect![[r#"
        start: the task did not start: ECS's reason
    "#]],
    );
}

#[test]
fn the_words_of_work_that_ran_are_no_reason_never_to_start_it_again() {
    let said = stopped(EXITED, &[("app", Some(1), Some("key not found: unauthorized"))]);
    let outcome = classify(&said, "app", None, &[]);
    assert_eq!((outcome.class, outcome.is_final), (Class::Work, false));
}

#[test]
fn a_task_without_room_is_a_loss_and_not_a_failed_start() {
    let class = |reason: &str| {
        let task = TaskChange {
            stopped_reason: Some(reason.to_owned()),
            ..stopped(Some("TaskFailedToStart"), &[])
        };
        classify(&task, "app", None, &[]).class
    };
    assert_eq!(class("TaskFailedToStart: RESOURCE:MEMORY"), Class::Infrastructure);
    assert_eq!(class("TaskFailedToStart: EMPTY CAPACITY PROVIDER"), Class::Infrastructure);
    assert_eq!(class("CannotPullContainerError: i/o timeout"), Class::Start);
}
