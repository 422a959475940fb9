//! Every stop has an outcome, and none is a success without evidence.

use proptest::{collection::vec, option::of, prelude::*, sample::select};

use super::*;
use crate::run::StoppedContainer;

prop_compose! {
    fn a_container()(
        name in "app|proxy|\\PC{0,9}",
        exit_code: Option<i32>,
        reason in proptest::option::of("OutOfMemory.*|.*"),
    ) -> StoppedContainer {
        StoppedContainer { name, exit_code, reason }
    }
}

prop_compose! {
    fn a_rule()(
        exit in vec(select(vec![0, 1, 3, 4, 75, 137]), 0..3),
        reason in of("ECS|OutOfMemory|app"),
        then in select(vec![RetryThen::Retry, RetryThen::Reject, RetryThen::Succeed]),
    ) -> RetryRule {
        RetryRule { exit, reason, then }
    }
}

prop_compose! {
    fn a_task()(
        stop_code in of(
            "EssentialContainerExited|TaskFailedToStart|UserInitiated|SpotInterruption|.*"
        ),
        stopped_reason: Option<String>,
        containers in vec(a_container(), 0..10),
    ) -> TaskChange {
        TaskChange { containers, stop_code, stopped_reason, ..stopped(None, &[]) }
    }
}

fn a_status() -> impl Strategy<Value = Option<WorkStatus>> {
    of(select(vec![WorkStatus::Done, WorkStatus::Superseded, WorkStatus::Failed]))
}

proptest! {
    #[test]
    fn every_stop_has_an_outcome_and_no_success_without_evidence(
        task in a_task(),
        status in a_status(),
    ) {
        let result = status.map(|status| result(status, "r"));
        let outcome = classify(&task, "app", result.as_ref(), &[]);
        let main = task.containers.iter().find(|container| container.name == "app");
        prop_assert_eq!(outcome.exit_code, main.and_then(|main| main.exit_code));
        prop_assert_eq!(&outcome.stop_code, &task.stop_code);
        let done = status == Some(WorkStatus::Done);
        let clean = matches!(outcome.exit_code, Some(0 | 4)) && status.is_none();
        prop_assert!(outcome.class != Class::Succeeded || done || clean);
        prop_assert!(!done || outcome.class == Class::Succeeded);
        prop_assert!(!outcome.is_final || outcome.class == Class::Start || status.is_some());
    }

    #[test]
    fn rules_change_neither_what_was_reported_nor_what_somebody_stopped(
        task in a_task(),
        status in a_status(),
        rules in vec(a_rule(), 0..4),
    ) {
        let result = status.map(|status| result(status, "r"));
        let ruled = classify(&task, "app", result.as_ref(), &rules);
        let plain = classify(&task, "app", result.as_ref(), &[]);
        match status {
            Some(WorkStatus::Done) => prop_assert_eq!(ruled.class, Class::Succeeded),
            Some(WorkStatus::Superseded) => prop_assert_eq!(ruled.class, Class::Superseded),
            _ if plain.class == Class::Cancelled => prop_assert_eq!(ruled, plain),
            _ => {
                let says = |then| rules.iter().any(|rule| rule.then == then);
                let proven = ruled.exit_code.is_some() && says(RetryThen::Succeed);
                let is_same = ruled.class == plain.class;
                prop_assert!(ruled.class != Class::Succeeded || is_same || proven);
                let named = ruled.exit_code.is_some_and(|code| {
                    rules.iter().any(|rule| rule.exit.contains(&code))
                });
                prop_assert!(plain.class != Class::Succeeded || is_same || named);
            }
        }
    }
}
