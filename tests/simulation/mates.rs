//! The workers of a pool: tasks that are started for no run, take messages, and die or leave.

use std::{collections::BTreeSet, sync::Arc};

use longshore::{
    poll::Ended,
    run::{TaskChange, Worker},
};
use longshore_engine::Hands;
use serde_json::{Value, json};

use super::{
    chance::{Fault, Stream},
    crew,
    drive::{Driver, Of},
    ecs::SimEcs,
    life::Ending,
    planted::Planted,
    queues::VISIBILITY_MS,
    spec::{CLUSTER, START_MS_MAX},
    wake::Wake,
    weather::Kind,
    world::{HOUR, MINUTE, World},
};

/// Most workers at once.
const MATES_MAX: u64 = 3;
/// Most messages that one has in hand.
const SLOTS_MAX: u64 = 3;
/// How long a worker that was told to leave has for what it has in hand: the longest `stopTimeout`
/// of Fargate.
const LEAVE_MS_MAX: u64 = 2 * MINUTE;
/// How long ECS does not tell that a task has stopped.
const UNTOLD_MS_MAX: u64 = MINUTE;
const DEFINITION: &str = "arn:aws:ecs:eu-west-1:111122223333:task-definition/pool:3";

/// What happens to a pool.
#[derive(Clone, Copy, Debug)]
pub(super) enum Happening {
    /// A message is visible.
    Visible(usize),
    /// A worker begins.
    Begins,
    /// A worker is killed.
    Dies(usize),
    /// A worker is told to leave.
    Leaves(usize),
    /// Somebody purges the queue.
    Purged,
}

/// A worker.
#[derive(Debug)]
pub(super) struct Mate {
    began_at_ms: u64,
    slots: usize,
    in_hand: BTreeSet<usize>,
    /// Messages that it has seen to, which it deletes when they come again.
    finished: BTreeSet<usize>,
    /// What its process knows of launches.
    hands: Arc<Hands>,
    is_leaving: bool,
    is_gone: bool,
    /// From when on ECS tells that it has stopped.
    stopped_at_ms: Option<u64>,
}

impl Mate {
    fn has_room(&self) -> bool {
        !self.is_gone && !self.is_leaving && self.in_hand.len() < self.slots
    }
}

/// ARN of a worker's task.
pub(super) fn arn(mate: usize) -> String {
    format!("arn:aws:ecs:eu-west-1:111122223333:task/pool/{mate}")
}

/// What every worker is a task of.
pub(super) fn worker() -> Worker {
    Worker { cluster: CLUSTER.into(), definition: DEFINITION.into(), container: "app".into() }
}

/// The task of a worker as ECS tells of it.
fn event(mate: usize, is_stopped: bool) -> Value {
    json!({"source": "aws.ecs", "detail-type": "ECS Task State Change", "detail": {
        "taskArn": arn(mate),
        "clusterArn": CLUSTER,
        "taskDefinitionArn": DEFINITION,
        "startedBy": "ecs-svc/1",
        "version": 2 + i64::from(is_stopped),
        "lastStatus": if is_stopped { "STOPPED" } else { "RUNNING" },
        "containers": [{"name": "app", "exitCode": is_stopped.then_some(137)}],
        "stopCode": is_stopped.then_some("ServiceSchedulerInitiated"),
    }})
}

