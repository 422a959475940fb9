//! Containers as processes of this machine, each the head of a process group of its own.

use std::{
    collections::BTreeMap,
    env,
    os::unix::process::ExitStatusExt,
    pin::pin,
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{self, BoxFuture, FusedFuture},
};
use rustix::process::{Pid, kill_process_group};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use super::{
    lines::Lines,
    remains::{self, Group},
    runner::{Launch, NotStarted, Remains, Runner, Signal, Started},
};

/// What a container inherits of this process's environment: nothing but where things are.
const INHERITED: [&str; 3] = ["PATH", "HOME", "TMPDIR"];

/// How long the last output of an ended container may take, in the machine's own time. Only a
/// process that left the group while it held the output open makes it take that long.
const LAST_OUTPUT: Duration = Duration::from_secs(1);

/// What a shell adds to the number of the signal that ended a process.
const SIGNAL_BASE: i32 = 128;
const SIGKILL: i32 = 9;

/// Runs containers as processes.
#[derive(Debug)]
pub(crate) struct ProcessRunner {
    inherited: BTreeMap<String, String>,
}

/// How a started process is found again.
#[derive(Debug, Serialize, Deserialize)]
struct Mark {
    pid: i32,
    /// Tells it from a later process of that number; absent where the machine does not say.
    started: Option<String>,
}

impl ProcessRunner {
    /// Runs processes in the surroundings of this one.
    pub(crate) fn new() -> Self {
        let inherited = INHERITED.iter().filter_map(|name| {
            let value = env::var(name).ok()?;
            Some(((*name).to_owned(), value))
        });
        Self { inherited: inherited.collect() }
    }

    fn spawn(&self, launch: &Launch) -> Result<Child, NotStarted> {
        let given = launch.entrypoint.as_ref().filter(|given| !given.is_empty());
        let entrypoint = given.ok_or_else(|| no_command(&launch.image))?;
        let mut argv = entrypoint.iter().chain(&launch.command);
        let program = argv.next().ok_or_else(|| no_command(&launch.image))?;
        Command::new(program)
            .args(argv)
            .env_clear()
            .envs(&self.inherited)
            .envs(&launch.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| {
                NotStarted(format!(
                    "CannotStartContainerError: cannot start `{program}` for container `{}`: \
                     {error}; give a command that runs on this machine with \
                     Metadata.Local.Command or --task name='command'",
                    launch.name
                ))
            })
    }
}

fn no_command(image: &str) -> NotStarted {
    NotStarted(format!(
        "CannotPullContainerError: no command stands for image `{image}` on this machine; give one \
         with Metadata.Local.Command or --task name='command'"
    ))
}

impl Runner for ProcessRunner {
    fn start<'a>(
        &'a self,
        launch: &'a Launch,
        lines: Arc<Lines>,
    ) -> BoxFuture<'a, Result<Started, NotStarted>> {
        let started = self.spawn(launch).map(|child| {
            let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
            let mark = pid.map(|pid| Mark { pid, started: remains::started(pid) });
            Started {
                mark: json!(mark),
                exit: exit(child, pid, launch.container_id.clone(), lines).boxed(),
            }
        });
        future::ready(started).boxed()
    }

    fn signal(&self, mark: &Value, signal: Signal) {
        if let Ok(Mark { pid, .. }) = serde_json::from_value(mark.clone()) {
            signal_group(pid, signal);
        }
    }

    fn end_remains(&self, remains: &[Remains]) {
        let groups = remains.iter().map(|one| {
            let mark = one.mark.as_ref().and_then(|mark| serde_json::from_value(mark.clone()).ok());
            let head = mark.and_then(|Mark { pid, started }| Some((pid, started?)));
            Group { container_id: &one.container_id, head }
        });
        remains::end(&groups.collect::<Vec<_>>());
    }
}

fn signal_group(pid: i32, signal: Signal) {
    let signal = match signal {
        Signal::Terminate => rustix::process::Signal::TERM,
        Signal::Kill => rustix::process::Signal::KILL,
    };
    let Some(group) = Pid::from_raw(pid) else { return };
    if let Err(gone) = kill_process_group(group, signal) {
        tracing::trace!(pid, %gone, "a process group ended before it was signalled");
    }
}

/// Carries the output until the process ends, ends what is left of its group, and says its code.
async fn exit(
    mut child: Child,
    pid: Option<i32>,
    container_id: String,
    lines: Arc<Lines>,
) -> Option<i32> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let out = async { future::OptionFuture::from(stdout.map(|from| lines.carry(from))).await };
    let err = async { future::OptionFuture::from(stderr.map(|from| lines.carry(from))).await };
    let mut output = pin!(future::join(out, err).fuse());
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            _ = &mut output, if !output.is_terminated() => {}
        }
    };
    if let Some(pid) = pid {
        signal_group(pid, Signal::Kill);
    }
    if status.as_ref().is_ok_and(|status| status.signal() == Some(SIGKILL)) {
        end_all_of(container_id).await;
    }
    if !output.is_terminated() && tokio::time::timeout(LAST_OUTPUT, output).await.is_err() {
        tracing::warn!(?pid, "a process that outlives its container holds its output open");
    }
    status.ok().and_then(exit_code)
}

/// A container is killed as a whole (pid_namespaces(7)). Here its first process, which could not
/// know of its end, may have started groups of its own.
async fn end_all_of(container_id: String) {
    let end = move || remains::end(&[Group { container_id: &container_id, head: None }]);
    if let Err(error) = tokio::task::spawn_blocking(end).await {
        tracing::error!(%error, "processes of a killed container may be left");
    }
}

fn exit_code(status: ExitStatus) -> Option<i32> {
    status.code().or_else(|| status.signal().map(|signal| SIGNAL_BASE + signal))
}
