//! What people ask for: whoever sees a command die says it again.

use super::{
    path::{INGEST, Path, Point, SLEEP},
    scene::Scene,
};
use crate::stand::{
    Fate::{DiesAfter, DiesBefore},
    RunRow, Template, eventually, pids_with,
};

/// Runs that failed, and are redriven.
#[derive(Clone, Copy, Debug)]
pub(super) struct Redriven;

impl Path for Redriven {
    fn template(self) -> Template {
        Template::of_repository().swept_by_hand().quick_deliveries().one_attempt()
    }

    fn work(self) -> String {
        format!(r#"test -e "$DIR/go" || exit 1; {INGEST}"#)
    }

    async fn before(self, scene: &Scene) {
        scene.upload("0").await;
        scene.upload("1").await;
        eventually("two failures that are told", || async {
            let runs = scene.stand.runs().await;
            let is_told = |run: &RunRow| run.state() == "failed" && !run.has("due");
            (runs.len() == 2 && runs.iter().all(is_told)).then_some(())
        })
        .await;
        assert_eq!(scene.stand.depth("failed").await, 2);
        scene.touch("go");
    }

    async fn act(self, scene: &Scene) {
        let ids: Vec<_> = scene.stand.runs().await.iter().map(RunRow::id).collect();
        if scene.command(&["redrive", "--all"]) {
            scene.stand.longshore(&["redrive", &ids[0], &ids[1]]).well();
        }
        scene.stand.sweep();
    }

    fn objects(self, _: &Point) -> usize {
        2
    }

    fn in_hand(self, point: &Point) -> Option<&'static str> {
        let is_in_hand = point.who == "redrive"
            && (point.is("TransactWriteItems", &[DiesBefore, DiesAfter])
                || point.is("DeleteMessage", &[DiesBefore]));
        is_in_hand.then_some("failed")
    }

    fn judge(self, _: &Scene, runs: &[RunRow]) {
        let ends: Vec<_> = runs.iter().map(|run| (run.state(), run.text(&["att"]))).collect();
        let well = ("succeeded".to_owned(), "2".to_owned());
        assert_eq!(ends, [well.clone(), well], "{runs:?}");
    }
}

/// Envelopes that could not be delivered, and are sent again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Undelivered;

impl Path for Undelivered {
    fn template(self) -> Template {
        let inbox = "Arn: !If [Batches, !GetAtt BatchInbox.Arn, !GetAtt Inbox.Arn]";
        Template::of_repository()
            .swept_by_hand()
            .quick_deliveries()
            .with(inbox, "Arn: !GetAtt InboxDead.Arn")
    }

    async fn before(self, scene: &Scene) {
        scene.upload("1").await;
        self.is_dead(scene, 1).await;
    }

    async fn act(self, scene: &Scene) {
        scene.command(&["redrive", "--envelopes"]);
        let in_hand = usize::from(self.in_hand(&scene.point).is_some());
        scene.upload("0").await;
        self.is_dead(scene, in_hand + 1).await;
        scene.stand.longshore(&["redrive", "--envelopes"]).well();
    }

    fn objects(self, point: &Point) -> usize {
        2 - usize::from(point.is("SendMessage", &[DiesBefore]))
    }

    fn in_hand(self, point: &Point) -> Option<&'static str> {
        let is_deleted = point.is("DeleteMessage", &[DiesAfter]);
        (!is_deleted).then_some("inbox-dead")
    }
}

impl Undelivered {
    async fn is_dead(self, scene: &Scene, count: usize) {
        eventually("the dead letters", || async {
            (scene.stand.depth("inbox-dead").await == count).then_some(())
        })
        .await;
    }
}

/// A run whose work does not end, and that is cancelled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cancelled;

impl Path for Cancelled {
    fn work(self) -> String {
        SLEEP.into()
    }

    async fn before(self, scene: &Scene) {
        scene.upload("0").await;
        scene.is_at_work().await;
    }

    async fn act(self, scene: &Scene) {
        let id = scene.stand.runs().await[0].id();
        if scene.command(&["cancel", &id, "--reason", "Ada"]) {
            scene.stand.longshore(&["cancel", &id, "--reason", "Ada"]).well();
        }
        scene.stand.sweep();
    }

    fn objects(self, _: &Point) -> usize {
        0
    }

    fn judge(self, _: &Scene, runs: &[RunRow]) {
        assert_eq!(runs.len(), 1, "{runs:?}");
        assert_eq!(runs[0].state(), "cancelled", "{runs:?}");
        assert!(runs[0].text(&["outcome", "reason"]).contains("Ada"), "{runs:?}");
        let task = format!("LONGSHORE_RUN={}", runs[0].id());
        assert!(pids_with(&task).is_empty(), "its task has ended");
    }
}
