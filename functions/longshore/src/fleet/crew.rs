//! The workers of a queue, by what can be counted upon from them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::beat::{REST, Stage, Worker};

/// How long a worker is believed to be there after it said something: three beats.
pub(super) const SILENT: SignedDuration = SignedDuration::from_secs(30);

/// The id of a task, which ends its ARN.
#[must_use]
pub fn task_id(task: &str) -> &str {
    task.rsplit('/').next().unwrap_or_default()
}

/// Workers that are there, by how far they are.
#[derive(Debug, Default)]
pub(super) struct Crew<'a> {
    /// Those that receive, and are not told to leave.
    pub(super) receiving: Vec<&'a Worker>,
    /// Those that were told to leave, or leave, and still hold something.
    pub(super) draining: Vec<&'a Worker>,
    /// Those that hold nothing any more, and may still be there.
    pub(super) drained: Vec<&'a Worker>,
    /// Rows of all, the silent included, by the ids of their tasks.
    pub(super) all: BTreeMap<&'a str, &'a Worker>,
    /// Those that a scaler told to leave, by the ids of their tasks. Others leave because ECS ends
    /// them.
    told: BTreeSet<&'a str>,
}

impl<'a> Crew<'a> {
    /// Of several rows of one task the newest counts. `victims` are told to leave, whether or not
    /// their rows show it yet.
    pub(super) fn of(workers: &'a [Worker], victims: &[String], now: Timestamp) -> Self {
        let mut all: BTreeMap<&str, &Worker> = BTreeMap::new();
        for worker in workers {
            let newest = all.entry(task_id(&worker.beat.task)).or_insert(worker);
            if newest.beat.at < worker.beat.at {
                *newest = worker;
            }
        }
        let victims: BTreeSet<&str> = victims.iter().map(String::as_str).collect();
        let mut crew = Self::default();
        for (id, worker) in &all {
            let is_told = worker.drain.is_some() || victims.contains(id);
            if is_told {
                crew.told.insert(id);
            }
            let believed = if worker.beat.stage == Stage::Drained { REST } else { SILENT };
            match worker.beat.stage {
                _ if now.duration_since(worker.beat.at) > believed => {}
                Stage::Drained => crew.drained.push(worker),
                Stage::Receiving if !is_told => crew.receiving.push(worker),
                Stage::Receiving | Stage::Draining => crew.draining.push(worker),
            }
        }
        crew.all = all;
        crew
    }

    /// Whether a scaler told it to leave.
    pub(super) fn is_told(&self, worker: &Worker) -> bool {
        self.told.contains(task_id(&worker.beat.task))
    }

    /// Those that receive are told to leave, if they are among `ids`.
    pub(super) fn send_off(&mut self, ids: &[String]) {
        let is_one = |worker: &&Worker| ids.iter().any(|id| id == task_id(&worker.beat.task));
        let (leave, stay) = std::mem::take(&mut self.receiving).into_iter().partition(is_one);
        self.receiving = stay;
        let leave: Vec<&Worker> = leave;
        self.told.extend(leave.iter().map(|worker| task_id(&worker.beat.task)));
        self.draining.extend(leave);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::samples::{at, worker};

    #[test]
    fn workers_are_counted_by_what_they_say_and_are_told() {
        let told = |mut worker: Worker| {
            worker.drain = Some(at(90));
            worker
        };
        let says = |mut worker: Worker, stage| {
            worker.beat.stage = stage;
            worker
        };
        let workers = [
            worker("fresh", 0, 71),
            worker("silent", 0, 69),
            told(worker("told", 0, 99)),
            worker("victim", 0, 99),
            says(worker("leaving", 0, 99), Stage::Draining),
            says(told(worker("gone", 0, 85)), Stage::Drained),
            says(told(worker("long gone", 0, 84)), Stage::Drained),
            told(worker("silently gone", 0, 1)),
            // Read twice: the newer row counts.
            worker("twice", 0, 99),
            says(worker("twice", 0, 89), Stage::Draining),
        ];
        let crew = Crew::of(&workers, &["victim".to_owned()], at(100));
        let ids = |workers: &[&Worker]| -> Vec<String> {
            workers.iter().map(|worker| task_id(&worker.beat.task).to_owned()).collect()
        };
        assert_eq!(ids(&crew.receiving), ["fresh", "twice"]);
        assert_eq!(ids(&crew.draining), ["leaving", "told", "victim"]);
        assert_eq!(ids(&crew.drained), ["gone"]);
        assert_eq!(crew.all.len(), 9);
    }
}