impl SimEcs<'_> {
    /// What ECS tells of a worker, if the task is one: its task, unless ECS does not know it.
    #[expect(clippy::option_option, reason = "no worker, and one that ECS does not know, differ")]
    pub(super) fn mate(&self, task: &str) -> Option<Option<TaskChange>> {
        let number = task.strip_prefix(arn(0).trim_end_matches('0'))?.parse::<usize>().ok()?;
        let now_ms = self.world.now_ms();
        let pooled = self.pool();
        let mate = pooled.mates.get(number)?;
        let is_new = now_ms < mate.began_at_ms + 5 * MINUTE;
        let is_forgotten = mate.stopped_at_ms.is_some_and(|at| now_ms >= at + HOUR);
        if is_forgotten || (is_new && self.world.strikes(Fault::Stale)) {
            return Some(None);
        }
        let is_stopped = mate.stopped_at_ms.is_some_and(|at| now_ms >= at);
        let is_stopped = is_stopped || self.planted == Planted::LivingMateIsStopped;
        Some(TaskChange::parse(&event(number, is_stopped).to_string()).ok())
    }

    pub(super) fn hands(&self, mate: usize) -> Arc<Hands> {
        Arc::clone(&self.pool().mates[mate].hands)
    }

    /// Whether the worker was told to leave.
    pub(super) fn is_leaving(&self, mate: usize) -> bool {
        self.pool().mates[mate].is_leaving
    }

    /// The next message, and the worker that gets it.
    fn hands_over(&self) -> Option<(usize, usize)> {
        loop {
            let mut pooled = self.pool();
            let free: Vec<usize> =
                (0..pooled.mates.len()).filter(|mate| pooled.mates[*mate].has_room()).collect();
            if free.is_empty() || pooled.visible.is_empty() {
                return None;
            }
            let message = pooled.visible.remove(0);
            if pooled.is_gone(message) {
                continue;
            }
            let nth = self.world.below(Stream::Pools, free.len() as u64);
            let mate = free[usize::try_from(nth).unwrap_or(0)];
            let its = &mut pooled.mates[mate];
            if its.finished.contains(&message) {
                drop(pooled);
                self.deletes(message);
            } else if its.in_hand.insert(message) {
                if self.world.strikes(Fault::NotDeleted) {
                    self.comes_back(message, VISIBILITY_MS);
                }
                return Some((message, mate));
            } else {
                // It is one message to it, however often it is given.
                self.comes_back(message, VISIBILITY_MS);
            }
        }
    }

    fn comes_back(&self, message: usize, wait_ms: u64) {
        self.world.wake_in(wait_ms, Wake::Pool(Happening::Visible(message)));
    }

    /// The worker is gone; what it had in hand comes back. Whether it was there.
    fn loses_mate(&self, number: usize) -> bool {
        let mut pooled = self.pool();
        let mate = &mut pooled.mates[number];
        if std::mem::replace(&mut mate.is_gone, true) {
            return false;
        }
        let untold_ms = self.world.below(Stream::Pools, UNTOLD_MS_MAX);
        mate.stopped_at_ms = Some(self.world.now_ms() + untold_ms);
        for message in std::mem::take(&mut mate.in_hand) {
            self.comes_back(message, self.world.below(Stream::Pools, VISIBILITY_MS));
        }
        drop(pooled);
        self.world.loses_mate(&arn(number));
        true
    }
}

impl Driver<'_, '_> {
    /// When workers begin, and what happens to their queue.
    pub(super) fn plan_pool(&self) {
        if !self.parts.scenario.has_pool() {
            return;
        }
        (0..=self.world.below(Stream::Pools, MATES_MAX)).for_each(|_| self.hire());
        if self.is_wild() && self.world.one_in(Stream::Pools, 8) {
            let at_ms = self.world.below(Stream::Pools, self.world.heals_at_ms());
            self.world.wake_in(at_ms, Wake::Pool(Happening::Purged));
        }
    }

    fn is_wild(&self) -> bool {
        self.world.is(Kind::Wild) && self.world.now_ms() < self.world.heals_at_ms()
    }

    fn hire(&self) {
        let wait_ms = self.world.below(Stream::Pools, START_MS_MAX);
        self.world.wake_in(wait_ms, Wake::Pool(Happening::Begins));
    }

