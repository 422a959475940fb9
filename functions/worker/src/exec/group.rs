//! The command's processes: a group of their own, and whatever left it.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::process::CommandExt as _,
    process::{Command, Stdio},
    time::Duration,
};

use rustix::{
    io::Errno,
    process::{Pid, Signal, WaitOptions, kill_process, kill_process_group, wait},
};
use tokio::{
    signal::unix::{self, SignalKind},
    time::timeout,
};
use tracing::{error, trace, warn};

use super::files::Files;

/// Exit code of a command that cannot be started, as shells have it.
const EXIT_CANNOT_START: u8 = 126;
/// Exit code of a command that is not there, as shells have it.
const EXIT_NOT_FOUND: u8 = 127;
/// How long killed processes may take to vanish; only one that waits for a device takes that long.
const VANISH: Duration = Duration::from_secs(5);
/// Longest pause between two looks at what is left: the end of an orphan's parent sends no signal.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A command that was started.
#[derive(Debug)]
pub(super) struct Group {
    /// Its program, as it was named.
    pub(super) program: String,
    leader: Pid,
    children: unix::Signal,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With an exit code.
    Exited(u8),
    /// By the signal of this number.
    Killed(u8),
}

/// A command could not be started.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotStarted {
    /// There is no such file.
    #[error(
        "`{0}` was not found; write its full path, or add its directory to PATH (if it is a \
         script, its interpreter may be missing from the image)"
    )]
    NotFound(String),
    /// The file cannot be run.
    #[error(
        "`{0}` cannot be run: {1}; it must be executable by the container's user (chmod +x) and \
         built for the machine of the task"
    )]
    NotExecutable(String, #[source] io::Error),
    /// Its end would not be noticed.
    #[error("ends of processes are not told: {0}")]
    Deaf(#[source] io::Error),
}

impl NotStarted {
    pub(super) fn code(&self) -> u8 {
        match self {
            Self::NotFound(_) => EXIT_NOT_FOUND,
            Self::NotExecutable(..) | Self::Deaf(_) => EXIT_CANNOT_START,
        }
    }
}

impl Group {
    /// Starts `command` with its files, at the head of a process group, without a shell.
    pub(super) fn start(command: &[OsString], files: &Files) -> Result<Self, NotStarted> {
        let children = unix::signal(SignalKind::child()).map_err(NotStarted::Deaf)?;
        adopt_orphans();
        let nothing = OsString::new();
        let (program, arguments) = command.split_first().unwrap_or((&nothing, &[]));
        let name = program.to_string_lossy().into_owned();
        let child = Command::new(program)
            .args(arguments)
            .env("LONGSHORE_INPUT_FILE", files.input())
            .env("LONGSHORE_RESULT_FILE", files.result_path())
            .stdin(Stdio::null())
            .process_group(0)
            .spawn();
        match child {
            Ok(child) => Ok(Self { program: name, leader: Pid::from_child(&child), children }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(NotStarted::NotFound(name))
            }
            Err(error) => Err(NotStarted::NotExecutable(name, error)),
        }
    }

    /// Waits for the command's own end, not for those of what it started. Safe to cancel.
    pub(super) async fn ended(&mut self) -> End {
        loop {
            if let Some(end) = self.reap() {
                return end;
            }
            self.children.recv().await;
        }
    }

    /// Signals all of the group.
    pub(super) fn signal(&self, signal: Signal) {
        if let Err(gone) = kill_process_group(self.leader, signal) {
            trace!(%gone, "the command ended before it was signalled");
        }
    }

    /// Kills what the ended command left, in its group or not, and waits until it is gone.
    pub(super) async fn end_rest(&mut self) {
        self.signal(Signal::KILL);
        self.reap();
        let left = orphans();
        if !left.is_empty() {
            warn!(?left, "Processes outlived the command and are killed");
        }
        if timeout(VANISH, self.end_all()).await.is_err() {
            error!("Processes of the command do not end although they were killed");
        }
    }

    async fn end_all(&mut self) {
        loop {
            for orphan in orphans() {
                if let Err(gone) = kill_process(orphan, Signal::KILL) {
                    trace!(%gone, "an orphan ended before it was killed");
                }
            }
            self.reap();
            if matches!(wait(WaitOptions::NOHANG), Err(Errno::CHILD)) {
                return;
            }
            drop(timeout(LOOK_EVERY, self.children.recv()).await);
        }
    }

    /// Takes leave of every process that has ended, and says how the command did if it is among
    /// them. Process 1 inherits all orphans, and those that nobody waits for stay as zombies until
    /// no process can be started any more.
    fn reap(&self) -> Option<End> {
        let mut end = None;
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if pid == self.leader {
                let code = |code: i32| u8::try_from(code).unwrap_or(u8::MAX);
                let exited = status.exit_status().map(|status| End::Exited(code(status)));
                let killed = status.terminating_signal().map(|signal| End::Killed(code(signal)));
                end = exited.or(killed);
            }
        }
        end
    }
}

/// Where this process is not process 1, orphans come to it all the same, so that none escapes.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_child_subreaper(Some(rustix::process::getpid())) {
        warn!(%error, "Processes that leave the command's group may outlive it");
    }
}

/// Children of this process: once the command itself has ended, all of them were its descendants.
fn orphans() -> Vec<Pid> {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let lists =
        threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let pids = |list: String| {
        let pids = list.split_ascii_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?));
        pids.collect::<Vec<_>>()
    };
    lists.flat_map(pids).collect()
}
