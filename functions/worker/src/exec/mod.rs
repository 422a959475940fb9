//! An entrypoint for any image: a command does the work of a run, at most once.
//!
//! ```text
//! variables ─▶ fence ─▶ input file ─▶ command ─▶ result file ─▶ report ─▶ exit code
//! ```

mod course;
mod fence;
mod files;
mod group;
mod inputs;
mod pooled;
mod report;
mod settings;
mod signals;
mod verdict;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    process::{ExitCode, Stdio},
};

use longshore::{config::Variables, run::WorkStatus};
use longshore_aws::Clients;
use tracing::{info, warn};

use crate::{EXIT_NOTHING_TO_DO, EXIT_TRY_AGAIN, EXIT_USAGE};
pub(crate) use course::{Cause, Signalled, attend};
use fence::{Holder, Unstarted};
pub(crate) use files::Files;
pub(crate) use group::{Given, Group};
pub(crate) use pooled::work_off;
use settings::Settings;
pub(crate) use settings::{Limits, input_dir, stop_secs};
pub(crate) use signals::Signals;
pub(crate) use verdict::{Verdict, verdict};

/// `EX_CANTCREAT` of sysexits: the input file cannot be written.
const EXIT_CANNOT_CREATE: u8 = 73;

/// Runs `command`, which has at least a program, as the work of the run that the variables name.
pub async fn exec(variables: &Variables, command: &[OsString]) -> ExitCode {
    longshore_aws::telemetry::start(variables);
    let settings = match Settings::read(variables) {
        Ok(settings) => settings,
        Err(error) => return unstarted(&Unstarted::Unusable(error.into())),
    };
    let mut signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => return unstarted(&Unstarted::Trouble(format!("no signals: {error}"))),
    };
    let claimed = tokio::select! {
        biased;
        signal = signals.end_asked() => Err(Unstarted::Trouble(format!("stopped by {signal}"))),
        claimed = claim(variables, &settings) => claimed,
    };
    let holder = match claimed {
        Ok(holder) => holder,
        Err(why) => return unstarted(&why),
    };
    let lost = holder.lost(&settings.launch);
    let task = Work { settings: &settings, holder: &holder, variables: &BTreeMap::new() };
    let (verdict, _) = Box::pin(task.work(&mut signals, lost, command)).await;
    report::tell(&holder, &settings.launch.run, verdict).await
}

async fn claim(variables: &Variables, settings: &Settings) -> Result<Holder, Unstarted> {
    let clients = Clients::connect(variables).await;
    let clients = clients.map_err(|error| Unstarted::Unusable(error.into()))?;
    let task = longshore_aws::task_arn(variables).await?;
    Holder::claim(&clients, settings, task, inputs::named(variables)).await
}

/// The work of a run that is ours.
struct Work<'a> {
    settings: &'a Settings,
    holder: &'a Holder,
    /// What the command gets beside the variables of this process.
    variables: &'a BTreeMap<String, String>,
}

impl Work<'_> {
    /// The command from its start to its end, and what that means; it is killed when it is `lost`.
    async fn work(
        &self,
        signals: &mut impl Signalled,
        lost: impl Future<Output = ()>,
        command: &[OsString],
    ) -> (Verdict, Cause) {
        let itself = |verdict| (verdict, Cause::Itself);
        if let Some(newer) = &self.holder.newer {
            return itself(Verdict {
                status: Some(WorkStatus::Superseded),
                reason: format!("run {newer} is about a newer version of the object"),
                code: EXIT_NOTHING_TO_DO,
                ..Verdict::default()
            });
        }
        let files = match Files::write(&self.settings.input_dir, &self.holder.inputs.objects) {
            Ok(files) => files,
            Err(error) => return itself(Verdict::failed(error.to_string(), EXIT_CANNOT_CREATE)),
        };
        let mut group = match Group::start_with(command, given(&files), self.variables) {
            Ok(group) => group,
            Err(error) => return itself(Verdict::failed(error.to_string(), error.code())),
        };
        let (end, cause) = attend(&mut group, signals, &self.settings.limits, lost).await;
        // Nothing of the command may work on when another task may take over.
        group.end_rest().await;
        let verdict = verdict(&group.program, end, cause, &self.holder.inputs, &files.result());
        (verdict, cause)
    }
}

fn given(files: &Files) -> Given {
    let input = ("LONGSHORE_INPUT_FILE", files.input().into());
    let result = ("LONGSHORE_RESULT_FILE", files.result_path().into());
    Given { stdin: Stdio::null(), variables: vec![input, result] }
}

/// Says why the command is not started, and answers the exit code that says the same.
fn unstarted(why: &Unstarted) -> ExitCode {
    let code = match why {
        Unstarted::Unusable(_) => {
            longshore_aws::telemetry::complain("longshore exec", why);
            EXIT_USAGE
        }
        Unstarted::Lost(_) => {
            info!(reason = %why, "The command is not started");
            // Never "done": a run that is being stopped refuses the fence to its own task.
            EXIT_TRY_AGAIN
        }
        Unstarted::Trouble(_) => {
            warn!(reason = %why, "The command is not started");
            EXIT_TRY_AGAIN
        }
    };
    ExitCode::from(code)
}

impl From<longshore_aws::TaskError> for Unstarted {
    fn from(error: longshore_aws::TaskError) -> Self {
        match error {
            longshore_aws::TaskError::NotATask => Self::Unusable(error.into()),
            longshore_aws::TaskError::Endpoint(_) => Self::Trouble(error.to_string()),
        }
    }
}
