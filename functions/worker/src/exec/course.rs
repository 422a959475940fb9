//! The command from its start to its end: signals, deadlines and the fence.

use std::{future::pending, pin::pin, time::Duration};

use rustix::process::Signal;
use tokio::time::{Instant, sleep_until};
use tracing::{info, warn};

use super::{
    group::{End, Group},
    settings::Limits,
    signals::asks_to_end,
};

/// Where signals for the command come from.
pub(crate) trait Signalled {
    /// The next one, and its name. Safe to cancel.
    fn next(&mut self) -> impl Future<Output = (Signal, &'static str)>;
}

/// What brought a command's end about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The command itself.
    Itself,
    /// A signal, by its name.
    Stopped(&'static str),
    /// Its deadline, in seconds after its start.
    TimedOut(u32),
    /// The run became another's.
    FenceLost,
}

/// Follows the command to its end, and ends it when `lost` says that the run is another's.
pub(crate) async fn attend(
    group: &mut Group,
    signals: &mut impl Signalled,
    limits: &Limits,
    lost: impl Future<Output = ()>,
) -> (End, Cause) {
    let mut lost = pin!(lost);
    let mut cause = Cause::Itself;
    let timeout = limits.timeout_secs.map(|secs| Duration::from_secs(secs.into()));
    let mut deadline = timeout.map(|timeout| Instant::now() + timeout);
    let mut kill = None;
    loop {
        tokio::select! {
            biased;
            end = group.ended() => return (end, cause),
            () = &mut lost, if cause != Cause::FenceLost => {
                cause = Cause::FenceLost;
                group.signal(Signal::KILL);
            }
            (signal, name) = signals.next() => {
                info!(signal = name, "The signal is passed on to the command");
                group.signal(signal);
                if asks_to_end(signal) {
                    kill.get_or_insert_with(|| Instant::now() + limits.stop);
                    cause = first(cause, Cause::Stopped(name));
                }
            }
            () = at(deadline) => {
                deadline = None;
                warn!("The command takes too long and is asked to end");
                group.signal(Signal::TERM);
                kill.get_or_insert_with(|| Instant::now() + limits.stop);
                cause = first(cause, Cause::TimedOut(limits.timeout_secs.unwrap_or_default()));
            }
            () = at(kill) => {
                kill = None;
                warn!("The command did not end when it was asked to, and is killed");
                group.signal(Signal::KILL);
            }
        }
    }
}

/// The first cause is the cause.
fn first(known: Cause, new: Cause) -> Cause {
    if known == Cause::Itself { new } else { known }
}

async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsString, future::ready};

    use super::{
        super::{files::Files, given, signals::Signals},
        *,
    };

    #[tokio::test]
    async fn a_command_whose_run_is_anothers_is_killed_at_once() {
        let within = tempfile::tempdir().unwrap();
        let files = Files::write(within.path(), &[]).unwrap();
        let command = ["sh", "-c", "trap '' TERM; sleep 600"].map(OsString::from);
        let mut group = Group::start(&command, given(&files)).unwrap();
        let mut signals = Signals::listen().unwrap();
        let limits = Limits { timeout_secs: None, stop: Duration::from_mins(10) };
        let ended = attend(&mut group, &mut signals, &limits, ready(())).await;
        assert_eq!(ended, (End::Killed(9), Cause::FenceLost));
        group.end_rest().await;
    }
}
