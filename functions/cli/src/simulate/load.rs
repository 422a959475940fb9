//! The load that `longshore simulate` is asked about.

use std::{fs, io, path::Path};

use longshore::scale::Settings;
use longshore_simulate::{BadLine, Longshore, Recorded, Trace, arrivals, observations};

use super::{Load, WORK_SECS};
use crate::args::SimulateArgs;

/// Most bytes of a file of arrivals.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// The load that the arguments name.
pub(super) fn load(args: &SimulateArgs) -> Result<Load, String> {
    let (trace, launch_secs) = trace(args)?;
    let settings = Settings {
        min_tasks: args.min_tasks,
        max_tasks: args.max_tasks,
        ..Longshore::settings(&trace, args.bias.into())
    };
    Ok(Load { trace, settings, launch_secs: args.launch_delay.or(launch_secs) })
}

/// Messages, and how long a task takes to start, as far as known.
fn trace(args: &SimulateArgs) -> Result<(Trace, Option<f64>), String> {
    let (mut trace, launch_secs) = match (&args.load, &args.csv, &args.log) {
        (Some(shape), ..) => (shape.trace(args.show.seed), None),
        (None, Some(file), _) => (made(args, file, arrivals(&read(file)?), None)?, None),
        (None, None, Some(file)) => {
            let known = observations(&read(file)?).and_then(|log| Recorded::of(&log));
            let known = known.map_err(|bad| format!("{}: {bad}", file.display()))?;
            if known.arrivals.is_empty() {
                return Err(format!("{}: no message came; take a longer time", file.display()));
            }
            (made(args, file, Ok(known.arrivals), known.work_secs)?, known.launch_secs)
        }
        (None, None, None) => {
            return Err("there is no load; name one, or a file by --csv or --log".into());
        }
    };
    if let Some(max_wait) = args.max_wait {
        trace.max_wait_secs = max_wait.get().into();
    }
    if let Some(slots) = args.messages_per_task {
        trace.slots = usize::try_from(slots).unwrap_or(1);
    }
    Ok((trace, launch_secs))
}

/// Messages that come as a file says.
fn made(
    args: &SimulateArgs,
    file: &Path,
    arrivals: Result<Vec<f64>, BadLine>,
    work_secs: Option<f64>,
) -> Result<Trace, String> {
    let name = file.file_name().map_or_else(String::new, |it| it.to_string_lossy().into());
    let arrivals = arrivals.map_err(|bad| format!("{}: {bad}", file.display()))?;
    let work_secs = args.work.or(work_secs).unwrap_or(WORK_SECS);
    let Settings { max_wait, .. } = Settings::default();
    Ok(Trace::of(&name, arrivals, work_secs, 1, max_wait.get().into(), args.show.seed))
}

fn read(file: &Path) -> Result<String, String> {
    let wrong = |error: io::Error| format!("{}: {error}", file.display());
    if file == Path::new("-") {
        return io::read_to_string(io::Read::take(io::stdin(), FILE_BYTES_MAX)).map_err(wrong);
    }
    let bytes = fs::metadata(file).map_err(wrong)?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(format!("{}: is larger than 256 MiB; take a shorter time", file.display()));
    }
    fs::read_to_string(file).map_err(wrong)
}