    pub(super) fn happens(&mut self, happening: Happening) {
        match happening {
            Happening::Visible(message) => {
                let mut pooled = self.parts.ecs.pool();
                if !pooled.is_gone(message) && !pooled.visible.contains(&message) {
                    pooled.visible.push(message);
                }
            }
            Happening::Begins => self.begins(),
            Happening::Dies(mate) => self.loses(mate),
            Happening::Leaves(mate) => {
                self.world.note(|| format!("worker {mate} is told to leave"));
                self.parts.ecs.pool().mates[mate].is_leaving = true;
                let left_ms = self.world.below(Stream::Pools, LEAVE_MS_MAX);
                self.world.wake_in(left_ms, Wake::Pool(Happening::Dies(mate)));
                self.world.count(|stats| stats.mates_left += 1);
            }
            Happening::Purged => self.parts.ecs.purges(),
        }
        self.hand_out();
    }

    fn begins(&mut self) {
        let (world, slots) = (self.world, 1 + self.world.below(Stream::Pools, SLOTS_MAX));
        let mut pooled = self.parts.ecs.pool();
        pooled.mates.push(Mate {
            began_at_ms: world.now_ms(),
            slots: usize::try_from(slots).unwrap_or(1),
            in_hand: BTreeSet::new(),
            finished: BTreeSet::new(),
            hands: Arc::default(),
            is_leaving: false,
            is_gone: false,
            stopped_at_ms: None,
        });
        let mate = pooled.mates.len() - 1;
        drop(pooled);
        world.note(|| format!("worker {mate} begins"));
        if world.strikes(Fault::Killed) {
            let wait_ms = world.below(Stream::Pools, HOUR);
            world.wake_in(wait_ms, Wake::Pool(Happening::Dies(mate)));
        }
        if self.is_wild() && world.one_in(Stream::Pools, 4) {
            let wait_ms = world.below(Stream::Pools, 2 * HOUR);
            world.wake_in(wait_ms, Wake::Pool(Happening::Leaves(mate)));
        }
    }

    fn hand_out(&mut self) {
        while let Some((number, mate)) = self.parts.ecs.hands_over() {
            let (parts, message) = (self.parts, self.parts.ecs.pool().message(number));
            self.world.note(|| format!("worker {mate} gets {}", message.launch));
            self.begin(Of::Mate(mate, number), Box::pin(crew::work(parts, mate, message)));
        }
    }

    /// The work on a message has ended.
    pub(super) fn lets_go(&mut self, mate: usize, message: usize, ended: &Ended) {
        let ecs = &self.parts.ecs;
        self.world.note(|| format!("worker {mate} is through with message {message}: {ended:?}"));
        let mut pooled = ecs.pool();
        pooled.mates[mate].in_hand.remove(&message);
        let is_done = *ended == Ended::Done;
        if is_done {
            pooled.mates[mate].finished.insert(message);
        }
        drop(pooled);
        if !is_done {
            ecs.comes_back(message, self.world.below(Stream::Pools, MINUTE));
        } else if self.world.strikes(Fault::NotDeleted) {
            ecs.comes_back(message, VISIBILITY_MS);
        } else {
            ecs.deletes(message);
        }
        self.hand_out();
    }

    /// A worker dies, with all that it has in hand; another takes its place.
    pub(super) fn loses(&mut self, mate: usize) {
        if !self.parts.ecs.loses_mate(mate) {
            return;
        }
        self.world.note(|| format!("worker {mate} dies"));
        self.world.count(|stats| stats.mates_lost += 1);
        self.flows.retain(|_, flow| !matches!(flow.of, Of::Mate(number, _) if number == mate));
        let end = Ending { stop_code: "ServiceSchedulerInitiated", ..Ending::default() };
        for number in self.parts.ecs.pieces_of(&arn(mate)) {
            self.parts.ecs.stops(number, end);
        }
        self.tell(&event(mate, true).to_string());
        self.hire();
    }
}

impl World {
    /// The worker is gone.
    fn loses_mate(&self, task: &str) {
        self.repairs(|repairs, _| repairs.loses_mate(task));
    }
}
