//! The arguments of `longshore dev`.

use std::{path::PathBuf, time::Duration};

use jiff::Timestamp;

#[derive(Debug, clap::Args)]
pub(crate) struct DevArgs {
    /// CloudFormation or SAM template to run
    #[arg(default_value = "infra/template.yaml")]
    pub(crate) template: PathBuf,
    /// Port on 127.0.0.1; 0 takes any that is free
    #[arg(long, default_value_t = 4566)]
    pub(crate) port: u16,
    /// Directory that keeps the state, so that it outlives the command
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Value of a template parameter
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = super::pair)]
    pub(crate) parameters: Vec<(String, String)>,
    /// Command that is a function on this machine, by the function's logical id
    #[arg(long = "function", value_name = "ID=COMMAND", value_parser = super::pair)]
    pub(crate) functions: Vec<(String, String)>,
    /// Command that stands for the images of a task definition, by its logical id or family
    #[arg(long = "task", value_name = "ID=COMMAND", value_parser = super::pair)]
    pub(crate) tasks: Vec<(String, String)>,
    /// Most tasks alive at once; ECS has no capacity for more
    #[arg(long, value_name = "COUNT")]
    pub(crate) max_tasks: Option<usize>,
    /// Duplicate, delay and lose events, throttle and time out calls, refuse capacity, as AWS may:
    /// the same each time with the same SEED, any whole number
    #[arg(long, value_name = "SEED", value_parser = super::seed, allow_negative_numbers = true)]
    pub(crate) chaos: Option<u64>,
    /// Let time run so many times as fast, up to 120; work takes as long as it takes
    #[arg(long, value_name = "FACTOR", value_parser = clap::value_parser!(u8).range(1..=120))]
    pub(crate) speed: Option<u8>,
    /// Have every task wait so long before its container starts, as on Fargate, such as 35s
    #[arg(long, value_name = "TIME", value_parser = super::time::time)]
    pub(crate) launch_delay: Option<Duration>,
    /// Show the counts of a queue's messages as they were so long ago, as SQS may, such as 30s
    #[arg(long, value_name = "TIME", value_parser = super::time::time)]
    pub(crate) count_lag: Option<Duration>,
    /// Let time begin here, e.g. 2026-03-29T00:30:00Z
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) now: Option<Timestamp>,
    /// End after the sample: 0 if every row of it arrived, 1 if not
    #[arg(long)]
    pub(crate) once: bool,
    /// Do not upload the sample
    #[arg(long, conflicts_with = "once")]
    pub(crate) no_sample: bool,
    /// Show what functions and tasks print
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let advice = || format!("`{text}` is no instant; write it like 2026-03-29T00:30:00Z");
    text.parse().map_err(|_| advice())
}
