//! One driver for all points and paths: path ─▶ stand ─▶ death at the point ─▶ judgement

use std::{fmt::Debug, sync::Arc};

use tokio::{sync::Semaphore, task::JoinHandle};

use super::scene::Scene;
use crate::stand::{Fate, RunRow, Template};

/// Stands that start and work at the same time; those that wait for a lease cost nothing.
const AT_WORK_MAX: usize = 3;

/// Says which objects are worked on, and has the worker of the same task do it.
pub(super) const INGEST: &str =
    r#"grep -o "[0-9a-z]*\.csv" "$LONGSHORE_INPUT_FILE" >>"$DIR/done"; exec "$PROGRAM" worker"#;
/// Work that ends when it is stopped.
pub(super) const SLEEP: &str = "exec sleep 600";

/// Who dies, at which call of which action, and in which ways.
pub(super) type Call = (&'static str, &'static str, usize, &'static [Fate]);

/// Who dies, at which call of which action, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    pub(super) who: &'static str,
    pub(super) action: &'static str,
    pub(super) nth: usize,
    pub(super) fate: Fate,
}

impl Point {
    /// Whether it dies at `action`, without having it known.
    pub(super) fn is(&self, action: &str, fates: &[Fate]) -> bool {
        self.action == action && fates.contains(&self.fate)
    }
}

/// What happens on a stand while somebody dies, and what holds at the end.
pub(super) trait Path: Copy + Debug + Send + Sync + 'static {
    /// What is run.
    fn template(self) -> Template {
        Template::of_repository().swept_by_hand().quick_deliveries().quick_attempts()
    }

    /// Parameters of the template.
    fn parameters(self) -> &'static [&'static str] {
        &[]
    }

    /// What a task does once it has the fence, in words of the shell.
    fn work(self) -> String {
        INGEST.into()
    }

    /// What is done before the calls on the wire count.
    fn before(self, _: &Scene) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// What is done while the wire may be cut.
    fn act(self, scene: &Scene) -> impl Future<Output = ()> + Send;

    /// Objects that are worked on: `0.csv` with the row 0, and so on.
    fn objects(self, point: &Point) -> usize;

    /// A queue with a message that the dead had in hand: it is in sight again after five minutes.
    fn in_hand(self, _: &Point) -> Option<&'static str> {
        None
    }

    /// What holds of the runs at the end.
    fn judge(self, scene: &Scene, runs: &[RunRow]) {
        assert_eq!(runs.len(), self.objects(&scene.point), "one run per upload: {runs:?}");
        assert!(runs.iter().all(|run| run.state() == "succeeded"), "{runs:?}");
    }
}

/// Deaths at many points, a few at the same time.
pub(super) struct Deaths {
    at_work: Arc<Semaphore>,
    under_way: Vec<(String, JoinHandle<()>)>,
}

impl Default for Deaths {
    fn default() -> Self {
        Self { at_work: Arc::new(Semaphore::new(AT_WORK_MAX)), under_way: Vec::new() }
    }
}

impl Deaths {
    /// Somebody dies at each of these points of the path.
    pub(super) fn at(&mut self, path: impl Path, calls: &[Call]) {
        for &(who, action, nth, fates) in calls {
            for &fate in fates {
                let point = Point { who, action, nth, fate };
                let died = tokio::spawn(die(path, point, Arc::clone(&self.at_work)));
                self.under_way.push((format!("{path:?}, {point:?}"), died));
            }
        }
    }

    /// Waits for all of them.
    pub(super) async fn all(self) {
        let mut failed = Vec::new();
        for (name, died) in self.under_way {
            if let Err(panic) = died.await {
                failed.push(format!("{name}: {panic}"));
            }
        }
        assert!(failed.is_empty(), "{failed:#?}");
    }
}

async fn die(path: impl Path, point: Point, at_work: Arc<Semaphore>) {
    let permit = at_work.acquire().await.unwrap();
    let scene = Scene::of(path, point);
    path.before(&scene).await;
    scene.wire.counts();
    path.act(&scene).await;
    drop(permit);
    let runs = scene.over(path.objects(&point)).await;
    scene.judge(path, &runs).await;
}
