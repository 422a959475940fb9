//! One tick of a queue: what was seen ─▶ what is remembered and to be done from now on.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{
    ask::{Answer, Ask, Asked, Came, Fate},
    beat::Worker,
    change::Change,
    crew::Crew,
    heard::Heard,
    scaled::{Decided, Scaled, Stages},
    service::Service,
    settings::FleetSettings,
    victims::{may_leave, victims},
};
use crate::{
    run::digest,
    scale::{Decision, Draining, Observation, Policy, Reading, decide},
};

/// Tasks of one call of RunTask (API reference).
const CALL_TASKS_MAX: u32 = 10;
/// Launches of one tick: 18 a second, which all processes share, for five seconds.
const LAUNCHES_MAX: u32 = 90;
/// Characters of a client token; 64 are allowed (RunTask API reference).
const TOKEN_CHARS: usize = 40;

/// What one look at a queue and its fleet has shown.
#[derive(Clone, Copy, Debug)]
pub struct Sighting<'a> {
    /// When.
    pub at: Timestamp,
    /// The depth of the queue, if it could be read.
    pub depth: Option<Depth>,
    /// The rows of its workers.
    pub workers: &'a [Worker],
    /// What came of calls, by their tokens.
    pub answers: &'a BTreeMap<String, Answer>,
    /// What ECS says of tasks that say nothing, by their ids.
    pub fates: &'a BTreeMap<String, Fate>,
    /// The service, if the fleet is one and ECS answered.
    pub service: Option<&'a Service>,
    /// Whether the change that was to be told is told.
    pub is_told: bool,
}

/// The depth of a queue.
#[derive(Clone, Copy, Debug, Default)]
pub struct Depth {
    /// Messages that wait, and those in flight.
    pub reading: Reading,
    /// ApproximateNumberOfMessagesDelayed.
    pub delayed: f64,
}

/// What a tick comes to.
#[derive(Clone, Debug)]
pub struct Ticked {
    /// What is written before anything is done.
    pub next: Scaled,
    /// What the decision was made of.
    pub observation: Observation,
    /// Whether there is neither a message nor a task, nor anything to be done.
    pub is_idle: bool,
}

impl Scaled {
    /// Takes in what was seen, and decides.
    #[must_use]
    pub fn tick(&self, policy: &Policy, seen: &Sighting<'_>) -> Ticked {
        let mut next = self.clone();
        next.ver += 1;
        if seen.is_told {
            next.untold = None;
        }
        let refused = next.hear(seen.answers);
        let mut crew = Crew::of(seen.workers, &next.victims, seen.at);
        next.victims.retain(|id| is_untold(&crew, id));
        let came = next.follow(&mut crew, policy.max_tasks, seen);
        let (heard, workers) = Heard::listen(self.heard.as_ref(), &crew, seen.at);
        next.heard = Some(heard);
        let may_leave = may_leave(&crew, &next.asks, seen.at);
        let observation = Observation {
            at_secs: secs(seen.at),
            queue: seen.depth.map(|depth| depth.reading),
            running: count(crew.receiving.len()),
            may_leave: count(may_leave.len()),
            starting_secs: Ask::starting_secs(&next.asks, seen.at),
            draining: Draining {
                tasks: count(crew.draining.len()),
                // Not `sum`, which of nothing is a negative zero.
                in_flight: crew
                    .draining
                    .iter()
                    .fold(0.0, |sum, one| sum + f64::from(one.beat.in_flight)),
            },
            workers,
            cloudwatch: None,
            started_secs: came.started_secs,
            failed: came.failed.saturating_add(refused),
            launches_max: next.launches_max(),
        };
        let (decision, state) = decide(&observation, next.state, policy);
        next.state = state;
        if !next.settings.shadow {
            next.ask(decision.launch, seen.at);
            next.victims.extend(victims(may_leave, decision.drain));
        }
        let is_idle = next.asks.is_empty()
            && crew.receiving.len() + crew.draining.len() == 0
            && next.is_staffed(seen.service)
            && observation.queue.is_some_and(|queue| queue.visible + queue.in_flight < 1.0);
        next.stages = Stages {
            starting: count(observation.starting_secs.len()),
            receiving: observation.running,
            draining: observation.draining.tasks,
        };
        next.say(decision, seen);
        Ticked { next, observation, is_idle }
    }

