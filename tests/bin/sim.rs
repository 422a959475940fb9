//! `cargo sim --seeds N [--from S]`: the simulation, for as many seeds as there is time for.

use std::{num::NonZeroUsize, panic::resume_unwind, process::ExitCode, thread, time::Instant};

use longshore_tests::simulation::{Planted, Stats, Violation, simulate};

const USAGE: &str = "usage: cargo sim --seeds N [--from S]";
/// `EX_USAGE` of sysexits.
const EXIT_USAGE: u8 = 64;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to its user")]
fn main() -> ExitCode {
    let (from, seeds) = match flags(std::env::args().skip(1)) {
        Ok(flags) => flags,
        Err(wrong) => {
            eprintln!("sim: {wrong}; {USAGE}");
            return ExitCode::from(EXIT_USAGE);
        }
    };
    let begin = Instant::now();
    match simulate_all(from, seeds) {
        Ok(stats) => {
            let secs = begin.elapsed().as_secs_f64();
            println!("{seeds} seeds from {from} in {secs:.1} s: {:.0} seeds/s", rate(seeds, secs));
            println!("{stats}0 violations");
            ExitCode::SUCCESS
        }
        Err(violation) => {
            println!("{violation}");
            println!("again: cargo sim --seeds 1 --from {}", violation.seed);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
fn rate(seeds: u64, secs: f64) -> f64 {
    seeds as f64 / secs
}

/// First seed, and how many.
fn flags(mut given: impl Iterator<Item = String>) -> Result<(u64, u64), String> {
    let (mut from, mut seeds) = (0, None);
    while let Some(flag) = given.next() {
        let number = |text: Option<String>| {
            let text = text.ok_or_else(|| format!("`{flag}` needs a number"))?;
            text.parse::<u64>().map_err(|_| format!("`{flag} {text}` is not a number from 0"))
        };
        match flag.as_str() {
            "--seeds" => seeds = Some(number(given.next())?),
            "--from" => from = number(given.next())?,
            _ => return Err(format!("`{flag}` is not a flag")),
        }
    }
    let seeds = seeds.filter(|&seeds| seeds > 0).ok_or("--seeds is missing or 0")?;
    from.checked_add(seeds).ok_or("there are not that many seeds")?;
    Ok((from, seeds))
}

/// Deals the seeds to as many threads as there are cores; the lowest violation counts.
fn simulate_all(from: u64, seeds: u64) -> Result<Stats, Box<Violation>> {
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let results: Vec<_> = thread::scope(|scope| {
        let deal = |nth: usize| {
            scope.spawn(move || {
                let mut stats = Stats::default();
                for seed in (from..from + seeds).skip(nth).step_by(threads) {
                    stats.add(&simulate(seed, Planted::Nothing)?);
                }
                Ok::<_, Box<Violation>>(stats)
            })
        };
        let dealt: Vec<_> = (0..threads).map(deal).collect();
        let joined = dealt.into_iter().map(thread::ScopedJoinHandle::join);
        joined.map(|it| it.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    let mut stats = Stats::default();
    let mut lowest: Option<Box<Violation>> = None;
    for result in results {
        match result {
            Ok(other) => stats.add(&other),
            Err(found) if lowest.as_ref().is_some_and(|it| it.seed < found.seed) => {}
            Err(found) => lowest = Some(found),
        }
    }
    lowest.map_or(Ok(stats), Err)
}
