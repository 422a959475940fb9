//! The arguments of `longshore simulate`.

use std::path::PathBuf;

use longshore::{scale::Bias, trigger::Seconds};
use longshore_simulate::Shape;

use super::time::{seconds, secs_above_0};

/// Days that observations are kept.
const DAYS_MAX: i64 = 14;

#[derive(Debug, clap::Args)]
pub(crate) struct SimulateArgs {
    /// A load by name: steady, diurnal, drift, flash, heavy, sparse, long-work, dump-10k,
    /// dump-100k, dump-1m, on-off, switching, sawtooth, ninety-seconds, pulses,
    /// patient or two-senders
    #[arg(value_parser = shape, required_unless_present_any = ["csv", "log"], conflicts_with_all = ["csv", "log"])]
    pub(crate) load: Option<Shape>,
    /// Arrivals from a file, `-` for standard input: a line is a time (seconds or RFC 3339), or a
    /// time and a count of messages from then to the next line
    #[arg(long, value_name = "FILE", conflicts_with = "log")]
    pub(crate) csv: Option<PathBuf>,
    /// What a scaler recorded, `-` for standard input: an observation a line, as `longshore
    /// recommend QUEUE --log` prints them; what came, and how long it took, follows from it
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    /// Mean time of work on a message of the file [default: 2s, or as recorded]
    #[arg(long, value_name = "TIME", value_parser = secs_above_0, conflicts_with = "load")]
    pub(crate) work: Option<f64>,
    /// Longest time from a message's arrival to the beginning of its work, such as 60s or 10m
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub(crate) max_wait: Option<Seconds>,
    /// Tasks that are kept even if there is nothing to do
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    pub(crate) min_tasks: u32,
    /// Most tasks
    #[arg(long, default_value_t = 200, value_name = "COUNT")]
    pub(crate) max_tasks: u32,
    /// Messages that one task works on at once
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) messages_per_task: Option<u32>,
    /// What to prefer where it can be chosen
    #[arg(long, value_enum, default_value_t = BiasArg::Balanced)]
    pub(crate) bias: BiasArg,
    /// Time that a task takes to start, such as 35s [default: 35s, or as recorded]
    #[arg(long, value_name = "TIME", value_parser = secs_above_0)]
    pub(crate) launch_delay: Option<f64>,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// How outcomes are made and shown.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// vCPUs of a task, for the price
    #[arg(long, default_value_t = 1.0, value_name = "COUNT", value_parser = positive)]
    pub(crate) vcpus: f64,
    /// Memory of a task in GB, for the price
    #[arg(long, default_value_t = 2.0, value_name = "GB", value_parser = positive)]
    pub(crate) memory: f64,
    /// The same outcome each time with the same SEED, any whole number
    #[arg(long, default_value_t = 1, value_name = "SEED", value_parser = super::seed)]
    pub(crate) seed: u64,
    /// Draws arrivals, waiting messages and tasks
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Tells every change of the number of tasks, and why
    #[arg(long)]
    pub(crate) why: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RecommendArgs {
    /// Name or URL of a queue that the scaler looks at, `shadow` or not
    pub(crate) queue: String,
    /// Days back
    #[arg(long, default_value_t = 7, value_name = "COUNT", value_parser = clap::value_parser!(i64).range(1..=DAYS_MAX))]
    pub(crate) days: i64,
    /// Prints what was observed instead, one observation a line, for `longshore simulate --log`
    #[arg(long)]
    pub(crate) log: bool,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// A bias, as the command line takes it.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum BiasArg {
    Cheap,
    Balanced,
    Fast,
}

impl From<BiasArg> for Bias {
    fn from(bias: BiasArg) -> Self {
        match bias {
            BiasArg::Cheap => Self::Cheap,
            BiasArg::Balanced => Self::Balanced,
            BiasArg::Fast => Self::Fast,
        }
    }
}

fn shape(name: &str) -> Result<Shape, String> {
    name.parse()
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| format!("`{text}` is no number above 0"))
}