    /// Takes in what RunTask answered; gives how many were refused for good.
    fn hear(&mut self, answers: &BTreeMap<String, Answer>) -> u32 {
        let (mut failed, mut started, mut is_slow) = (0_u32, 0_u32, false);
        self.asks.retain_mut(|ask| match answers.get(&ask.token) {
            _ if ask.tasks.is_some() => true,
            None => true,
            Some(Answer::Unknown) => {
                is_slow = true;
                true
            }
            Some(Answer::Started(tasks)) => {
                started = started.saturating_add(count(tasks.len()));
                is_slow |= count(tasks.len()) < ask.count;
                ask.tasks = Some(tasks.iter().map(|arn| Asked::new(arn)).collect());
                !tasks.is_empty()
            }
            Some(Answer::Refused { is_capacity }) => {
                is_slow |= is_capacity;
                failed += if *is_capacity { 0 } else { ask.count };
                false
            }
        });
        self.pace = match self.pace {
            _ if is_slow => Some((started / 2).max(1)),
            Some(pace) if started > 0 => Some(pace * 2).filter(|pace| *pace < LAUNCHES_MAX),
            pace => pace,
        };
        failed
    }

    /// Takes in what became of the tasks that were asked for.
    fn follow(&mut self, crew: &mut Crew<'_>, max_tasks: u32, seen: &Sighting<'_>) -> Came {
        if self.settings.shadow {
            return Came::default();
        }
        let lost = SignedDuration::try_from_secs_f64(self.state.lost_secs());
        let lost = lost.unwrap_or(SignedDuration::MAX);
        match &self.settings.fleet {
            FleetSettings::Tasks { .. } => {
                let fate_of = |id: &str| seen.fates.get(id).copied();
                Ask::follow(&mut self.asks, crew, fate_of, seen.at, lost)
            }
            FleetSettings::Service { .. } => {
                if let Some(service) = seen.service {
                    let replaced = service.replaced(crew, &self.asks, seen.at);
                    crew.send_off(&replaced);
                    self.victims.extend(replaced);
                }
                self.staff.follow(seen.service, crew, max_tasks, seen.at);
                self.staff.meet(&mut self.asks, seen.service, crew, seen.at, lost)
            }
        }
    }

    /// Most launches that are asked for now: the pace, less what is not answered yet.
    fn launches_max(&self) -> Option<u32> {
        match self.settings.fleet {
            FleetSettings::Service { .. } if self.settings.shadow => None,
            FleetSettings::Service { .. } => self.staff.desired.is_none().then_some(0),
            FleetSettings::Tasks { .. } => {
                let open = self.asks.iter().filter(|ask| ask.tasks.is_none());
                let open: u32 = open.map(|ask| ask.count).sum();
                Some(self.pace.unwrap_or(LAUNCHES_MAX).saturating_sub(open))
            }
        }
    }

    /// Whether ECS has the desired count that it should have.
    fn is_staffed(&self, service: Option<&Service>) -> bool {
        match self.settings.fleet {
            FleetSettings::Tasks { .. } => true,
            FleetSettings::Service { .. } => {
                self.settings.shadow
                    || service.is_some_and(|service| self.staff.desired == Some(service.desired))
            }
        }
    }

    /// Asks for so many tasks.
    fn ask(&mut self, launch: u32, at: Timestamp) {
        if let FleetSettings::Service { .. } = self.settings.fleet {
            if launch > 0 {
                self.staff.desired = self.staff.desired.map(|desired| desired + launch);
                self.asks.push(Ask { at, token: String::new(), count: launch, tasks: None });
            }
            return;
        }
        let mut left = launch;
        while left > 0 {
            let count = left.min(CALL_TASKS_MAX);
            let (ver, nth) = (self.ver.to_string(), left.to_string());
            let mut token = digest(&[&self.queue, &self.holder, &ver, &nth]);
            token.truncate(TOKEN_CHARS);
            self.asks.push(Ask { at, token, count, tasks: None });
            left -= count;
        }
    }

    /// Remembers the decision, and tells it if it is another than before.
    fn say(&mut self, decision: Decision, seen: &Sighting<'_>) {
        let before = self.decided.as_ref().map(|last| (last.decision.to, last.decision.reason));
        if before != Some((decision.to, decision.reason)) {
            let shadow = self.settings.shadow;
            self.untold = Some(Change { at: seen.at, decision: decision.clone(), shadow });
        }
        let delayed = seen.depth.map_or(0.0, |depth| depth.delayed);
        self.decided = Some(Decided { at: seen.at, delayed, decision });
    }
}

/// Whether a worker that is to leave is still there and does not know yet.
fn is_untold(crew: &Crew<'_>, id: &str) -> bool {
    let is_there = crew.draining.iter().any(|worker| super::task_id(&worker.beat.task) == id);
    is_there && crew.all.get(id).is_some_and(|worker| worker.drain.is_none())
}

fn secs(at: Timestamp) -> f64 {
    at.as_duration().as_secs_f64()
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
