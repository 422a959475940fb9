//! The command's processes: a group of their own, and whatever left it.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    os::unix::process::CommandExt as _,
    process::{Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::process::{
    Pid, RawPid, Signal, WaitOptions, getpgid, kill_process, kill_process_group,
    test_kill_process_group, wait,
};
use tokio::{
    signal::unix::{self, SignalKind},
    time::timeout,
};
use tracing::{error, trace, warn};

/// Exit code of a command that cannot be started, as shells have it.
const EXIT_CANNOT_START: u8 = 126;
/// Exit code of a command that is not there, as shells have it.
const EXIT_NOT_FOUND: u8 = 127;
/// How long killed processes may take to vanish; only one that waits for a device takes that long.
const VANISH: Duration = Duration::from_secs(5);
/// Longest pause between two looks at what is left: the end of an orphan's parent sends no signal.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The processes at the head of the commands that run, and how they ended: whoever takes leave of
/// the children of this process meets those of all commands.
static LEADERS: Mutex<BTreeMap<RawPid, Option<End>>> = Mutex::new(BTreeMap::new());

fn leaders() -> MutexGuard<'static, BTreeMap<RawPid, Option<End>>> {
    LEADERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A command that was started.
#[derive(Debug)]
pub(crate) struct Group {
    /// Its program, as it was named.
    pub(crate) program: String,
    leader: Pid,
    children: unix::Signal,
}

/// What a command is given beside its arguments.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) stdin: Stdio,
    pub(crate) variables: Vec<(&'static str, OsString)>,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With an exit code.
    Exited(u8),
    /// By the signal of this number.
    Killed(u8),
}

/// A command could not be started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotStarted {
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
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::NotFound(_) => EXIT_NOT_FOUND,
            Self::NotExecutable(..) | Self::Deaf(_) => EXIT_CANNOT_START,
        }
    }
}

impl Group {
    /// Starts `command` with what it is given, at the head of a process group, without a shell.
    pub(crate) fn start(command: &[OsString], given: Given) -> Result<Self, NotStarted> {
        Self::start_with(command, given, &BTreeMap::new())
    }

    /// The same, with further variables.
    pub(crate) fn start_with(
        command: &[OsString],
        given: Given,
        further: &BTreeMap<String, String>,
    ) -> Result<Self, NotStarted> {
        let children = unix::signal(SignalKind::child()).map_err(NotStarted::Deaf)?;
        adopt_orphans();
        let nothing = OsString::new();
        let (program, arguments) = command.split_first().unwrap_or((&nothing, &[]));
        let name = program.to_string_lossy().into_owned();
        let mut leaders = leaders();
        let child = Command::new(program)
            .args(arguments)
            .envs(further)
            .envs(given.variables)
            .stdin(given.stdin)
            .process_group(0)
            .spawn();
        match child {
            Ok(child) => {
                let leader = Pid::from_child(&child);
                leaders.insert(leader.as_raw_pid(), None);
                Ok(Self { program: name, leader, children })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(NotStarted::NotFound(name))
            }
            Err(error) => Err(NotStarted::NotExecutable(name, error)),
        }
    }

    /// Waits for the command's own end, not for those of what it started. Safe to cancel.
    pub(crate) async fn ended(&mut self) -> End {
        loop {
            if let Some(end) = self.reap() {
                return end;
            }
            self.children.recv().await;
        }
    }

    /// Signals all of the group.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Err(gone) = kill_process_group(self.leader, signal) {
            trace!(%gone, "the command ended before it was signalled");
        }
    }

    /// Kills what the ended command left, in its group or not, and waits until it is gone. What left
    /// its group while another command runs may be that one's, and stays until none does.
    pub(crate) async fn end_rest(&mut self) {
        self.signal(Signal::KILL);
        self.reap();
        let left = self.left();
        if !left.is_empty() {
            warn!(?left, "Processes outlived the command and are killed");
        }
        if timeout(VANISH, self.end_all()).await.is_err() {
            error!("Processes of the command do not end although they were killed");
        }
    }

    async fn end_all(&mut self) {
        loop {
            for process in self.left() {
                if let Err(gone) = kill_process(process, Signal::KILL) {
                    trace!(%gone, "a process ended before it was killed");
                }
            }
            self.reap();
            if self.left().is_empty() && test_kill_process_group(self.leader).is_err() {
                return;
            }
            drop(timeout(LOOK_EVERY, self.children.recv()).await);
        }
    }

    /// Children of this process that are this command's.
    fn left(&self) -> Vec<Pid> {
        let leaders = leaders();
        let is_only = leaders.len() <= 1;
        let is_ours = |pid: &Pid| getpgid(Some(*pid)) == Ok(self.leader) || is_only;
        orphans().into_iter().filter(is_ours).collect()
    }

    /// Takes leave of every process that has ended, and says how the command did if it has. Process
    /// 1 inherits all orphans, and those that nobody waits for stay as zombies until no process can
    /// be started any more.
    fn reap(&self) -> Option<End> {
        let mut leaders = leaders();
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if let Some(end) = leaders.get_mut(&pid.as_raw_pid()) {
                let code = |code: i32| u8::try_from(code).unwrap_or(u8::MAX);
                let exited = status.exit_status().map(|status| End::Exited(code(status)));
                let killed = status.terminating_signal().map(|signal| End::Killed(code(signal)));
                *end = exited.or(killed);
            }
        }
        leaders.get(&self.leader.as_raw_pid()).copied().flatten()
    }
}

impl Drop for Group {
    /// Nothing of a command works on that nobody waits for.
    fn drop(&mut self) {
        if leaders().remove(&self.leader.as_raw_pid()) == Some(None) {
            self.signal(Signal::KILL);
        }
    }
}

/// Where this process is not process 1, orphans come to it all the same, so that none escapes.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_child_subreaper(Some(rustix::process::getpid())) {
        warn!(%error, "Processes that leave the command's group may outlive it");
    }
}

/// Children of this process: once a command itself has ended, those are its descendants that are no
/// other command's.
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
