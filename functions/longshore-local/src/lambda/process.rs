//! One function instance: a child process in a group of its own, and the Runtime API it talks to.

use std::{
    io,
    os::unix::process::ExitStatusExt,
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::{oneshot, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{
    environment::environment,
    printer::Printer,
    runtime_api::{self, Answer, Desk, Offer},
};
use crate::{Ground, template::FunctionSpec};

/// How long a process may start before its first invocation's own time begins, 10 s in Lambda.
const INIT_MAX: Duration = Duration::from_secs(10);

/// From SIGTERM to SIGKILL; Lambda gives a function without extensions less.
const TERM_GRACE: Duration = Duration::from_secs(2);

/// How long the pipes of an ended process are still read.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// A running function process.
#[derive(Debug)]
pub(super) struct Instance {
    desk: Arc<Desk>,
    stop: watch::Sender<Stop>,
    exit: watch::Receiver<Option<Exit>>,
}

/// How an instance is asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It is not.
    No,
    /// SIGTERM, then SIGKILL.
    Terminate,
    /// SIGKILL.
    Kill,
}

/// How a process ended, in Lambda's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exit(pub(super) String);

/// What became of an invocation on one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The process answered and can take the next one.
    Answered(Answer),
    /// The process said that it cannot start.
    InitFailed(Bytes),
    /// The process ended before it fetched the invocation.
    NeverFetched(Exit),
    /// The process ended before it answered.
    Exited(Exit),
    /// The process took too long.
    TimedOut,
}

impl Instance {
    /// Starts the function's command.
    pub(super) fn start(
        spec: &FunctionSpec,
        command: &[String],
        ground: &Ground,
        printer: &Printer,
    ) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let api = listener.local_addr()?.to_string();
        let (program, arguments) = command
            .split_first()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the command is empty"))?;
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(environment(spec, ground, &api))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let desk = Arc::new(Desk::new());
        let (stop, stopping) = watch::channel(Stop::No);
        let (exited, exit) = watch::channel(None);
        let group = child.id();
        let life = Life { child, group, printer: printer.clone(), stopping, exited };
        tokio::spawn(life.live(TcpListener::from_std(listener)?, Arc::clone(&desk)));
        Ok(Self { desk, stop, exit })
    }

    /// Whether the process still runs.
    pub(super) fn is_alive(&self) -> bool {
        self.exit.borrow().is_none()
    }

    /// Hands one invocation to the process and waits for what becomes of it.
    pub(super) async fn run(
        &self,
        request_id: &str,
        spec: &FunctionSpec,
        payload: Bytes,
    ) -> Outcome {
        let limit = Duration::from_secs(spec.timeout_secs.into());
        let (fetched, fetching) = oneshot::channel();
        let (answer, answering) = oneshot::channel();
        let offer = Offer {
            request_id: request_id.to_owned(),
            function_arn: spec.arn.clone(),
            timeout: limit,
            payload,
            fetched,
            answer,
        };
        self.desk.offer(offer).await;
        let deadline = tokio::select! {
            biased;
            Ok(deadline) = fetching => deadline,
            error = self.desk.init_failed() => return Outcome::InitFailed(error),
            exit = self.exited() => return Outcome::NeverFetched(exit),
            () = sleep(INIT_MAX + limit) => return Outcome::TimedOut,
        };
        tokio::select! {
            biased;
            Ok(answer) = answering => Outcome::Answered(answer),
            exit = self.exited() => Outcome::Exited(exit),
            () = tokio::time::sleep_until(deadline) => Outcome::TimedOut,
        }
    }

    /// Ends the process and returns when it is gone.
    pub(super) async fn end(&self, how: Stop) {
        self.stop.send_replace(how);
        self.exited().await;
    }

    async fn exited(&self) -> Exit {
        let mut exit = self.exit.clone();
        let exit = exit.wait_for(Option::is_some).await.map(|exit| exit.clone());
        exit.ok().flatten().unwrap_or_else(|| Exit("the embedded AWS is stopping".into()))
    }
}

/// The process itself; it is killed when nobody holds its [`Instance`] any more.
struct Life {
    child: Child,
    group: Option<u32>,
    printer: Printer,
    stopping: watch::Receiver<Stop>,
    exited: watch::Sender<Option<Exit>>,
}

impl Life {
    async fn live(mut self, listener: TcpListener, desk: Arc<Desk>) {
        let mut serving = JoinSet::new();
        serving.spawn(runtime_api::serve(listener, desk));
        let mut printing = JoinSet::new();
        if let Some(stdout) = self.child.stdout.take() {
            printing.spawn(self.printer.clone().print(stdout));
        }
        if let Some(stderr) = self.child.stderr.take() {
            printing.spawn(self.printer.clone().print(stderr));
        }
        let status = self.ended().await;
        // What the process started ends with it, or it would hold the pipes open.
        signal(self.group.take(), Signal::KILL);
        drop(timeout(LAST_WORDS, printing.join_all()).await);
        self.exited.send_replace(Some(exit(status)));
    }

    async fn ended(&mut self) -> Option<ExitStatus> {
        let how = tokio::select! {
            status = self.child.wait() => return status.ok(),
            how = self.stopping.wait_for(|stop| *stop != Stop::No) => {
                how.map_or(Stop::Kill, |how| *how)
            }
        };
        if how == Stop::Terminate {
            signal(self.group, Signal::TERM);
            if let Ok(status) = timeout(TERM_GRACE, self.child.wait()).await {
                return status.ok();
            }
        }
        signal(self.group, Signal::KILL);
        self.child.wait().await.ok()
    }
}

impl Drop for Life {
    /// Without a runtime to wait in, the group is at least ended.
    fn drop(&mut self) {
        signal(self.group, Signal::KILL);
    }
}

fn signal(group: Option<u32>, signal: Signal) {
    if let Some(group) = group.and_then(|group| i32::try_from(group).ok()).and_then(Pid::from_raw) {
        // It may have ended by itself, which is what was wanted.
        kill_process_group(group, signal).ok();
    }
}

/// How Lambda words the end of a runtime.
fn exit(status: Option<ExitStatus>) -> Exit {
    let words = match status.map(|status| (status.code(), status.signal())) {
        Some((Some(0), _)) => "Runtime exited without providing a reason".into(),
        Some((Some(code), _)) => format!("Runtime exited with error: exit status {code}"),
        Some((None, Some(6))) => "Runtime exited with error: signal: aborted".into(),
        Some((None, Some(9))) => "Runtime exited with error: signal: killed".into(),
        Some((None, Some(11))) => "Runtime exited with error: signal: segmentation fault".into(),
        Some((None, Some(15))) => "Runtime exited with error: signal: terminated".into(),
        Some((None, Some(other))) => format!("Runtime exited with error: signal: {other}"),
        _ => "Runtime exited in an unknown way".into(),
    };
    Exit(words)
}
