//! An ECS service as a fleet: ECS starts and stops its tasks, and is told how many there should be.
//!
//! ECS ends tasks without scale-in protection first, so the desired count falls only by workers
//! that hold nothing any more, each of them once.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    ask::{Ask, Came, is_paid},
    beat::Worker,
    crew::{Crew, SILENT, task_id},
};

/// How long after its last word a worker is remembered for which the desired count was lowered.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(5);

/// A service, as ECS describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// Its desired count.
    pub desired: u32,
    /// Tasks that are being started.
    pub pending: u32,
    /// The task definition of its newest deployment, by ARN.
    pub definition: Option<String>,
}

/// What is remembered of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Staff {
    /// How many tasks there should be; none until ECS was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired: Option<u32>,
    /// Tasks for which it was lowered, and that may still be there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lowered: Vec<String>,
    /// Since when more are there than there should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short_since: Option<Timestamp>,
}

impl Service {
    /// Whether a worker's revision is one that a deployment replaces.
    fn is_old(&self, worker: &Worker) -> bool {
        let (Some(its), Some(newest)) = (&worker.beat.definition, &self.definition) else {
            return false;
        };
        its != newest
    }

    /// Workers of an older revision that have to leave: as many as there are newer ones in their
    /// place, and one if there is no room for any.
    pub(super) fn replaced(&self, crew: &Crew<'_>, asks: &[Ask], now: Timestamp) -> Vec<String> {
        let count = |workers: &[&Worker]| workers.iter().filter(|one| self.is_old(one)).count();
        let newer = crew.receiving.len() - count(&crew.receiving);
        let leaving = count(&crew.draining);
        let stuck = newer == 0 && self.pending == 0 && leaving + count(&crew.drained) == 0;
        let room = if stuck { 1 } else { newer.saturating_sub(leaving) };
        let may_leave = |worker: &&&Worker| self.is_old(worker) && is_paid(asks, worker, now);
        let leave = crew.receiving.iter().filter(may_leave).take(room);
        leave.map(|worker| task_id(&worker.beat.task).to_owned()).collect()
    }
}

fn is_old(service: Option<&Service>, worker: &Worker) -> bool {
    service.is_some_and(|service| service.is_old(worker))
}

/// Workers that the desired count counts: whoever leaves otherwise is replaced by ECS.
fn there(service: Option<&Service>, crew: &Crew<'_>) -> u32 {
    let lowers = |worker: &&&Worker| crew.is_told(worker) && !is_old(service, worker);
    let leaving = crew.draining.iter().filter(lowers).count();
    u32::try_from(crew.receiving.len() + leaving).unwrap_or(u32::MAX)
}

impl Staff {
    /// Takes in what ECS says and who has left: each drained worker lowers the desired count once,
    /// but for those that ECS replaces: of an older revision, or not told to leave by a scaler.
    pub(super) fn follow(
        &mut self,
        service: Option<&Service>,
        crew: &Crew<'_>,
        max_tasks: u32,
        now: Timestamp,
    ) {
        let known = service.map(|service| service.desired);
        let Some(mut desired) = self.desired.or(known) else { return };
        let is_near = |worker: &Worker| now.duration_since(worker.beat.at) <= REMEMBERED;
        self.lowered.retain(|id| crew.all.get(id.as_str()).is_some_and(|worker| is_near(worker)));
        for worker in &crew.drained {
            let id = task_id(&worker.beat.task);
            // Whether ECS replaces it is not known while ECS does not answer.
            if crew.is_told(worker)
                && service.is_some_and(|service| !service.is_old(worker))
                && !self.lowered.iter().any(|lowered| lowered == id)
            {
                self.lowered.push(id.to_owned());
                desired = desired.saturating_sub(1);
            }
        }
        self.desired = Some(desired);
        self.make_room(service, crew, max_tasks, now);
    }

    /// Who is there for longer than a worker is believed that was lost is not one too many: ECS
    /// has replaced one for whom the count was lowered, and would have to stop another at work. Two
    /// that were lost one soon after the other are believed for as long, but not beyond `max_tasks`.
    fn make_room(
        &mut self,
        service: Option<&Service>,
        crew: &Crew<'_>,
        max_tasks: u32,
        now: Timestamp,
    ) {
        let there = there(service, crew).min(max_tasks);
        let mut present = crew.receiving.iter().chain(&crew.draining);
        let is_deploying = present.any(|worker| is_old(service, worker));
        if is_deploying || self.desired.is_none_or(|desired| desired >= there) {
            self.short_since = None;
        } else if now.duration_since(*self.short_since.get_or_insert(now)) > SILENT {
            self.desired = Some(there);
            self.short_since = None;
        }
    }

    /// Matches what was asked for with who is there: ECS does not say which of its tasks came of
    /// which request, so the oldest request is taken to be met first.
    pub(super) fn meet(
        &self,
        asks: &mut Vec<Ask>,
        service: Option<&Service>,
        crew: &Crew<'_>,
        now: Timestamp,
        lost: SignedDuration,
    ) -> Came {
        let missing = self.desired.unwrap_or(0).saturating_sub(there(service, crew));
        let asked: u32 = asks.iter().map(|ask| ask.count).sum();
        let mut came = Came::default();
        let mut newest: Vec<Timestamp> =
            crew.receiving.iter().map(|worker| worker.beat.since).collect();
        newest.sort_unstable();
        for _ in missing..asked {
            let Some(first) = asks.first_mut() else { break };
            if let Some(since) = newest.pop()
                && since > first.at
            {
                came.started_secs.push(since.duration_since(first.at).as_secs_f64());
            }
            first.count -= 1;
            asks.retain(|ask| ask.count > 0);
        }
        if missing > asked {
            asks.push(Ask { at: now, token: String::new(), count: missing - asked, tasks: None });
        }
        // ECS goes on trying by itself, so they are waited for anew.
        for ask in asks.iter_mut().filter(|ask| now.duration_since(ask.at) > lost) {
            came.failed += ask.count;
            ask.at = now;
        }
        came
    }
}

#[cfg(test)]
mod histories;
#[cfg(test)]
mod tests;
