//! `longshore simulate`: what scaling would cost and how long messages would wait, on a load that
//! is made up or was recorded, beside models of what else there is. It asks nobody.

use std::{fs, io, path::Path, process::ExitCode};

use longshore::scale::{Bias, Decision, Observation, Policy, Settings};
use longshore_simulate::{
    BadLine, Curve, Longshore, Observing, Outcome, Price, Recorded, Scaler, Trace, World, arrivals,
    chart, observations, peers, watch,
};
use serde_json::{Map, Value, json};

use crate::{
    args::SimulateArgs,
    page::{complain, say, table},
};

/// Most messages for which a task each is simulated: a million tasks take minutes.
const TASK_EACH_MAX: usize = 100_000;
/// Lines of a chart: ours, and of what else there is the best known.
const CURVES: [&str; 3] = [
    "KEDA ScaledObject (queueLength = slots)",
    "target tracking (backlog per task)",
    "target tracking (visible 100)",
];
/// Work on a message of which nothing is known.
const WORK_SECS: f64 = 2.0;
/// Most bytes of a file of arrivals.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// Says what scaling would cost.
pub(crate) fn simulate(args: &SimulateArgs, is_json: bool) -> ExitCode {
    match run(args, is_json) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain("longshore", &error);
            ExitCode::FAILURE
        }
    }
}

