//! People start runs by hand, fill in what is missing, and see what their schedules do:
//! `longshore run`, `backfill`, `schedules`, `next`.

mod objects;
mod words;

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::stand::{self, PROGRAM, RunRow, Stand, Template, eventually, kill};

const TRIGGER: &str = "nightly";
/// The container of a run: says of what, and fails as long as `fail` is there.
const SCRIPT: &str = r#"echo "$LONGSHORE_SCHEDULED_TIME$LONGSHORE_KEY" >>"$DIR/log"
    [ ! -e "$DIR/fail" ]"#;

fn stand(dir: &Path, template: &Template, arguments: &[&str]) -> Stand {
    let task = format!("WorkerTask=env DIR={} sh -c '{SCRIPT}'", dir.display());
    Stand::of(template, &[arguments, &["--task", &task]].concat())
}

/// What the container said, in order of time.
fn log(dir: &Path) -> Vec<String> {
    let log = fs::read_to_string(dir.join("log")).unwrap_or_default();
    let mut lines: Vec<String> = log.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// A tick at `time`, as the schedule would send it.
fn tick(time: &str, schedule: &Value) -> String {
    let mut tick = stand::tick(time, schedule);
    tick["trigger"]["retry"] = json!({"attempts": 1});
    tick.to_string()
}

impl Stand {
    /// The schedule sends its tick of `time`, and its run ends.
    async fn ticked(&self, time: &str, schedule: &Value) {
        self.send("inbox", &tick(time, schedule)).await;
        self.all_ticks_ended(1).await;
    }

    /// Waits until there are so many runs of ticks, and all have ended.
    async fn all_ticks_ended(&self, count: usize) -> Vec<RunRow> {
        eventually(&format!("the ends of {count} ticks"), || async {
            let mut runs = self.runs().await;
            runs.retain(|run| !run.text(&["input", "scheduledAt"]).is_empty());
            assert!(runs.len() <= count, "one run per tick: {runs:?}");
            (runs.len() == count && runs.iter().all(RunRow::has_ended)).then_some(runs)
        })
        .await
    }

    /// Starts `longshore` with these arguments, and does not wait for its end.
    fn begin(&self, arguments: &[&str]) -> Child {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).envs([
            ("AWS_ENDPOINT_URL", self.dev.endpoint.as_str()),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ]);
        command.spawn().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_started_by_hand_and_once() {
    let dir = tempfile::tempdir().unwrap();
    let stand = stand(dir.path(), &Template::of_repository(), &[]);
    let schedule = json!({"expression": "cron(30 1 1 11 ? *)", "timezone": "Europe/Berlin", "startWithin": "5m"});
    stand.ticked("2026-11-01T00:30:00Z", &schedule).await;
    assert_eq!(stand.runs().await[0].text(&["outcome", "class"]), "missed");
    let missed = stand.longshore(&["runs", "--ended", "missed"]).well();
    assert!(missed.contains(&stand.runs().await[0].id()), "{missed}");
    assert!(stand.longshore(&["runs", "--ended", "skipped"]).well().contains("no such runs"));
    eventually("that its end is told: before, it cannot begin again", || async {
        stand.sweep();
        (!stand.runs().await[0].has("due")).then_some(())
    })
    .await;

    let run = ["run", TRIGGER, "--at", "2026-11-01T01:30", "--wait"];
    let said = stand.longshore(&run).well();
    assert!(said.contains("about the tick of 2026-11-01T00:30:00Z, is sent"), "{said}");
    assert!(said.contains("succeeded   the work is done"), "{said}");
    let again = stand.longshore(&run[..4]).well();
    assert!(again.contains("already (succeeded, since "), "{again}");
    assert_eq!(log(dir.path()), ["2026-11-01T00:30:00Z"], "what was missed ran after all, once");

    fs::write(dir.path().join("fail"), "").unwrap();
    let said = stand.longshore(&["run", TRIGGER, "--wait"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("failed: "), "{said:?}");
    assert_eq!(stand.all_ticks_ended(2).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn ticks_are_filled_in_one_after_the_other_and_once() {
    let dir = tempfile::tempdir().unwrap();
    let stand = stand(dir.path(), &Template::of_repository().swept_by_hand(), &[]);
    let schedule = json!({"expression": "rate(1 hour)", "overlap": "skip"});
    stand.ticked("2026-11-01T05:30:00Z", &schedule).await;

    let backfill =
        ["backfill", TRIGGER, "--from", "2026-11-01T01:30:00Z", "--to", "2026-11-01T07:30"];
    let dry = stand.longshore(&[&backfill[..], &["--dry-run"]].concat()).well();
    assert!(dry.contains("5 ticks would be sent, 1 already known\n"), "{dry}");
    assert_eq!(stand.runs().await.len(), 1, "nothing was sent");
    let said = stand.longshore(&backfill).well();
    assert!(
        said.starts_with("backfill of trigger nightly: 5 ticks sent, 1 already known\n"),
        "{said}"
    );
    let runs = stand.all_ticks_ended(6).await;
    assert!(runs.iter().all(|run| run.state() == "succeeded"), "{runs:?}");
    let expected: Vec<_> = (1..7).map(|hour| format!("2026-11-01T0{hour}:30:00Z")).collect();
    assert_eq!(log(dir.path()), expected);

    let said = stand.longshore(&[&backfill[..], &["--json"]].concat()).json();
    assert_eq!((&said["sent"], &said["known"]), (&json!(0), &json!(6)));
    assert_eq!(log(dir.path()), expected);
    assert_eq!(stand.depth("inbox").await + stand.depth("inbox-dead").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_that_is_cut_off_is_said_again() {
    let dir = tempfile::tempdir().unwrap();
    let stand = stand(dir.path(), &Template::of_repository(), &[]);
    let schedule = json!({"expression": "cron(0/10 0-6 1 11 ? 2026)", "overlap": "allow"});
    stand.ticked("2026-11-01T06:50:00Z", &schedule).await;

    let backfill =
        ["backfill", TRIGGER, "--from", "2026-11-01", "--to", "2026-11-01T07:00", "--rate", "5"];
    for signal in [Signal::KILL, Signal::TERM] {
        let before = stand.runs().await.len();
        let child = stand.begin(&backfill);
        eventually("some runs", || async { (stand.runs().await.len() > before + 3).then_some(()) })
            .await;
        kill(child.id(), signal);
        let said = child.wait_with_output().unwrap();
        let said = String::from_utf8(said.stderr).unwrap();
        let goes_on = "go on with: longshore backfill nightly --from 2026-11-01T0";
        assert_eq!(said.contains(goes_on), signal == Signal::TERM, "{said}");
    }
    let said = stand.longshore(&[&backfill[..6], &["--json", "--rate", "100"]].concat()).json();
    let [sent, known] = ["sent", "known"].map(|count| said[count].as_u64().unwrap());
    assert_eq!(sent + known, 42, "{said}");
    assert!(known >= 8, "{said}");
    // Whoever found no permit is launched by a sweep.
    eventually("their ends", || async {
        stand.sweep();
        stand.runs().await.iter().all(RunRow::has_ended).then_some(())
    })
    .await;
    stand.all_ticks_ended(42).await;
    let told = log(dir.path());
    assert_eq!(told.len(), 42);
    assert_eq!(
        (told[0].as_str(), told[41].as_str()),
        ("2026-11-01T00:00:00Z", "2026-11-01T06:50:00Z")
    );
}
