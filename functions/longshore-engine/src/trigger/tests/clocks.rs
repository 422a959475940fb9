//! Drivers whose clocks differ: a lease may lapse too early or too late, and harms nobody.

use super::*;

/// Beyond 5 minutes AWS takes no signature of theirs, and beyond 15 none at all.
const SKEWS_SECS: [i64; 4] = [-600, -240, 240, 600];

#[test]
fn drivers_whose_clocks_differ_start_one_task_and_come_to_one_end() {
    // A deadline is by the clock of whoever asks, and none is to pass here.
    let body = with_settings("v1", "0A", &json!({"task": {"startTimeout": "2h"}}));
    for skew in SKEWS_SECS {
        let deliver = |cloud: &Cloud, (): &()| cloud.deliver(&body);
        at_every_call(
            || (Cloud::new(), ()),
            deliver,
            |cloud, (), _, at| {
                let at = format!("{skew} s, {at}");
                // Another driver goes on, at once and by the clock of its own.
                cloud.world.skew(skew);
                cloud.deliver(&body).unwrap();
                // Each minute somebody else sweeps.
                for minute in 0..20 {
                    cloud.world.skew(if minute % 2 == 0 { 0 } else { skew });
                    cloud.minutes(1);
                }
                let task = cloud.task();
                assert_eq!((cloud.run().state, cloud.run().attempt), (State::Launched, 1), "{at}");
                cloud.runs(&task.arn);
                cloud.exits(&task.arn, 0);
                cloud.minutes(15);
                cloud.world.skew(0);
                cloud.minutes(15);
                assert_eq!(cloud.run().state, State::Succeeded, "{at}");
                assert_eq!(cloud.ledger.counts(), [Class::Succeeded], "{at}");
            },
        );
    }
}
