//! What the sweep does by itself: it asks about tasks, launches and stops them.

use super::{
    path::{INGEST, Path, Point, SLEEP},
    scene::Scene,
};
use crate::stand::{RunRow, Template};

/// No event tells of tasks, and the first attempt fails: only the sweep sees it, and launches the
/// next one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unseen;

impl Path for Unseen {
    /// The sweep asks about a task when its time is over, which the work keeps by far.
    fn template(self) -> Template {
        Template::of_repository()
            .swept_by_hand()
            .quick_deliveries()
            .quick_attempts()
            .with("lastStatus: [RUNNING, STOPPED]", "lastStatus: [NEVER]")
            .with("\"timeout\": \"30m\"", "\"timeout\": \"12s\"")
    }

    fn work(self) -> String {
        format!(r#"test "$LONGSHORE_ATTEMPT" -gt 1 || exit 1; {INGEST}"#)
    }

    async fn act(self, scene: &Scene) {
        scene.upload("0").await;
        scene.is_at_work().await;
    }

    fn objects(self, _: &Point) -> usize {
        1
    }
}

/// Work that does not end: the sweep stops its task.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overdue;

impl Path for Overdue {
    fn template(self) -> Template {
        Template::of_repository()
            .swept_by_hand()
            .quick_deliveries()
            .one_attempt()
            .with("\"timeout\": \"30m\"", "\"timeout\": \"2s\"")
    }

    fn work(self) -> String {
        SLEEP.into()
    }

    async fn act(self, scene: &Scene) {
        scene.upload("0").await;
        scene.is_at_work().await;
    }

    fn objects(self, _: &Point) -> usize {
        0
    }

    fn judge(self, _: &Scene, runs: &[RunRow]) {
        assert_eq!(runs.len(), 1, "{runs:?}");
        assert_eq!(runs[0].state(), "failed", "{runs:?}");
        let reason = runs[0].text(&["outcome", "reason"]);
        assert!(reason.contains("ran longer than 2 s"), "{reason}");
    }
}
