//! `kill -9` of everything at once, at random moments of ticks that are under way.
//! `LONGSHORE_KILLS=200` kills more often, `LONGSHORE_SEED=7` elsewhere.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use super::kills::{Chance, OBSERVER, TRIGGER, judge_worked, killed_of, number};
use crate::stand::{PROGRAM, Stand, Template, envelope};

/// Kills of the suite.
const KILLS: u64 = 6;
/// A kill comes at the latest so long after its tick: longer than the path of a tick.
const MOMENT_MS_MAX: u64 = 1_500;
const SCHEDULE: &str = "arn:aws:scheduler:us-east-1:000000000000:schedule/default/nightly";

/// The `nth` tick: two tasks, and one after the other, in years to come so that none is looked for.
fn tick(nth: u64) -> String {
    let mut tick = envelope(&json!({}));
    tick["source"] = json!(SCHEDULE);
    tick["trigger"]["name"] = json!("nightly");
    tick["trigger"]["schedule"] =
        json!({"expression": "rate(1 day)", "overlap": "queue", "shards": 2});
    tick["trigger"]["retry"] = json!({"attempts": 100, "backoff": {"base": "1s", "max": "2s"}});
    let time = jiff::Timestamp::from_second(2_100_000_000 + 86_400 * i64::try_from(nth).unwrap());
    tick["event"] = json!({
        "detail-type": "Scheduled Event", "time": time.unwrap(), "resources": [SCHEDULE],
    });
    tick.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_survives_whoever_is_killed_even_all_at_once() {
    let kills = number("LONGSHORE_KILLS", KILLS);
    let dir = tempfile::tempdir().unwrap();
    let path = Template::of_repository().quick_deliveries().write(dir.path());
    let data = dir.path().join("data");
    let script = r#"echo "$LONGSHORE_RUN/$LONGSHORE_ATTEMPT" >>"$DIR/worked"; sleep 0.3"#;
    let at = dir.path().display();
    let task = format!("WorkerTask=env DIR={at} {PROGRAM} exec -- sh -c '{script}'");
    let arguments = [&path, "--data", data.to_str().unwrap(), "--task", &task];
    let mut stand = Stand::start_with(&arguments);
    let mut killed = 0;
    let mut chance = Chance(number("LONGSHORE_SEED", 1));
    for nth in 0..kills {
        stand.send("inbox", &tick(nth)).await;
        stand.send("inbox", &tick(nth)).await;
        tokio::time::sleep(Duration::from_millis(chance.below(MOMENT_MS_MAX))).await;
        let all = ["LONGSHORE_TRIGGER=nightly", TRIGGER, OBSERVER];
        // Every third time the embedded AWS lives, and hears of the ends.
        let lives = nth % 3 == 2;
        if !lives {
            stand.dev.end(Signal::KILL);
        }
        killed += all.iter().map(|variable| killed_of(&stand, variable)).sum::<u64>();
        if !lives {
            killed += 1;
            stand = Stand::start_with(&arguments);
        }
    }
    assert!(killed > kills / 2, "{killed} killed");
    let expected = usize::try_from(kills).unwrap() * 3;
    let runs = stand.all_ended(expected).await;
    assert!(runs.iter().all(|run| run.state() == "succeeded"), "{runs:?}");
    judge_worked(&stand, dir.path()).await;
}
