//! A storm: many events, each many times over and in no order. `LONGSHORE_STORM=10000` sends more
//! of them than the suite does, and prints what they cost.

use std::{collections::BTreeSet, time::Instant};

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use serde_json::json;

use crate::stand::{RunRow, Stand, envelope, eventually};

/// Events of the suite.
const EVENTS: usize = 250;
/// Times that each is delivered.
const COPIES: usize = 20;
/// Most messages of one call (SendMessageBatch API reference).
const SENT_AT_ONCE: usize = 10;

/// A number below `bound`, by splitmix64: the same shuffle each time.
fn below(state: &mut u64, bound: usize) -> usize {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    usize::try_from((mixed ^ (mixed >> 27)) >> 33).unwrap() % bound
}

fn shuffled(mut all: Vec<usize>) -> Vec<usize> {
    let mut state = 7;
    for last in (1..all.len()).rev() {
        all.swap(last, below(&mut state, last + 1));
    }
    all
}

fn event(nth: usize) -> String {
    let object = json!({"key": format!("k{nth}"), "version-id": "v", "sequencer": "01", "size": 1});
    envelope(&object).to_string()
}

impl Stand {
    async fn storm(&self, events: &[usize]) {
        let url = format!("{}/000000000000/longshore-inbox", self.dev.endpoint);
        for nths in events.chunks(SENT_AT_ONCE) {
            let entries = nths.iter().enumerate().map(|(id, nth)| {
                let entry = SendMessageBatchRequestEntry::builder().id(id.to_string());
                entry.message_body(event(*nth)).build().unwrap()
            });
            let send = self.sqs.send_message_batch().queue_url(&url);
            let answer = send.set_entries(Some(entries.collect())).send().await.unwrap();
            assert!(answer.failed().is_empty(), "{answer:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "figures")]
async fn a_storm_of_copies_in_no_order_is_one_run_for_each_event() {
    let events = std::env::var("LONGSHORE_STORM").map_or(EVENTS, |events| events.parse().unwrap());
    let stand = Stand::start();
    stand.upload("first.csv", "id\n1\n").await;
    stand.ended("first.csv").await;
    // Only the runs are counted: their tasks would take as long as permits allow.
    stand.paused("longshore-uploads").await;
    let before = stand.runs().await.len();
    let (began, cpu) = (Instant::now(), stand.dev.cpu_secs());
    let copies = (0..events).flat_map(|nth| [nth; COPIES]).collect();
    stand.storm(&shuffled(copies)).await;
    let mut left = usize::MAX;
    loop {
        // As long as it goes on, it takes the time that it takes.
        left = eventually("a shorter inbox", || async {
            let depth = stand.depth("inbox").await;
            (depth == 0 || depth < left).then_some(depth)
        })
        .await;
        if left == 0 {
            break;
        }
    }
    let (wall, after) = (began.elapsed().as_secs_f64(), stand.dev.cpu_secs());
    let (aws, functions) = (after.0 - cpu.0, after.1 - cpu.1);
    println!("{events} events, each delivered {COPIES} times, in {wall:.1} s");
    println!("CPU seconds: embedded AWS {aws:.1}, functions {functions:.1}");
    println!("{:.0} events admitted per second and core", events as f64 / (aws + functions));
    let runs = stand.runs().await;
    let keys: BTreeSet<_> = runs.iter().map(RunRow::key).collect();
    assert_eq!((runs.len(), keys.len()), (events + before, events + before));
    let is_of_storm = |run: &&RunRow| run.key().starts_with('k');
    assert!(runs.iter().filter(is_of_storm).all(|run| run.text(&["waits"]) == "paused"));
    assert_eq!(stand.depth("inbox-dead").await, 0);
}
