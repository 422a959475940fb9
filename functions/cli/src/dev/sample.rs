//! The sample: one upload of real data, followed until every row of it is in the table.

use std::time::Duration;

use longshore::{
    config::Variables,
    run::{Run, State},
};
use longshore_aws::{Clients, LedgerTable, RecordsTable, S3Objects};
use longshore_engine::ports::Objects;
use longshore_local::{
    Local,
    template::{Resource, Stack},
};
use tokio::time::timeout;

use super::{follow::Follow, steps::Steps};

use crate::page::{self, say, thousands};

/// Airports of the United States (public domain; see the README beside the file).
const AIRPORTS: &[u8] = include_bytes!("../../../../tests/fixtures/objects/airports.csv");
/// Key of the sample.
const KEY: &str = "airports.csv";
/// Attributes of the sample in the order of its file.
const COLUMNS: [&str; 7] = ["id", "name", "city", "state", "country", "latitude", "longitude"];
/// Rows that are shown.
const SHOWN: i32 = 5;
/// Longest wait for the sample: a thousand times what it takes.
const WAIT: Duration = Duration::from_mins(1);
/// The same with chaos: a lost event is made good by the sweep, which looks minutes later.
const WAIT_WITH_CHAOS: Duration = Duration::from_mins(10);

/// Where the sample goes through.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) bucket: String,
    ledger: String,
    records: String,
    /// Name of the records' key.
    pub(super) key_field: String,
    wait: Duration,
}

impl Sample {
    /// The resources by their logical ids, if the template has them.
    pub(super) fn of(local: &Local) -> Option<Self> {
        let stack = local.stack();
        let physical = |id: &str| stack.physical.get(id).cloned();
        Some(Self {
            bucket: physical("Uploads")?,
            ledger: physical("Ledger")?,
            records: physical("Records")?,
            key_field: key_field(stack)?,
            wait: if local.chaos().is_some() { WAIT_WITH_CHAOS } else { WAIT },
        })
    }

    /// Follows runs by the ledger of this stack.
    pub(super) fn follow(&self, clients: &Clients, steps: Steps) -> Follow {
        Follow::new(LedgerTable::new(clients, &self.ledger), steps)
    }

    /// Uploads it, shows every step, and answers an error unless every row arrived.
    pub(super) async fn run(&self, clients: &Clients, follow: &mut Follow) -> Result<(), String> {
        let objects = S3Objects::new(clients);
        let uploading = objects.put(&self.bucket, KEY, bytes::Bytes::from_static(AIRPORTS));
        uploading.await.map_err(|error| format!("the sample could not be uploaded: {error}"))?;
        let run = timeout(self.wait, of_the_sample(follow)).await.map_err(|_| {
            format!(
                "the run of the sample did not end within {} s; see the logs",
                self.wait.as_secs()
            )
        })??;
        let records = RecordsTable::new(clients, &self.records);
        let count = records.count().await.map_err(|error| error.to_string())?;
        let items = records.some(SHOWN).await.map_err(|error| error.to_string())?;
        if count > 0 {
            let (shown, count) = (items.len(), thousands(count));
            say(&format!("\nTable {}, {shown} of {count} rows:\n", self.records));
            page::table(&items, &COLUMNS);
        }
        history(&run);
        let expected = rows_of_the_sample();
        if count < expected {
            let why = run.outcome.map(|outcome| outcome.reason).unwrap_or_default();
            return Err(format!("{count} of {expected} rows arrived: {why}"));
        }
        Ok(())
    }
}

fn key_field(stack: &Stack) -> Option<String> {
    let declared = stack.resources.iter().find(|declared| declared.logical_id == "Records")?;
    let Resource::Table(table) = &declared.resource else { return None };
    table.create["KeySchema"][0]["AttributeName"].as_str().map(str::to_owned)
}

async fn of_the_sample(follow: &mut Follow) -> Result<Run, String> {
    loop {
        let run = follow.next_ended().await?;
        // An upload whose answer was lost is repeated: then the newer version has the rows.
        let is_about_it = run.input.object().is_some_and(|object| object.key == KEY);
        if is_about_it && run.state != State::Superseded {
            return Ok(run);
        }
    }
}

fn history(run: &Run) {
    say(&format!("\nRun {} of trigger {}:\n", run.id, run.trigger));
    for entry in &run.history {
        let since = entry.at.duration_since(run.admitted_at).as_millis();
        say(&format!("{since:>9} ms  {:<10} {}", entry.state.word(), entry.note));
    }
}

/// Lines of the sample but its header; no cell of it holds a line break.
fn rows_of_the_sample() -> u64 {
    AIRPORTS.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>() - 1
}

/// Clients of the embedded AWS, whose credentials are everybody's.
pub(super) async fn clients(endpoint: &str) -> Result<Clients, longshore_aws::ClientsError> {
    let variables = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    let variables: Variables =
        variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Clients::connect(&variables).await
}
