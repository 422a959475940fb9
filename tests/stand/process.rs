//! The process of `longshore dev`, and the processes that it started.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread::JoinHandle,
};

use rustix::process::{Pid, Signal, kill_process};

/// The line that says where it answers.
const READY: &str = "AWS_ENDPOINT_URL=";
/// The line that says what its clock shows, if that is not the machine's.
const CLOCK: &str = "LONGSHORE_CLOCK=";

/// A running `longshore dev`; it ends with the test.
pub(crate) struct Dev {
    child: Child,
    pub(crate) endpoint: String,
    pub(crate) clock: Option<String>,
    reading: Option<JoinHandle<()>>,
}

/// Runs the command to its end.
pub(crate) fn dev(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_longshore-under-test"));
    command.args(arguments).current_dir(repository()).stdin(Stdio::null());
    command
}

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

impl Dev {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = command(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (mut clock, mut endpoint) = (None, None);
        for line in lines.by_ref().map_while(Result::ok) {
            clock = clock.or_else(|| line.strip_prefix(CLOCK).map(str::to_owned));
            endpoint = line.strip_prefix(READY).map(str::to_owned);
            if endpoint.is_some() {
                break;
            }
        }
        let endpoint = endpoint.expect("`longshore dev` ended before it was ready");
        // It must not wait for a reader.
        let reading = std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self { child, endpoint, clock, reading: Some(reading) }
    }

    /// CPU time of itself, and of the functions and tasks that it runs now, in seconds.
    pub(crate) fn cpu_secs(&self) -> (f64, f64) {
        let children = pids_with(&format!("AWS_ENDPOINT_URL={}", self.endpoint));
        (cpu_secs(self.child.id()), children.into_iter().map(cpu_secs).sum())
    }

    /// Sends it a signal and waits for its end.
    pub(crate) fn end(&mut self, signal: Signal) -> ExitStatus {
        kill(self.child.id(), signal);
        let status = self.child.wait().unwrap();
        self.reading.take().map(JoinHandle::join).transpose().unwrap();
        status
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.end(Signal::TERM);
        }
    }
}

/// CPU time of all threads of a process so far, user and system, in seconds.
pub(crate) fn cpu_secs(pid: u32) -> f64 {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let nanos = threads.filter_map(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        stat.split_whitespace().next()?.parse::<f64>().ok()
    });
    nanos.sum::<f64>() / 1e9
}

/// Sends a signal; a process that has just ended is no error.
pub(crate) fn kill(pid: u32, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.map(|pid| kill_process(pid, signal));
}

/// Processes whose environment holds `variable`, such as `LONGSHORE_RUN=…`.
pub(crate) fn pids_with(variable: &str) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|it| it == variable.as_bytes())
    })
    .collect()
}
