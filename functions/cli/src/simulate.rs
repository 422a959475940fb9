//! `longshore simulate`: what scaling would cost and how long messages would wait, on a load that
//! is made up or was recorded, beside models of what else there is. It asks nobody.

mod load;

use std::{fs, process::ExitCode};

use load::load;
use longshore::{
    pool,
    scale::{Bias, Decision, Observation, Policy, Settings},
};
use longshore_simulate::{
    Curve, Longshore, Observing, Outcome, Price, Scaler, Trace, World, chart, peers, watch,
};
use serde_json::{Map, Value, json};

use crate::{
    args::{ShowArgs, SimulateArgs},
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
pub(crate) const WORK_SECS: f64 = 2.0;
/// Scalers of ours in the outcomes: one of each bias.
const BIASES: usize = 3;
/// Messages over the wait with which it counts as kept: a cold start is at times slower than that.
const OVER_SHARE_MAX: f64 = 0.005;
/// What another bias may cost to be worth a word.
const WORTH_SAYING: f64 = 0.95;

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
    judge(&load(args)?, &args.show, is_json)
}

/// What is to be worked off, and by which settings.
#[derive(Debug)]
pub(crate) struct Load {
    pub(crate) trace: Trace,
    pub(crate) settings: Settings,
    /// Seconds that a task takes to start, if it is known.
    pub(crate) launch_secs: Option<f64>,
}

/// Says what would come of a load, by longshore and by others.
pub(crate) fn judge(load: &Load, show: &ShowArgs, is_json: bool) -> Result<(), String> {
    let Load { trace, settings, launch_secs } = load;
    let policy = Policy::new("arguments", settings).map_err(|bad| bad.to_string())?;
    let world = World::default();
    let world = World { launch_secs: launch_secs.unwrap_or(world.launch_secs), ..world };
    let (curves, changes) = all(load, &world, show)?;
    if let Some(file) = &show.svg {
        let drawn = curves.iter().enumerate().filter(is_drawn).map(|(_, curve)| curve.clone());
        let text = chart(trace, &drawn.collect::<Vec<_>>());
        fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    let warning = policy.warning(Some(world.launch_secs)).map(|warning| warning.to_string());
    let outcomes: Vec<_> = curves.iter().map(|curve| row(&curve.outcome, is_json)).collect();
    let advice = advice(&curves);
    let pool = pool::advice(trace.busiest_per_sec());
    if is_json {
        let changes: Vec<Value> = changes.iter().map(change).collect();
        let all = json!({"load": trace.name, "messages": trace.arrivals.len(),
            "workTaskSeconds": trace.task_secs(), "settings": settings, "warning": warning,
            "outcomes": outcomes, "advice": advice, "poolAdvice": pool, "changes": changes});
        say(&format!("{all:#}"));
    } else {
        tell(trace, settings, warning.as_deref(), &outcomes);
        if let Some(advice) = &advice {
            say(&format!("  advises  {advice}"));
        }
        if let Some(pool) = &pool {
            say(&format!("  advises  a task for each would be {pool}"));
        }
        for (at_secs, decision) in &changes {
            say(&format!("  {at_secs:>8.0} s  {decision}"));
        }
    }
    Ok(())
}

/// Whether another bias would keep the wait for less, or keep it at all; ours come first.
fn advice(curves: &[Curve]) -> Option<String> {
    let ours = curves.iter().take(BIASES).map(|curve| &curve.outcome);
    let keeps =
        |outcome: &&Outcome| outcome.over_share <= OVER_SHARE_MAX && outcome.unfinished == 0;
    let now = &curves.first()?.outcome;
    let cheapest =
        ours.filter(keeps).min_by(|one, other| one.billed_secs.total_cmp(&other.billed_secs))?;
    let is_other = cheapest.scaler != now.scaler
        && (!keeps(&now) || cheapest.billed_secs < WORTH_SAYING * now.billed_secs);
    let share = 100.0 * (cheapest.billed_secs / now.billed_secs - 1.0);
    let than = if share < 0.0 { "less" } else { "more" };
    is_other.then(|| format!("{} keeps the wait, for {:.0} % {than}", cheapest.scaler, share.abs()))
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
fn all(load: &Load, world: &World, args: &ShowArgs) -> Result<(Vec<Curve>, Vec<Change>), String> {
    let Load { trace, settings, .. } = load;
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
