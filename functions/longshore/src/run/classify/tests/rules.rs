//! What the trigger's own rules make of a stop.

use super::*;

fn rule(exit: &[i32], reason: Option<&str>, then: RetryThen) -> RetryRule {
    RetryRule { exit: exit.to_vec(), reason: reason.map(str::to_owned), then }
}

fn exited(code: i32) -> TaskChange {
    stopped(EXITED, &[("app", Some(code), None)])
}

fn class_of(task: &TaskChange, rules: &[RetryRule]) -> Class {
    classify(task, "app", None, rules).class
}

#[test]
fn a_rule_fits_by_exit_code_by_reason_or_by_both() {
    let by_exit = [rule(&[1, 2], None, RetryThen::Reject)];
    assert_eq!(class_of(&exited(2), &by_exit), Class::Rejected);
    assert_eq!(class_of(&exited(9), &by_exit), Class::Work);
    let said = |reason| stopped(EXITED, &[("app", Some(2), Some(reason))]);
    let by_reason = [rule(&[], Some("disk full"), RetryThen::Reject)];
    assert_eq!(class_of(&said("the disk full"), &by_reason), Class::Rejected);
    assert_eq!(class_of(&said("the disk is full"), &by_reason), Class::Work);
    let by_ecs = [rule(&[], Some("ECS's reason"), RetryThen::Reject)];
    assert_eq!(class_of(&said("its own"), &by_ecs), Class::Rejected, "ECS's words count too");
    let by_both = [rule(&[2], Some("disk full"), RetryThen::Reject)];
    assert_eq!(class_of(&said("disk full"), &by_both), Class::Rejected);
    assert_eq!(class_of(&said("no"), &by_both), Class::Work);
    assert_eq!(class_of(&exited(3), &by_both), Class::Rejected, "exit code 3 needs no rule");
}

#[test]
fn the_first_rule_that_fits_decides() {
    let rules = [
        rule(&[9], None, RetryThen::Succeed),
        rule(&[1], None, RetryThen::Succeed),
        rule(&[1], None, RetryThen::Reject),
        rule(&[], None, RetryThen::Reject),
    ];
    assert_eq!(class_of(&exited(1), &rules), Class::Succeeded);
    assert_eq!(class_of(&exited(2), &rules), Class::Rejected);
}

#[test]
fn a_rule_says_that_it_decided() {
    let outcome = classify(&exited(1), "app", None, &[rule(&[1], None, RetryThen::Succeed)]);
    assert_eq!(outcome.reason, "container `app` exited with code 1 (by a rule of the trigger)");
    assert_eq!(outcome.exit_code, Some(1));
}

#[test]
fn retry_gives_another_attempt_to_what_would_have_none() {
    let retry = [rule(&[3], None, RetryThen::Retry)];
    assert_eq!(class_of(&exited(3), &retry), Class::Work);
    let never = stopped(
        Some("TaskFailedToStart"),
        &[("app", None, Some("CannotPullContainerError: not found"))],
    );
    let pull = [rule(&[], Some("CannotPull"), RetryThen::Retry)];
    assert!(classify(&never, "app", None, &[]).is_final);
    let retried = classify(&never, "app", None, &pull);
    assert_eq!((retried.class, retried.is_final), (Class::Start, false), "on its own budget");
    let nothing_to_do = [rule(&[4], None, RetryThen::Retry)];
    assert_eq!(class_of(&exited(4), &nothing_to_do), Class::Work, "who names it means it");
}

#[test]
fn a_rule_for_all_the_rest_is_for_failures() {
    for then in [RetryThen::Retry, RetryThen::Reject] {
        let rest = [rule(&[75], None, RetryThen::Retry), rule(&[], None, then)];
        assert_eq!(class_of(&exited(0), &rest), Class::Succeeded);
        assert_eq!(class_of(&exited(4), &rest), Class::Succeeded);
    }
    let by_words = [rule(&[], Some("ECS's reason"), RetryThen::Reject)];
    assert_eq!(class_of(&exited(0), &by_words), Class::Succeeded);
    assert_eq!(class_of(&exited(0), &[rule(&[0], None, RetryThen::Reject)]), Class::Rejected);
}

#[test]
fn nothing_without_an_exit_code_succeeds_by_a_rule() {
    let all = [rule(&[], None, RetryThen::Succeed), rule(&[], None, RetryThen::Reject)];
    let lost = stopped(Some("SpotInterruption"), &[("app", None, None)]);
    assert_eq!(class_of(&lost, &all), Class::Rejected, "the next rule is asked");
    assert_eq!(class_of(&lost, &all[..1]), Class::Spot);
    assert_eq!(class_of(&exited(1), &all), Class::Succeeded);
}

#[test]
fn what_somebody_stopped_is_not_ruled() {
    let stopped = stopped(Some("UserInitiated"), &[("app", Some(143), None)]);
    for then in [RetryThen::Retry, RetryThen::Reject, RetryThen::Succeed] {
        assert_eq!(class_of(&stopped, &[rule(&[143], None, then)]), Class::Cancelled);
    }
}

#[test]
fn what_the_work_reported_is_not_ruled() {
    let reject = [rule(&[1], None, RetryThen::Reject)];
    let class = |status| classify(&exited(1), "app", Some(&result(status, "")), &reject).class;
    assert_eq!(class(WorkStatus::Done), Class::Succeeded);
    assert_eq!(class(WorkStatus::Superseded), Class::Superseded);
    assert_eq!(class(WorkStatus::Failed), Class::Rejected, "a failure is ruled as any");
}
