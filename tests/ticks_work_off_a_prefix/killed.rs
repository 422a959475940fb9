//! A worker that is ended in the middle of a tick.

use longshore::{
    batch::{TickEnd, TickSummary},
    config::Variables,
    run::RunId,
};
use longshore_aws::{Clients, LedgerTable};
use longshore_engine::ports::Ticks as _;
use rustix::process::Signal;

use super::{Stand, hour, stand, tick};
use crate::stand::{BUCKET, LEDGER, RunRow, eventually, kill, pids_with};

/// Objects of the tick, and records of each: some seconds of work.
const OBJECTS: usize = 40;
const RECORDS: usize = 500;

fn id(object: usize, record: usize) -> String {
    format!("{object:02}-{record:03}")
}

impl Stand {
    /// Sends `signal` to the worker of `attempt` once it has written more than `items`.
    async fn end_the_worker(&self, attempt: u32, signal: Signal, items: usize) {
        eventually(&format!("attempt {attempt} in the middle of its work"), || async {
            let of_stand = pids_with(&format!("AWS_ENDPOINT_URL={}", self.dev.endpoint));
            let mut workers = pids_with(&format!("LONGSHORE_ATTEMPT={attempt}"));
            workers.retain(|pid| of_stand.contains(pid));
            let is_in_the_middle = !workers.is_empty() && self.ids().await.len() > items;
            is_in_the_middle.then(|| workers.into_iter().for_each(|pid| kill(pid, signal)))
        })
        .await;
        self.tick_run(hour(1), |run| run.text(&["att"]) > attempt.to_string()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_ended_in_the_middle_is_made_good_by_the_next() {
    let stand = stand();
    for object in 0..OBJECTS {
        let rows: Vec<_> = (0..RECORDS).map(|record| id(object, record) + "\n").collect();
        stand.upload(&format!("in/{object}.csv"), format!("id\n{}", rows.concat())).await;
    }
    let source = format!("s3://{BUCKET}/in/");
    let words = ["--source", &source, "--parallel", "2"];
    stand.send("inbox", &tick(hour(1), &words).to_string()).await;
    stand.end_the_worker(1, Signal::TERM, 0).await;
    let figures = ["status", "attempt", "reason", "troubled"];
    let kept = stand.kept(hour(1), &figures).await;
    assert_eq!(kept, ["failed", "1", "retryable: it was stopped before all were done", "0"]);
    let done: usize = stand.kept(hour(1), &["objects"]).await[0].parse().unwrap();
    assert!((1..OBJECTS).contains(&done), "those under way were let to their end: {done}");

    stand.end_the_worker(2, Signal::KILL, done * RECORDS).await;
    let items = stand.ids().await.len();
    assert!(items < OBJECTS * RECORDS, "it was killed after all was done");
    let run = stand.tick_run(hour(1), RunRow::has_ended).await;
    assert_eq!((run.state(), run.text(&["att"])), ("succeeded".into(), "3".into()), "{run:?}");
    let figures = ["status", "attempt", "objects", "items"];
    let kept = stand.kept(hour(1), &figures).await;
    assert_eq!(kept, ["done", "3", &OBJECTS.to_string(), &(OBJECTS * RECORDS).to_string()]);
    let every = (0..OBJECTS).flat_map(|object| (0..RECORDS).map(move |record| id(object, record)));
    let every: Vec<_> = every.collect();
    assert!(stand.ids().await == every, "the table is equal to the truth");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_was_given_up_does_not_speak_over_a_later_one() {
    let stand = stand();
    let variables: Variables = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", stand.dev.endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    let ledger = LedgerTable::new(&Clients::connect(&variables).await.unwrap(), LEDGER);
    let summary = |at, run: &str, attempt| TickSummary {
        trigger: "nightly".into(),
        scheduled_at: at,
        shard: 0,
        of: 1,
        run: RunId::derive("nightly", run),
        attempt,
        status: TickEnd::Done,
        reason: String::new(),
        objects: 0,
        bad: 0,
        refused: 0,
        troubled: 0,
        gone: 0,
        filtered: 0,
        bytes: 0,
        records: 0,
        items: 0,
        replaced: 0,
        rejected: 0,
        began: at,
        ended: at,
        since: None,
        complete_until: at,
        scope: String::new(),
    };
    let second = summary(hour(1), "one", 2);
    assert_eq!(ledger.keep(&second).await.ok(), Some(true));
    assert_eq!(ledger.keep(&summary(hour(1), "one", 1)).await.ok(), Some(false));
    assert_eq!(ledger.keep(&second).await.ok(), Some(true), "a lost answer is no refusal");
    assert_eq!(ledger.keep(&summary(hour(2), "two", 1)).await.ok(), Some(true));
    let earlier = |at, most| ledger.earlier("nightly", at, most);
    let both = [summary(hour(2), "two", 1), second.clone()];
    assert_eq!(earlier(hour(3), 9).await.unwrap(), both, "the newest first");
    assert_eq!(earlier(hour(3), 1).await.unwrap(), both[..1]);
    assert_eq!(earlier(hour(2), 9).await.unwrap(), [second], "no tick is before itself");
    assert_eq!(earlier(hour(1), 9).await.unwrap(), []);
    let anew = summary(hour(1), "forgotten and begun anew", 1);
    assert_eq!(ledger.keep(&anew).await.ok(), Some(true));
}
