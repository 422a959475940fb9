//! Uploads: each a run of its own, gathered into one, and in need of being told apart.

use super::{
    path::{INGEST, Path, Point},
    scene::Scene,
};
use crate::stand::{RunRow, Template};

/// Uploads, of which the first is alone until somebody dies of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct OneByOne;

impl Path for OneByOne {
    async fn act(self, scene: &Scene) {
        scene.upload("0").await;
        scene.is_cut().await;
        scene.upload("1").await;
        scene.upload("2").await;
    }

    fn objects(self, _: &Point) -> usize {
        3
    }
}

/// Uploads that are gathered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gathered;

const GATHERS: &[&str] = &["--parameter", "BatchObjects=10"];

impl Path for Gathered {
    fn template(self) -> Template {
        OneByOne.template().quick_gathering()
    }

    fn parameters(self) -> &'static [&'static str] {
        GATHERS
    }

    async fn act(self, scene: &Scene) {
        for name in ["0", "1", "2"] {
            scene.upload(name).await;
        }
        scene.is_cut().await;
    }

    fn objects(self, _: &Point) -> usize {
        3
    }

    /// Copies in other company are runs without an object.
    fn judge(self, _: &Scene, runs: &[RunRow]) {
        let is_well = |run: &RunRow| ["succeeded", "superseded"].contains(&run.state().as_str());
        assert!(runs.iter().all(is_well), "{runs:?}");
    }
}

/// Uploads that are gathered, and work that cannot tell which of them is bad.
#[derive(Clone, Copy, Debug)]
pub(super) struct Split;

impl Path for Split {
    fn template(self) -> Template {
        Gathered.template().one_attempt()
    }

    fn parameters(self) -> &'static [&'static str] {
        GATHERS
    }

    fn work(self) -> String {
        format!(r#"! grep -q bad "$LONGSHORE_INPUT_FILE" || exit 1; {INGEST}"#)
    }

    async fn act(self, scene: &Scene) {
        for name in ["0", "1", "2", "bad"] {
            scene.upload(name).await;
        }
        scene.is_cut().await;
    }

    fn objects(self, _: &Point) -> usize {
        3
    }

    /// Four objects are halved twice until the bad one is alone.
    fn judge(self, _: &Scene, runs: &[RunRow]) {
        let failed: Vec<_> = runs.iter().filter(|run| run.state() == "failed").collect();
        assert_eq!(failed.iter().map(|run| run.key()).collect::<Vec<_>>(), ["bad.csv"]);
        let mut states: Vec<_> = runs.iter().map(RunRow::state).collect();
        states.sort();
        assert_eq!(states, ["failed", "succeeded", "succeeded", "superseded", "superseded"]);
    }
}