fn run(args: &SimulateArgs, is_json: bool) -> Result<(), String> {
    let (trace, launch_secs) = trace(args)?;
    let world = World::default();
    let launch_secs = args.launch_delay.or(launch_secs).unwrap_or(world.launch_secs);
    let world = World { launch_secs, ..world };
    let settings = Settings {
        min_tasks: args.min_tasks,
        max_tasks: args.max_tasks,
        ..Longshore::settings(&trace, args.bias.into())
    };
    let policy = Policy::new("arguments", &settings).map_err(|bad| bad.to_string())?;
    let (curves, changes) = all(&trace, &settings, &world, args)?;
    if let Some(file) = &args.svg {
        let drawn = curves.iter().enumerate().filter(is_drawn).map(|(_, curve)| curve.clone());
        let text = chart(&trace, &drawn.collect::<Vec<_>>());
        fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    let warning = policy.warning(launch_secs).map(|warning| warning.to_string());
    let outcomes: Vec<_> = curves.iter().map(|curve| row(&curve.outcome, is_json)).collect();
    if is_json {
        let changes: Vec<Value> = changes.iter().map(change).collect();
        let all = json!({"load": trace.name, "messages": trace.arrivals.len(),
            "workTaskSeconds": trace.task_secs(), "settings": settings, "warning": warning,
            "outcomes": outcomes, "changes": changes});
        say(&format!("{all:#}"));
    } else {
        tell(&trace, &settings, warning.as_deref(), &outcomes);
        for (at_secs, decision) in &changes {
            say(&format!("  {at_secs:>8.0} s  {decision}"));
        }
    }
    Ok(())
}

fn tell(
    trace: &Trace,
    settings: &Settings,
    warning: Option<&str>,
    outcomes: &[Map<String, Value>],
) {
    say(&format!(
        "{}: {} messages of {:.1} s, {} at once in a task, to begin within {}",
        trace.name,
        trace.arrivals.len(),
        trace.mean_work_secs(),
        trace.slots,
        settings.max_wait
    ));
    if let Some(warning) = warning {
        say(&format!("  warns    {warning}"));
    }
    table(outcomes, &COLUMNS);
}

fn is_drawn((nth, curve): &(usize, &Curve)) -> bool {
    *nth == 0 || CURVES.contains(&curve.outcome.scaler.as_str())
}

/// The load that the arguments name, and how long a task takes to start, as far as known.
fn trace(args: &SimulateArgs) -> Result<(Trace, Option<f64>), String> {
    let (mut trace, launch_secs) = match (&args.load, &args.csv, &args.log) {
        (Some(shape), ..) => (shape.trace(args.seed), None),
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
    Ok(Trace::of(&name, arrivals, work_secs, 1, max_wait.get().into(), args.seed))
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

fn longshore(settings: &Settings) -> Result<Longshore, String> {
    let name = match settings.bias {
        Bias::Cheap => "longshore (cheap)",
        Bias::Balanced => "longshore (balanced)",
        Bias::Fast => "longshore (fast)",
    };
    let scaler = Longshore::new(name, settings, Observing::Workers);
    scaler.map_err(|bad| bad.to_string())
}

/// When the number of tasks was changed, and by which decision.
type Change = (f64, Decision);

/// Ours first, then the other biases, then what else there is.
fn all(
    trace: &Trace,
    settings: &Settings,
    world: &World,
    args: &SimulateArgs,
) -> Result<(Vec<Curve>, Vec<Change>), String> {
    let price = Price { vcpus: args.vcpus, gigabytes: args.memory, ..Price::default() };
    let see = |scaler: &mut dyn Scaler| {
        let (outcome, timeline) = watch(trace, world, scaler, args.seed);
        let dollars = price.dollars(outcome.billed_secs);
        Curve { outcome: Outcome { dollars, ..outcome }, timeline }
    };
    let ours = longshore(settings)?;
    let mut ours = if args.why { ours.recording() } else { ours };
    let mut curves = vec![see(&mut ours)];
    for bias in [Bias::Cheap, Bias::Balanced, Bias::Fast] {
        if bias != settings.bias {
            curves.push(see(&mut longshore(&Settings { bias, ..settings.clone() })?));
        }
    }
    for mut peer in peers(trace) {
        if !peer.rules().is_one_message || trace.arrivals.len() <= TASK_EACH_MAX {
            curves.push(see(peer.as_mut()));
        }
    }
    let is_change = |(_, decision): &&(Observation, Decision)| decision.launch + decision.drain > 0;
    let changes = ours.recorded().iter().filter(is_change);
    let changes = changes.map(|(seen, decision)| (seen.at_secs, decision.clone())).collect();
    Ok((curves, changes))
}

fn change((at_secs, decision): &Change) -> Value {
    json!({"atSeconds": at_secs, "why": decision.to_string(), "decision": decision})
}

/// Columns of the table, in order.
const COLUMNS: [&str; 10] = [
    "scaler",
    "p50 s",
    "p95 s",
    "p99 s",
    "max s",
    "over %",
    "cost",
    "$",
    "launches",
    "redelivered",
];

fn row(outcome: &Outcome, is_json: bool) -> Map<String, Value> {
    let cells = if is_json {
        json!({
            "scaler": outcome.scaler,
            "waitP50Seconds": outcome.wait_p50_secs,
            "waitP95Seconds": outcome.wait_p95_secs,
            "waitP99Seconds": outcome.wait_p99_secs,
            "waitMaxSeconds": outcome.wait_max_secs,
            "overShare": outcome.over_share,
            "billedTaskSeconds": outcome.billed_secs,
            "billedPerWork": outcome.cost_ratio,
            "dollars": outcome.dollars,
            "launches": outcome.launches,
            "redeliveries": outcome.redeliveries,
            "unfinished": outcome.unfinished,
        })
    } else {
        let secs = |secs: f64| format!("{secs:.1}");
        json!({
            "scaler": outcome.scaler,
            "p50 s": secs(outcome.wait_p50_secs),
            "p95 s": secs(outcome.wait_p95_secs),
            "p99 s": secs(outcome.wait_p99_secs),
            "max s": secs(outcome.wait_max_secs),
            "over %": format!("{:.2}", 100.0 * outcome.over_share),
            "cost": format!("{:.2}", outcome.cost_ratio),
            "$": format!("{:.3}", outcome.dollars),
            "launches": outcome.launches,
            "redelivered": outcome.redeliveries,
        })
    };
    match cells {
        Value::Object(cells) => cells,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests;
