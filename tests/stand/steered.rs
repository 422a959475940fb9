//! Runs that wait, and runs that the sweep brings to their end.

use super::{RunRow, Stand, eventually};

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
}
