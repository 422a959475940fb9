//! What one million rows cost the worker in CPU: file ─▶ ingest ─▶ `BatchWriteItem` over HTTP.
//!
//! `cargo bench --bench ingest -- [ROWS] [LANES] [LATENCY_MS]`. The endpoint is a process of its
//! own, so that what is measured is the worker alone: everything on, but TLS and S3.

#[path = "../apart.rs"]
mod apart;
mod endpoint;
mod rows;

use std::time::Instant;

use apart::{ENDPOINT, cpu_secs, spawn_endpoint};
use longshore::ingest::KeySchema;
use longshore_aws::{BatchWriter, Clients, Machine};
use longshore_engine::ingest::{IngestPlan, Ingested, ingest};
use longshore_engine::ports::{Lease, ObjectRef};
use rows::RowsFile;

const ROWS_DEFAULT: u64 = 300_000;
const LANES_DEFAULT: u64 = 8;

type Failure = Box<dyn std::error::Error>;

struct Ours;

impl Lease for Ours {
    async fn still_ours(&self) -> bool {
        true
    }
}

fn main() -> Result<(), Failure> {
    // `cargo bench` adds its own flag.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let number = |index: usize, default| {
        words.get(index).and_then(|word| word.parse().ok()).unwrap_or(default)
    };
    if words.first().is_some_and(|word| word == ENDPOINT) {
        return Ok(endpoint::serve(number(1, 0))?);
    }
    let (rows, lanes, latency_ms) =
        (number(0, ROWS_DEFAULT), number(1, LANES_DEFAULT), number(2, 0));
    for name in ["rows.csv", "rows.ndjson"] {
        let file = RowsFile::write(name, rows)?;
        measure(name, &file, rows, lanes, latency_ms)?;
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a benchmark says what it measured")]
fn measure(
    name: &str,
    file: &RowsFile,
    rows: u64,
    lanes: u64,
    latency_ms: u64,
) -> Result<(), Failure> {
    let (mut child, url) = spawn_endpoint(latency_ms)?;
    let (cpu, wall) = (cpu_secs(), Instant::now());
    let done = run(name, file, usize::try_from(lanes)?, &url);
    let (cpu, wall) = (cpu_secs() - cpu, wall.elapsed().as_secs_f64());
    child.kill()?;
    child.wait()?;
    assert_eq!(done?.summary.counts().written, rows);
    let millions = f64::from(u32::try_from(rows)?) / 1e6;
    println!(
        "{name}: {rows} rows, {lanes} lanes, {latency_ms} ms: {:.2} CPU s per million rows, \
         {:.0} rows/s, peak RSS {} KiB",
        cpu / millions,
        millions * 1e6 / wall,
        peak_rss_kib(),
    );
    Ok(())
}

fn run(name: &str, file: &RowsFile, lanes: usize, url: &str) -> Result<Ingested, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let clients = Clients::connect(&apart::variables(url)).await?;
        let key: KeySchema = "id".parse()?;
        let table = BatchWriter::new(&clients, "t", key.clone()).await?;
        let object =
            ObjectRef { bucket: "b".into(), key: name.into(), version_id: None, etag: None };
        let mut plan = IngestPlan::new(object, key, "b".into());
        plan.lanes = lanes;
        Ok(ingest(file, &table, &Machine, &Ours, &plan).await?)
    })
}

fn peak_rss_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
