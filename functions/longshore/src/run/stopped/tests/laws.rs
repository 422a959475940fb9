//! Whatever a body holds, it is a change of a task or a short refusal, and never a success without
//! an exit code of the run's container.

use proptest::{collection, prelude::*, sample::Index};
use serde_json::{Value, json};

use crate::{
    run::{Class, TaskChange, TaskStatus, classify},
    trigger::samples::fixture,
};

fn stopped() -> Value {
    serde_json::from_str(fixture!("ecs-task-stopped")).unwrap()
}

/// A value of any kind.
fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-3..300).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
    ]
}

/// What holds for every body.
fn holds(body: &str) -> Result<(), TestCaseError> {
    match TaskChange::parse(body) {
        Ok(change) => {
            let outcome = classify(&change, "worker", None, &[]);
            let codes: Vec<_> = change
                .containers
                .iter()
                .filter(|container| container.name == "worker")
                .map(|container| container.exit_code)
                .collect();
            let done = codes.first().is_some_and(|code| matches!(code, Some(0 | 4)));
            prop_assert!(outcome.class != Class::Succeeded || done, "{:?}", change);
            prop_assert!(!outcome.reason.contains(char::is_control), "{}", outcome.reason);
        }
        Err(refusal) => {
            let sentence = refusal.to_string();
            prop_assert!(sentence.chars().count() <= 1_024, "{}", sentence);
            prop_assert!(!sentence.contains(char::is_control), "{}", sentence);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn of_any_text(body in ".*|\\{\"detail\":.*\\}|[-{}\\[\\]:,\"\\\\0-9eutrifalsn. ]{0,60}") {
        holds(&body)?;
    }

    #[test]
    fn of_an_event_with_anything_in_some_fields(changes in collection::vec((any::<Index>(), any_value()), 1..4)) {
        let mut event = stopped();
        let names: Vec<String> = event["detail"].as_object().unwrap().keys().cloned().collect();
        for (index, value) in changes {
            event["detail"][index.get(&names[..]).as_str()] = value;
        }
        holds(&event.to_string())?;
    }

    #[test]
    fn of_an_event_with_any_containers(containers in collection::vec(("worker|side|", any_value(), any_value()), 0..11), code in any_value()) {
        let mut event = stopped();
        let container = |(name, exit_code, reason)| json!({"name": name, "exitCode": exit_code, "reason": reason});
        event["detail"]["containers"] = containers.into_iter().map(container).collect();
        event["detail"]["stopCode"] = code;
        holds(&event.to_string())?;
    }

    #[test]
    fn of_an_event_with_letters_changed(changes in collection::vec((any::<Index>(), 0..3, any::<char>()), 1..4)) {
        let mut letters: Vec<char> = stopped().to_string().chars().collect();
        for (index, change, letter) in changes {
            let at = index.index(letters.len());
            match change {
                0 => letters[at] = letter,
                1 => letters.insert(at, letter),
                _ => drop(letters.remove(at)),
            }
        }
        holds(&letters.iter().collect::<String>())?;
    }
}

#[test]
fn the_event_that_is_bent_is_good() {
    let change = TaskChange::parse(&stopped().to_string()).unwrap();
    assert_eq!(change.status, TaskStatus::Stopped);
    assert_eq!(classify(&change, "worker", None, &[]).class, Class::Succeeded);
}
