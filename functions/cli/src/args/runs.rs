//! Which runs are listed.

use longshore::run::{Class, State};

#[derive(Debug, clap::Args)]
pub(crate) struct RunsArgs {
    /// Only of this trigger
    #[arg(long, value_name = "NAME")]
    pub(crate) trigger: Option<String>,
    /// Only in this state
    #[arg(long, value_enum)]
    pub(crate) state: Option<StateArg>,
    /// Only those that ended so
    #[arg(long, value_enum, value_name = "HOW")]
    pub(crate) ended: Option<EndArg>,
    /// Most runs
    #[arg(long, default_value_t = 20, value_name = "COUNT")]
    pub(crate) limit: usize,
}

/// The states of a run, as the command line takes them.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum StateArg {
    Forming,
    Admitted,
    Launching,
    Launched,
    Running,
    Backoff,
    Succeeded,
    Failed,
    Cancelled,
    Superseded,
}

impl From<StateArg> for State {
    fn from(state: StateArg) -> Self {
        match state {
            StateArg::Forming => Self::Forming,
            StateArg::Admitted => Self::Admitted,
            StateArg::Launching => Self::Launching,
            StateArg::Launched => Self::Launched,
            StateArg::Running => Self::Running,
            StateArg::Backoff => Self::Backoff,
            StateArg::Succeeded => Self::Succeeded,
            StateArg::Failed => Self::Failed,
            StateArg::Cancelled => Self::Cancelled,
            StateArg::Superseded => Self::Superseded,
        }
    }
}

/// The kinds of end of a run, as the command line takes them.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum EndArg {
    Succeeded,
    Superseded,
    Cancelled,
    Skipped,
    Missed,
    Unheard,
    Work,
    Rejected,
    OutOfMemory,
    Start,
    Launch,
    Spot,
    Infrastructure,
    Unknown,
}

impl From<EndArg> for Class {
    fn from(end: EndArg) -> Self {
        match end {
            EndArg::Succeeded => Self::Succeeded,
            EndArg::Superseded => Self::Superseded,
            EndArg::Cancelled => Self::Cancelled,
            EndArg::Skipped => Self::Skipped,
            EndArg::Missed => Self::Missed,
            EndArg::Unheard => Self::Unheard,
            EndArg::Work => Self::Work,
            EndArg::Rejected => Self::Rejected,
            EndArg::OutOfMemory => Self::OutOfMemory,
            EndArg::Start => Self::Start,
            EndArg::Launch => Self::Launch,
            EndArg::Spot => Self::Spot,
            EndArg::Infrastructure => Self::Infrastructure,
            EndArg::Unknown => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn ends_are_asked_for_by_the_words_that_are_shown() {
        for end in EndArg::value_variants() {
            let word = end.to_possible_value().unwrap();
            assert_eq!(word.get_name(), Class::from(*end).word());
        }
    }
}
