//! `startWithin` by which ticks are missed that nobody meant to miss. It is no refusal: a trigger
//! that is at work with it would lose its other ticks too.

use jiff::SignedDuration;

use super::{Kind, Warning};
use crate::trigger::{quantity::Seconds, schedule::Schedule, unheard::GRACE};

/// How late a schedule may be ("What is Amazon EventBridge Scheduler?": 60 s precision), and how
/// late the sweep, which comes once a minute.
const A_MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// What looks wrong about the times of a schedule.
pub(super) fn warnings(schedule: &Schedule) -> impl Iterator<Item = Warning> + use<> {
    let window = schedule.flexible_time_window.unwrap_or(Seconds::new(0));
    // A place within the jitter counts from the tick, and not from its event.
    let begins = schedule.jitter.map_or(window, |jitter| jitter.max(window));
    let (late, found) = (after(begins, A_MINUTE), after(window, GRACE + A_MINUTE));
    let short = |least: &Seconds| schedule.start_within.filter(|within| within < least);
    let is_caught_up = schedule.catch_up.is_some_and(|most| most > 0);
    let found = is_caught_up.then_some(found);
    let late = short(&late).map(|within| Warning {
        at: "trigger.schedule.startWithin".into(),
        kind: Kind::Late { within, least: late },
    });
    let catch_up = found.and_then(|least| {
        let kind = Kind::CatchUp { within: short(&least)?, least };
        Some(Warning { at: "trigger.schedule.catchUp".into(), kind })
    });
    [late, catch_up].into_iter().flatten()
}

/// So much later than `secs`.
fn after(secs: Seconds, later: SignedDuration) -> Seconds {
    let later = u32::try_from(later.as_secs()).unwrap_or(u32::MAX);
    Seconds::new(secs.get().saturating_add(later))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::{Value, json};

    use crate::trigger::{
        samples::{parse, tick},
        warnings,
    };

    /// What is said of a schedule with these settings.
    fn said(settings: &Value) -> Vec<String> {
        let mut envelope = tick();
        let schedule = envelope["trigger"]["schedule"].as_object_mut().unwrap();
        schedule.extend(settings.as_object().unwrap().clone());
        // None of them is refused: the trigger may be at work with them.
        let envelope = parse(&envelope).unwrap();
        let warnings = warnings(&envelope.trigger, &envelope.event);
        warnings.iter().map(ToString::to_string).collect()
    }

    fn check(settings: &Value, expected: &Expect) {
        expected.assert_eq(&said(settings).join("\n"));
    }

    #[test]
    fn ticks_that_are_missed_by_chance_are_warned_of() {
        check(
            &json!({"startWithin": "30s"}),
            &expect![
                "trigger.schedule.startWithin: is `30s`, and a tick may begin up to 1m after its time, by `flexibleTimeWindow` or `jitter` and a minute, so that ticks are missed by chance; say 1m at the least, and better some minutes more"
            ],
        );
        check(
            &json!({"startWithin": "10m", "jitter": "2m", "flexibleTimeWindow": "15m"}),
            &expect![
                "trigger.schedule.startWithin: is `10m`, and a tick may begin up to 16m after its time, by `flexibleTimeWindow` or `jitter` and a minute, so that ticks are missed by chance; say 16m at the least, and better some minutes more"
            ],
        );
        for (settings, expected) in [
            (json!({}), 0),
            (json!({"startWithin": "0s"}), 1),
            (json!({"startWithin": "59s"}), 1),
            (json!({"startWithin": "1m"}), 0),
            (json!({"startWithin": "15m", "flexibleTimeWindow": "15m"}), 1),
            (json!({"startWithin": "16m", "flexibleTimeWindow": "15m"}), 0),
            (json!({"startWithin": "301s", "jitter": "5m"}), 1),
            (json!({"startWithin": "6m", "jitter": "5m"}), 0),
            (json!({"startWithin": "6m", "jitter": "5m", "flexibleTimeWindow": "5m"}), 0),
            (json!({"startWithin": "6m", "jitter": "3m", "flexibleTimeWindow": "6m"}), 1),
        ] {
            assert_eq!(said(&settings).len(), expected, "{settings}");
        }
    }

    #[test]
    fn ticks_that_are_found_too_late_to_be_run_are_warned_of() {
        check(
            &json!({"startWithin": "5m", "catchUp": 1}),
            &expect![
                "trigger.schedule.catchUp: runs hardly a tick, for one that was not sent is found up to 11m after its time, and `startWithin` is `5m`; have that be 11m or more, or take `catchUp` out"
            ],
        );
        for (settings, expected) in [
            (json!({"catchUp": 1}), 0),
            (json!({"startWithin": "5m"}), 0),
            (json!({"startWithin": "5m", "catchUp": 0}), 0),
            (json!({"startWithin": "659s", "catchUp": 1}), 1),
            (json!({"startWithin": "11m", "catchUp": 1}), 0),
            (json!({"startWithin": "20m", "catchUp": 1, "flexibleTimeWindow": "10m"}), 1),
            (json!({"startWithin": "21m", "catchUp": 1, "flexibleTimeWindow": "10m"}), 0),
            (json!({"startWithin": "30s", "catchUp": 1}), 2),
        ] {
            assert_eq!(said(&settings).len(), expected, "{settings}");
        }
    }
}
