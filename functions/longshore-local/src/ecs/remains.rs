//! Processes that a killed AWS left running: found by what was recorded of them, and ended.
//!
//! A process is ours when it is in the group of a recorded process that is still the same one, or
//! when its environment names the container: so neither a reused process number is hit, nor is a
//! process missed that was started just before its record could be written.

use std::{
    collections::BTreeSet,
    fs,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// How long killed processes may take to vanish.
const VANISH: Duration = Duration::from_secs(2);

/// Pause between two looks at what is left.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// The variable by which a process tells its container.
const CONTAINER_VARIABLE: &[u8] = b"ECS_CONTAINER_METADATA_URI_V4=";

/// A container's process group, as far as it was recorded.
pub(super) struct Group<'a> {
    pub(super) container_id: &'a str,
    /// Number and start of the process that headed it.
    pub(super) head: Option<(i32, String)>,
}

/// What `/proc/<pid>/stat` says of a process.
struct Stat {
    is_dead: bool,
    group: i32,
    ticks: String,
}

/// When a process started, in words that no later process of that number shares.
pub(super) fn started(pid: i32) -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(format!("{} {}", boot.trim(), stat(pid)?.ticks))
}

/// Kills what is left of the groups, and returns when it is gone.
pub(super) fn end(groups: &[Group<'_>]) {
    let heads = groups.iter().filter_map(|group| group.head.as_ref());
    let same = heads.filter(|(pid, at)| started(*pid).as_ref() == Some(at));
    let ours: BTreeSet<i32> = same.map(|(pid, _)| *pid).collect();
    let containers: BTreeSet<&str> = groups.iter().map(|group| group.container_id).collect();
    let began = Instant::now();
    loop {
        let left = left(&ours, &containers);
        if left.is_empty() {
            return;
        }
        if began.elapsed() > VANISH {
            tracing::error!(?left, "processes of an earlier start do not end");
            return;
        }
        for pid in left.into_iter().filter_map(Pid::from_raw) {
            if let Err(gone) = kill_process(pid, Signal::KILL) {
                tracing::trace!(%gone, "a process ended before it was killed");
            }
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

fn left(groups: &BTreeSet<i32>, containers: &BTreeSet<&str>) -> Vec<i32> {
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| {
        let stat = stat(*pid).filter(|stat| !stat.is_dead);
        stat.is_some_and(|stat| {
            groups.contains(&stat.group)
                || container(*pid).is_some_and(|id| containers.contains(id.as_str()))
        })
    })
    .collect()
}

fn stat(pid: i32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program, in parentheses, may hold spaces and parentheses itself.
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
    let is_dead = matches!(fields.next()?, "Z" | "X");
    let group = fields.nth(1)?.parse().ok()?;
    let ticks = fields.nth(16)?.to_owned();
    Some(Stat { is_dead, group, ticks })
}

/// The container that the process's environment names.
fn container(pid: i32) -> Option<String> {
    let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
    let mut variables = environment.split(|byte| *byte == 0);
    let uri = variables.find_map(|variable| variable.strip_prefix(CONTAINER_VARIABLE))?;
    let id = uri.rsplit(|byte| *byte == b'/').next()?;
    String::from_utf8(id.to_vec()).ok()
}
