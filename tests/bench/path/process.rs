//! Processes, and what the kernel says of them.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Instant,
};

use aws_types::{SdkConfig, region::Region, sdk_config::SharedCredentialsProvider};
use rustix::process::{Pid, Signal, kill_process};

/// The command, in the profile of the benchmark.
pub(crate) const LONGSHORE: &str = env!("CARGO_BIN_EXE_longshore-under-test");

/// A running `longshore dev`.
pub(crate) struct Dev {
    child: Child,
    pub(crate) endpoint: String,
    /// From before its start until it says where it answers.
    pub(crate) ready_ms: f64,
}

impl Dev {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let began = Instant::now();
        let mut child = Command::new(LONGSHORE)
            .args(["dev", "--port", "0", "--no-sample"])
            .args(arguments)
            .current_dir(root)
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let endpoint = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("AWS_ENDPOINT_URL=").map(str::to_owned))
            .expect("ready");
        let ready_ms = began.elapsed().as_secs_f64() * 1e3;
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self { child, endpoint, ready_ms }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let pid = Pid::from_raw(self.child.id().cast_signed());
        pid.map(|pid| kill_process(pid, Signal::TERM));
        drop(self.child.wait());
    }
}

/// CPU time of all threads of a process, user and system, in milliseconds.
pub(crate) fn cpu_ms(pid: u32) -> f64 {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let nanos = threads.filter_map(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        stat.split_whitespace().next()?.parse::<f64>().ok()
    });
    nanos.sum::<f64>() / 1e6
}

/// Resident memory now, in MiB.
pub(crate) fn rss_mib(pid: u32) -> f64 {
    status(pid, "VmRSS:")
}

/// Resident memory at its peak, in MiB.
pub(crate) fn peak_mib(pid: u32) -> f64 {
    status(pid, "VmHWM:")
}

fn status(pid: u32, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}

/// The processes that are the function `name` of the AWS at `endpoint`.
pub(crate) fn pids_of_function(name: &str, endpoint: &str) -> Vec<u32> {
    let wanted =
        [format!("AWS_LAMBDA_FUNCTION_NAME={name}"), format!("AWS_ENDPOINT_URL={endpoint}")];
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_wanted = |pid: &u32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let variables: Vec<&[u8]> = environment.split(|byte| *byte == 0).collect();
        wanted.iter().all(|wanted| variables.contains(&wanted.as_bytes()))
    };
    pids.filter(is_wanted).collect()
}

/// What a client of the AWS at `endpoint` is made of.
pub(crate) fn sdk(endpoint: &str) -> SdkConfig {
    let credentials = aws_credential_types::Credentials::new("test", "test", None, None, "bench");
    SdkConfig::builder()
        .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
        .build()
}

/// Minimum, median and maximum.
#[expect(clippy::print_stdout, reason = "a benchmark prints")]
pub(crate) fn print(what: &str, figures: &mut [f64]) {
    figures.sort_by(f64::total_cmp);
    let (Some(first), Some(last)) = (figures.first(), figures.last()) else { return };
    println!("{what}: min {first:.1}, median {:.1}, max {last:.1}", figures[figures.len() / 2]);
}
