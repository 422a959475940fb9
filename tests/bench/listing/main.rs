//! What a million keys cost a tick: pages of a listing, or rows of an inventory ─▶ shard and filter ─▶
//! work that does nothing. Prints keys per CPU second, and by how much the peak of the memory grows
//! after the first tenth; judges nothing.
//!
//! ```text
//! cargo bench --bench listing -- 1000000
//! ```

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

mod source;

use std::cell::Cell;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use longshore::batch::{Address, Filter, Found, Options, Shard, Tally};
use longshore::ingest::{Counts, Summary};
use longshore_aws::Machine;
use longshore_engine::ingest::tick::{Course, Inventory, Names, Pages, work_off};
use longshore_engine::ingest::{IngestError, Ingested};
use longshore_engine::ports::Lease;
use source::{Lists, MANIFEST, Prefix};

/// Keys, unless the argument says otherwise.
const KEYS: u64 = 1_000_000;
/// Every fourth is ours.
const SHARDS: u32 = 4;

struct Ours;

impl Lease for Ours {
    async fn still_ours(&self) -> bool {
        true
    }
}

/// Notes the peak of the memory when a tenth of all keys has come by.
struct Noted<N> {
    names: N,
    keys: u64,
    tenth: u64,
    peak_kib: Cell<u64>,
}

impl<N: Names> Names for Noted<N> {
    async fn next(&mut self) -> Result<Option<Vec<Found>>, IngestError> {
        let page = self.names.next().await?;
        self.keys += page.as_ref().map_or(0, |page| page.len() as u64);
        if self.peak_kib.get() == 0 && self.keys >= self.tenth {
            self.peak_kib.set(peak_kib());
        }
        Ok(page)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), IngestError> {
    let keys = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(KEYS);
    let place = Address { bucket: "data".into(), key: "logs/".into() };
    let prefix = Prefix { keys };
    measure("pages of 1,000", keys, Pages::new(&prefix, &Machine, &place), 0.0).await?;
    let cpu = cpu_secs();
    let lists = Lists::of(keys);
    // Its rows are made up once more when they are read.
    let made = cpu_secs() - cpu;
    let place = Address { bucket: "lists".into(), key: MANIFEST.into() };
    let inventory = Inventory::open(&lists, &Machine, &place, &[]).await?;
    measure("rows of an inventory", keys, inventory, made).await
}

/// Works `names` off; to make them up takes `made` CPU seconds of it.
async fn measure(what: &str, keys: u64, names: impl Names, made: f64) -> Result<(), IngestError> {
    let words = ["--source", "s3://data/logs/", "--suffix", ".csv.gz", "--min-size", "1"];
    let choice = Options::parse(words.map(str::to_owned)).expect("well written").choice;
    let shard = Shard::new(0, SHARDS).expect("a share");
    let since = "2026-11-22T00:00:00Z".parse().ok();
    let filter = Filter { choice, since, shard, dead_letters: Some("dead-letter/".into()) };
    let stop = AtomicBool::new(false);
    let course = Course { filter: &filter, parallel: 4, lease: &Ours, stop: &stop };
    let mut names = Noted { names, keys: 0, tenth: keys / 10, peak_kib: Cell::new(0) };
    let nothing = Summary::try_from(Counts::default()).expect("nothing is nothing");
    let work = |_: Found| async move { Ok(Ingested { summary: nothing, dead_letters: None }) };
    let (mut tally, cpu, wall) = (Tally::default(), cpu_secs(), Instant::now());
    work_off(&mut names, &course, work, &mut tally).await?;
    let (cpu, wall) = (cpu_secs() - cpu - made, wall.elapsed().as_secs_f64());
    assert_eq!(names.keys, keys, "all keys came by");
    let per_second = f64::from(u32::try_from(keys).unwrap_or(u32::MAX)) / cpu;
    let (tenth, end) = (names.peak_kib.get(), peak_kib());
    println!(
        "{what}: {keys} keys, {} of shard {shard}, {cpu:.2} CPU s ({per_second:.0} keys per CPU \
         second), {wall:.2} s; peak memory {:.1} MiB after a tenth, {} KiB more at the end",
        tally.taken() + tally.filtered,
        mib(tenth),
        end - tenth
    );
    Ok(())
}

fn mib(kib: u64) -> f64 {
    f64::from(u32::try_from(kib).unwrap_or(u32::MAX)) / 1_024.0
}

/// CPU time of this process so far.
fn cpu_secs() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanos: f64 = stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0.0);
    nanos / 1e9
}

/// Most memory that this process has had.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
