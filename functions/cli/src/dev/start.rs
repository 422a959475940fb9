//! Arguments ─▶ a running AWS.

use std::{collections::BTreeMap, time::Instant};

use longshore_local::{Activity, CLOCK_VARIABLE, Clock, Local, Open, Options, StartError};

use super::{
    own::{CommandError, commands},
    steps::Steps,
};
use crate::{
    args::{self, DevArgs},
    page::{self, say},
};

/// Stands for `--chaos` where only variables can be given.
const CHAOS: &str = "LONGSHORE_CHAOS";

/// Why `longshore dev` cannot start.
#[derive(Debug, thiserror::Error)]
pub(super) enum DevError {
    /// The template is not there.
    #[error(
        "cannot read the template `{path}`: {source}; run it where the template is, or name it"
    )]
    Template {
        /// What was tried.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The variable of chaos makes no sense.
    #[error("variable {CHAOS}: {0}, or unset it")]
    Chaos(String),
    /// A command cannot be used.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The AWS does not start.
    #[error(transparent)]
    Start(#[from] StartError),
}

pub(super) async fn start(args: DevArgs, stack_name: &str) -> Result<(Local, Steps), DevError> {
    let began = Instant::now();
    let chaos = chaos(&args)?;
    let clock = clock(&args);
    let path = args.template.display().to_string();
    let template = std::fs::read_to_string(&args.template)
        .map_err(|source| DevError::Template { path: path.clone(), source })?;
    let commands = commands(&args)?;
    let activity = Activity::new();
    let steps = Steps::of(&activity, args.verbose);
    let local = Local::start(Options {
        port: args.port,
        data: args.data,
        template,
        template_path: path.clone(),
        stack_name: stack_name.to_owned(),
        parameters: BTreeMap::from_iter(args.parameters),
        commands,
        tasks_max: args.max_tasks,
        launch_delay: args.launch_delay.unwrap_or_default(),
        count_lag: args.count_lag.unwrap_or_default(),
        clock,
        gate: std::sync::Arc::new(Open),
        chaos,
        activity,
    })
    .await?;
    say(&format!(
        "longshore dev: {path} runs on this machine, ready in {} ms",
        began.elapsed().as_millis()
    ));
    page::stack(local.stack());
    if let Some(seed) = chaos {
        say(&format!("  chaos    on, seed {seed}: the same trouble again with --chaos {seed}"));
    }
    say(&format!("  logs     {}", local.dir().join("logs").display()));
    if let Some(clock) = clock.variable() {
        say(&format!("{CLOCK_VARIABLE}={clock}"));
    }
    say(&format!("AWS_ENDPOINT_URL={}\n", local.endpoint()));
    Ok((local, steps))
}

/// The machine's clock, unless another one is asked for.
fn clock(args: &DevArgs) -> Clock {
    match (args.now, args.speed) {
        (None, None) => Clock::system(),
        (now, speed) => {
            let now = now.unwrap_or_else(|| Clock::system().now());
            Clock::starting_at(now, f64::from(speed.unwrap_or(1)))
        }
    }
}

/// The seed of the argument, else of the variable.
fn chaos(args: &DevArgs) -> Result<Option<u64>, DevError> {
    if args.chaos.is_some() {
        return Ok(args.chaos);
    }
    let variables = longshore_aws::variables();
    variables.optional(CHAOS).map(args::seed).transpose().map_err(DevError::Chaos)
}
