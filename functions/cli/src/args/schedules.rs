//! The arguments of commands about schedules, and of those that start runs by hand.

/// Most messages that a backfill sends in a second: they are sent one by one, and ECS launches
/// some 18 tasks in that time anyway.
const RATE_MAX: i64 = 100;
/// Most times of `longshore next`.
const TIMES_MAX: u64 = 1_000;

#[derive(Debug, clap::Args)]
pub(crate) struct NextArgs {
    /// Name of the schedule's trigger
    #[arg(required_unless_present = "expression", conflicts_with = "expression")]
    pub(crate) trigger: Option<String>,
    /// How many times
    #[arg(short = 'n', long, default_value_t = 10, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..=TIMES_MAX))]
    pub(crate) count: u64,
    /// An expression to try, such as 'cron(0 9 * * ? *)', instead of a trigger
    #[arg(long, required_unless_present = "trigger")]
    pub(crate) expression: Option<String>,
    /// The zone of its clock, such as Europe/Berlin; UTC without one
    #[arg(long, value_name = "ZONE", conflicts_with = "trigger")]
    pub(crate) timezone: Option<String>,
    /// Times after this one instead of after now
    #[arg(long, value_name = "TIME")]
    pub(crate) after: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct StartArgs {
    /// Name of the trigger
    pub(crate) trigger: String,
    /// The tick of this time instead of now: RFC 3339, or a date and time on the schedule's clock
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// The object, as s3://bucket/key: its present version
    #[arg(long, value_name = "OBJECT")]
    pub(crate) input: Option<String>,
    /// Follow the run to its end: 0 if it succeeded, 1 if not
    #[arg(long)]
    pub(crate) wait: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct BackfillArgs {
    /// Name of the trigger
    pub(crate) trigger: String,
    /// The ticks from this time on: RFC 3339, or a date, with a time or without, on the schedule's
    /// clock
    #[arg(
        long,
        value_name = "TIME",
        conflicts_with = "prefix",
        required_unless_present = "prefix"
    )]
    pub(crate) from: Option<String>,
    /// The ticks before this time, instead of before now
    #[arg(long, value_name = "TIME", requires = "from")]
    pub(crate) to: Option<String>,
    /// The objects whose keys begin with this, and that the trigger's rule matches; '' for all
    #[arg(long, required_unless_present = "from")]
    pub(crate) prefix: Option<String>,
    /// Their bucket, instead of the one of the rule, or of the trigger's newest run
    #[arg(long, requires = "prefix")]
    pub(crate) bucket: Option<String>,
    /// Only the objects behind this key: where a backfill was cut off
    #[arg(long, value_name = "KEY", requires = "prefix")]
    pub(crate) after: Option<String>,
    /// Messages per second
    #[arg(long, default_value_t = 20, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=RATE_MAX))]
    pub(crate) rate: u32,
    /// Say what would be sent, and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}
