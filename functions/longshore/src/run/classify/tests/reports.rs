//! What the work itself reported, against how its task stopped.

use super::*;

#[test]
fn what_the_worker_reported_outlives_its_crash() {
    let crashed: &[_] = &[("app", Some(139), None)];
    let stops =
        [(EXITED, crashed), (Some("SpotInterruption"), crashed), (Some("UserInitiated"), crashed)];
    check(
        Some(&result(WorkStatus::Done, "")),
        &stops,
        expect![[r#"
        succeeded: the work is done
        succeeded: the work is done
        succeeded: the work is done
    "#]],
    );
    let gone = result(WorkStatus::Superseded, "the object was replaced");
    check(
        Some(&gone),
        &stops,
        expect![[r#"
        superseded: the object was replaced
        superseded: the object was replaced
        superseded: the object was replaced
    "#]],
    );
}

#[test]
fn a_reported_failure_is_none_the_less_for_a_clean_exit() {
    let exits: [&[_]; 5] = [
        &[("app", Some(0), None)],
        &[("app", Some(4), None)],
        &[("app", Some(3), None)],
        &[("app", Some(1), Some("ECS's word"))],
        &[("app", Some(137), Some("OutOfMemoryError: Container killed due to memory usage"))],
    ];
    let failed = result(WorkStatus::Failed, "the table is gone");
    check(
        Some(&failed),
        &exits.map(|containers| (EXITED, containers)),
        expect![[r#"
        work: container `app` exited with code 0: the table is gone
        work: container `app` exited with code 4: the table is gone
        rejected: container `app` exited with code 3, which means that no retry can help: the table is gone
        work: container `app` exited with code 1: the table is gone
        out-of-memory: container `app` exited with code 137: the table is gone
    "#]],
    );
}

#[test]
fn a_report_alone_is_an_outcome() {
    let class = |status| outcome_of(&result(status, "why")).class;
    assert_eq!(class(WorkStatus::Done), Class::Succeeded);
    assert_eq!(class(WorkStatus::Superseded), Class::Superseded);
    assert_eq!(class(WorkStatus::Failed), Class::Work);
    assert_eq!(outcome_of(&result(WorkStatus::Failed, "why")).reason, "why");
}

#[test]
fn work_that_was_reported_outranks_how_the_task_stopped() {
    let killed = Some(EXIT_KILLED);
    let reason = "exited with code 137".to_owned();
    let stopped = Outcome { exit_code: killed, ..Outcome::new(Class::Work, reason) };
    for (status, class) in [
        (WorkStatus::Done, Class::Succeeded),
        (WorkStatus::Superseded, Class::Superseded),
        (WorkStatus::Failed, Class::Work),
    ] {
        let summary = Value::Null;
        let result = WorkResult { summary, ..WorkResult::new(status, "") };
        let outcome = unless_reported(stopped.clone(), Some(&result));
        assert_eq!((outcome.class, outcome.exit_code), (class, killed), "{status:?}");
    }
    assert_eq!(unless_reported(stopped.clone(), None), stopped);
}
