//! A stand on which somebody dies, and what holds on it at the end of every path.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use super::path::{Path, Point};
use crate::stand::{Fate, PROGRAM, RunRow, Stand, Wire};

/// Leaves it to the sweep to stop what runs too long, as any other image does.
const UNTIMED: &str = "env -u LONGSHORE_TIMEOUT";
/// Says which attempt of which run has the fence.
const WORKED: &str = r#"echo "$LONGSHORE_RUN/$LONGSHORE_ATTEMPT" >>"$DIR/worked""#;
/// Ways to have sent a message and not to know it.
const KNOWS_NOTHING: &[Fate] = &[Fate::DiesAfter, Fate::HearsNothing];

/// A stand on which somebody dies.
pub(super) struct Scene {
    pub(super) stand: Stand,
    pub(super) point: Point,
    pub(super) wire: Wire,
    dir: TempDir,
}

impl Scene {
    pub(super) fn of(path: impl Path, point: Point) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let wire = Wire::cut_at(point.action, point.nth, point.fate);
        let on_wire = |who: &str| if point.who == who { wire.words() } else { "env".into() };
        let (at, work) = (dir.path().display(), path.work());
        let task = match point.who {
            "worker" => format!("{} {PROGRAM} worker", wire.words()),
            _ => format!(
                "{UNTIMED} {} DIR={at} PROGRAM={PROGRAM} {PROGRAM} exec -- sh -c '{WORKED}; {work}'",
                on_wire("exec")
            ),
        };
        let task = format!("WorkerTask={task}");
        let trigger = format!("TriggerFunction={} {PROGRAM} trigger", on_wire("trigger"));
        let observer = format!("ObserverFunction={} {PROGRAM} observer", on_wire("observer"));
        let mut arguments = vec!["--task", &task, "--function", &trigger, "--function", &observer];
        arguments.extend(path.parameters());
        let stand = Stand::of(&path.template(), &arguments);
        wire.leads_to(&stand.dev.endpoint);
        Self { stand, point, wire, dir }
    }

    /// Uploads the object `name`.csv with the row `name`.
    pub(super) async fn upload(&self, name: &str) {
        self.stand.upload(&format!("{name}.csv"), format!("id\n{name}\n")).await;
    }

    /// Waits a while for the death.
    pub(super) async fn is_cut(&self) {
        self.stand.reached(|| self.wire.was_cut()).await;
    }

    /// Waits until a task works.
    pub(super) async fn is_at_work(&self) {
        self.stand.reached(|| !self.lines("worked").is_empty()).await;
    }

    /// The command on the wire if it is the one to die, and whether it died.
    pub(super) fn command(&self, arguments: &[&str]) -> bool {
        if self.point.who != arguments[0] {
            self.stand.longshore(arguments).well();
            return false;
        }
        let said = self.wire.longshore(arguments);
        assert_eq!(said.code.is_some(), self.point.fate == Fate::HearsNothing, "{said:?}");
        said.code.is_none()
    }

    /// Writes an empty file that tasks find in `$DIR`.
    pub(super) fn touch(&self, name: &str) {
        fs::write(self.dir.path().join(name), "").unwrap();
    }

    /// Lines that tasks wrote, in order of their text.
    fn lines(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.dir.path().join(name)).unwrap_or_default();
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }

    /// Sweeps until nothing is left to do; all runs.
    pub(super) async fn over(&self, objects: usize) -> Vec<RunRow> {
        self.stand
            .swept(&format!("{objects} rows, and all ends told"), |runs| async {
                let is_over = |run: &RunRow| run.has_ended() && !run.has("due");
                let are_over = !runs.is_empty() && runs.iter().all(is_over);
                (are_over && self.stand.items().await.len() >= objects).then_some(runs)
            })
            .await
    }

    pub(super) async fn judge(&self, path: impl Path, runs: &[RunRow]) {
        assert!(self.wire.was_cut(), "the point was not reached: {runs:?}");
        path.judge(self, runs);
        let objects = path.objects(&self.point);
        let mut rows: Vec<_> =
            self.stand.items().await.iter().map(|row| row["id"].clone()).collect();
        rows.sort();
        let names: Vec<_> = (0..objects).map(|name| name.to_string()).collect();
        assert_eq!(rows, names, "the table is equal to the truth");
        assert_eq!(self.stand.tasks_of_one_launch().await, 1, "one task per launch");
        let (count, mut attempts) = (self.lines("worked").len(), self.lines("worked"));
        attempts.dedup();
        assert_eq!(attempts.len(), count, "at most one execution of each attempt");
        if !["worker", "exec"].contains(&self.point.who) {
            let keys: Vec<_> = names.iter().map(|name| format!("{name}.csv")).collect();
            assert_eq!(self.lines("done"), keys, "each object is worked on once");
        }
        self.judge_queues(path.in_hand(&self.point), runs).await;
    }

    async fn judge_queues(&self, in_hand: Option<&str>, runs: &[RunRow]) {
        let in_hand = |queue: &str| usize::from(in_hand == Some(queue));
        assert_eq!(self.stand.depth("inbox-dead").await, in_hand("inbox-dead"));
        let failed = runs.iter().filter(|run| run.state() == "failed");
        let mut failed: Vec<_> = failed.map(|run| (run.id(), run.text(&["att"]))).collect();
        let mut told = Vec::new();
        for _ in in_hand("failed")..self.stand.depth("failed").await {
            let message = self.stand.take("failed").await.body.unwrap();
            let message: Value = serde_json::from_str(&message).unwrap();
            let run = message["run"].as_str().unwrap().to_owned();
            told.push((run, message["attempt"].to_string()));
        }
        told.sort();
        failed.sort();
        // Whoever does not know that it has told tells it again, under the same run and attempt.
        if self.point.who == "observer" && self.point.is("SendMessage", KNOWS_NOTHING) {
            told.dedup();
        }
        assert_eq!(told, failed, "each failure is told once");
    }
}
