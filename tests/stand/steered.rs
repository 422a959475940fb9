//! Runs that wait, and runs that the sweep brings to their end.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use jiff::Timestamp;

use super::{RunRow, Stand, eventually};

/// Longest wait for what may need two leases (120 s each) and a sweep.
const LONG_WAIT: Duration = Duration::from_mins(15);
/// Between two looks at the ledger.
const LOOK: Duration = Duration::from_secs(1);
/// Most tasks of one DescribeTasks (API reference).
const DESCRIBED_MAX: usize = 100;
/// Between two sweeps, of due runs and of those that the ledger does not say to be due.
const SWEEP: Duration = Duration::from_secs(10);
const SWEEP_IDLE: Duration = Duration::from_secs(30);

impl Stand {
    /// Pauses the trigger and waits until its functions know; the runs that wait.
    pub(crate) async fn paused(&self, trigger: &str) -> Vec<RunRow> {
        let said = self.longshore(&["pause", trigger]).well();
        assert!(said.contains("is paused"), "{said}");
        let mut uploads = 0;
        eventually("a run that waits", || {
            uploads += 1;
            self.waits_paused(uploads)
        })
        .await
    }

    async fn waits_paused(&self, upload: u32) -> Option<Vec<RunRow>> {
        let key = format!("paused-{upload}.csv");
        self.upload(&key, "id\npaused\n").await;
        let run = self.admitted(&key).await;
        (run.text(&["waits"]) == "paused").then(|| vec![run])
    }

    /// Waits until the one run of `key` waits for something, or has ended.
    pub(crate) async fn admitted(&self, key: &str) -> RunRow {
        eventually(&format!("the run of `{key}`, waiting or ended"), || async {
            let run = self.runs_of(key).await.pop()?;
            (run.has_ended() || run.has("waits")).then_some(run)
        })
        .await
    }

    /// Sweeps until the one run of `key` has ended.
    pub(crate) async fn swept_to_an_end(&self, key: &str) -> RunRow {
        eventually(&format!("the end of the run of `{key}`"), || async {
            self.sweep();
            self.runs_of(key).await.pop().filter(RunRow::has_ended)
        })
        .await
    }

    /// Sweeps until every upload is one run and each has ended.
    pub(crate) async fn all_ended(&self, uploads: usize) -> Vec<RunRow> {
        self.swept(&format!("the ends of {uploads} uploads"), |runs| async move {
            assert!(runs.len() <= uploads, "one run per upload: {runs:?}");
            (runs.len() == uploads && runs.iter().all(RunRow::has_ended)).then_some(runs)
        })
        .await
    }

    /// Looks at all runs until there is something, and sweeps when one of them is due: a sweep costs
    /// much more than a look.
    pub(crate) async fn swept<T, F>(&self, what: &str, look: impl Fn(Vec<RunRow>) -> F) -> T
    where
        F: Future<Output = Option<T>>,
    {
        let began = Instant::now();
        let mut swept = began;
        loop {
            let runs = self.runs().await;
            let is_due = runs.iter().any(|run| run.is_due(Timestamp::now()));
            if let Some(found) = look(runs.clone()).await {
                return found;
            }
            assert!(began.elapsed() < LONG_WAIT, "{what} did not come: {runs:?}");
            if swept.elapsed() >= if is_due { SWEEP } else { SWEEP_IDLE } {
                self.sweep();
                swept = Instant::now();
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits a while until it is so.
    pub(crate) async fn reached(&self, is_so: impl Fn() -> bool) {
        let began = Instant::now();
        while !is_so() && began.elapsed() < LOOK * 20 {
            tokio::time::sleep(LOOK / 20).await;
        }
    }

    /// Most tasks that one launch of one run has had.
    pub(crate) async fn tasks_of_one_launch(&self) -> usize {
        let mut launches = BTreeMap::<String, usize>::new();
        for status in ["RUNNING", "STOPPED"] {
            let listed = self.ecs.list_tasks().cluster("longshore-Cluster");
            let listed = listed.desired_status(status.into()).into_paginator().items().send();
            let arns: Vec<String> = listed.try_collect().await.unwrap();
            for some in arns.chunks(DESCRIBED_MAX) {
                let described = self.ecs.describe_tasks().cluster("longshore-Cluster");
                let described = described.set_tasks(Some(some.to_vec())).send().await.unwrap();
                for task in described.tasks.unwrap_or_default() {
                    *launches.entry(task.started_by.unwrap_or_default()).or_default() += 1;
                }
            }
        }
        launches.into_values().max().unwrap_or_default()
    }
}
