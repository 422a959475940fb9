//! A run of a pool, done by a command as in a task of its own.

use std::{collections::BTreeMap, ffi::OsString, time::Duration};

use longshore::{config::Variables, run::WorkResult};
use longshore_aws::LedgerTable;
use longshore_engine::Did;
use tracing::info;

use super::{
    Work,
    course::{Cause, Signalled},
    fence::Holder,
    inputs::named,
    settings::Settings,
    verdict::Verdict,
};
use crate::EXIT_USAGE;

/// Runs `command` as the work of the run that the variables and `further` ones name, whose fence
/// `task` holds; it is killed when `stopped` returns. `stop` is how long it has to end once it was
/// asked to.
pub(crate) async fn work_off(
    variables: &Variables,
    further: &BTreeMap<String, String>,
    (ledger, task): (&LedgerTable, &str),
    stop: Duration,
    signals: &mut impl Signalled,
    stopped: impl Future<Output = ()>,
    command: &[OsString],
) -> Did {
    let variables = variables.with(further);
    let mut settings = match Settings::read(&variables) {
        Ok(settings) => settings,
        Err(error) => return failed(&error.to_string()),
    };
    settings.limits.stop = stop;
    let held = Holder::of(ledger.clone(), &settings, task.to_owned(), named(&variables)).await;
    let holder = match held {
        Ok(holder) => holder,
        Err(trouble) => return Did::LetGo(None, trouble.to_string()),
    };
    let lost = async {
        tokio::select! {
            () = holder.lost(&settings.launch) => {}
            () = stopped => {}
        }
    };
    let work = Work { settings: &settings, holder: &holder, variables: further };
    let (verdict, cause) = Box::pin(work.work(signals, lost, command)).await;
    let Verdict { status, reason, summary, failed, code } = verdict;
    info!(run.id = %settings.launch.run, ?status, reason, code, "The work on a run has ended");
    let reason = if reason.is_empty() { "the worker was told to leave".to_owned() } else { reason };
    let said = reason.clone();
    let result = status.map(|status| WorkResult { status, reason, summary, failed });
    match cause {
        Cause::FenceLost => Did::Lost,
        Cause::Stopped(_) => Did::LetGo(result, said),
        Cause::Itself | Cause::TimedOut(_) => Did::Ended(result, code.into()),
    }
}

fn failed(why: &str) -> Did {
    let result = WorkResult::new(longshore::run::WorkStatus::Failed, why);
    Did::Ended(Some(result), EXIT_USAGE.into())
}
