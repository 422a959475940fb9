//! What scaling costs and how long messages wait: longshore beside what else there is, on loads
//! that are made up from seeds. Prints a table and whether each bar is met; exit code 1 if not.
//!
//! ```text
//! cargo bench --bench scaling -- --seeds 10 --from 1 --shapes flash,on-off
//! ```

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints")]

mod bars;
mod grid;
mod speed;
mod table;

use std::process::ExitCode;

use longshore_simulate::Shape;

const USAGE: &str = "usage: cargo bench --bench scaling -- [--seeds N] [--from S] [--shapes A,B]";
/// `EX_USAGE` of sysexits.
const EXIT_USAGE: u8 = 64;
/// Seeds, unless the arguments say otherwise.
const SEEDS: u64 = 10;

/// What is run.
struct Asked {
    shapes: Vec<Shape>,
    from: u64,
    seeds: u64,
}

fn main() -> ExitCode {
    let asked = match asked(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(wrong) => {
            eprintln!("scaling: {wrong}; {USAGE}");
            return ExitCode::from(EXIT_USAGE);
        }
    };
    let grid = grid::run(&asked.shapes, asked.from, asked.seeds);
    table::print(&grid, &asked.shapes);
    let are_met = bars::print(&grid, &asked.shapes);
    let is_fast = speed::print();
    if are_met && is_fast { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn asked(mut given: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut asked = Asked { shapes: Shape::ALL.to_vec(), from: 1, seeds: SEEDS };
    while let Some(flag) = given.next() {
        // Cargo says it to every benchmark.
        if flag == "--bench" {
            continue;
        }
        let value = given.next().ok_or_else(|| format!("`{flag}` needs a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("`{flag} {value}` is no number"));
        match flag.as_str() {
            "--seeds" => asked.seeds = number()?.max(1),
            "--from" => asked.from = number()?,
            "--shapes" => {
                asked.shapes = value.split(',').map(str::parse).collect::<Result<_, _>>()?;
            }
            _ => return Err(format!("`{flag}` is not a flag")),
        }
    }
    Ok(asked)
}
