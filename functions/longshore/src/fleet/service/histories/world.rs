//! ECS keeps the desired count and stops what it likes, unless it is protected; the scaler looks
//! every five seconds.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    Event,
    task::{Messages, Moment, Task},
};
use crate::{
    fleet::{Depth, Queue, Scaled, Sighting, Worker, samples::at, service::Service},
    scale::Reading,
};

/// Seconds between two ticks of the scaler.
const TICK_SECS: i64 = 5;

/// Longest that more are protected than there shall be, whatever was lost: a worker is believed for
/// half a minute, and there may be no scaler for a minute.
const SHORT_SECS: i64 = 100;

/// How a service is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) min_tasks: u32,
    pub(super) max_tasks: u32,
    /// From its start until a task receives.
    pub(super) launch_secs: i64,
    /// How long a message takes.
    pub(super) work_secs: i64,
    /// Seconds between two looks of ECS.
    pub(super) ecs_secs: i64,
    /// By which ECS chooses.
    pub(super) seed: u64,
}

/// A service, its queue and its scaler.
#[derive(Debug)]
pub(super) struct World {
    terms: Terms,
    queue: Queue,
    scaled: Scaled,
    now: i64,
    tasks: Vec<Task>,
    /// Rows of tasks that are gone.
    gone: Vec<Worker>,
    begun: usize,
    messages: Messages,
    desired: u32,
    /// Until when UpdateService is throttled, and until when there is no scaler.
    throttled: i64,
    dead: i64,
    received_at: i64,
    /// When ECS last had not to stop anybody at work.
    fitting_at: i64,
}

impl World {
    pub(super) fn new(terms: Terms) -> Self {
        let fleet = json!({"service": {"cluster": "main", "service": "work"}});
        let scale = json!({
            "minTasks": terms.min_tasks, "maxTasks": terms.max_tasks, "maxWait": "60s",
        });
        let settings = json!({"queue": "http://localhost/0/q", "scale": scale, "fleet": fleet});
        let queue = Queue::parse("q", settings).unwrap();
        Self {
            terms,
            scaled: Scaled::new(&queue),
            queue,
            now: 0,
            tasks: Vec::new(),
            gone: Vec::new(),
            begun: 0,
            messages: Messages::default(),
            desired: 1,
            throttled: 0,
            dead: 0,
            received_at: 0,
            fitting_at: 0,
        }
    }

    /// Seconds pass, in none of which messages have waited for longer than `waits_max`.
    pub(super) fn pass(&mut self, secs: i64, waits_max: i64) {
        for _ in 0..secs {
            self.now += 1;
            let before = self.messages.received;
            for task in &mut self.tasks {
                task.pass(&mut Moment {
                    now: self.now,
                    at: at(self.now),
                    queue: &mut self.messages,
                    work_secs: self.terms.work_secs,
                });
            }
            if self.messages.received > before || self.messages.visible == 0 {
                self.received_at = self.now;
            }
            assert!(self.now - self.received_at <= waits_max, "nobody receives: {}", self.story());
            self.bury();
            if self.now % self.terms.ecs_secs == 0 {
                self.ecs();
            }
            if self.now % TICK_SECS == 0 && self.now >= self.dead {
                self.tick();
            }
        }
    }

    /// Rows outlive their tasks.
    fn bury(&mut self) {
        let gone = self.tasks.extract_if(.., |task| task.has_left);
        self.gone.extend(gone.filter_map(|task| task.row));
    }

    fn chance(&mut self, of: usize) -> usize {
        let seed = &mut self.terms.seed;
        *seed =
            seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(*seed >> 33).unwrap() % of
    }

    /// ECS starts what is missing, and stops any that is not protected.
    fn ecs(&mut self) {
        let desired = usize::try_from(self.desired).unwrap();
        let staying = |task: &Task| !task.is_stopping;
        while self.tasks.iter().filter(|task| staying(task)).count() < desired {
            self.tasks.push(Task::new(self.begun, self.now + self.terms.launch_secs));
            self.begun += 1;
        }
        while self.tasks.iter().filter(|task| staying(task)).count() > desired {
            let is_free = |task: &Task| staying(task) && !task.is_protected;
            let free: Vec<_> = (0..self.tasks.len()).filter(|n| is_free(&self.tasks[*n])).collect();
            if free.is_empty() {
                return;
            }
            let chosen = free[self.chance(free.len())];
            self.tasks[chosen].terminate(at(self.now));
        }
        self.bury();
    }

    /// The scaler looks, decides and acts.
    fn tick(&mut self) {
        let running = self.tasks.iter().filter(|task| task.begins <= self.now).count();
        let service = Service {
            desired: self.desired,
            pending: u32::try_from(self.tasks.len() - running).unwrap(),
            definition: None,
        };
        let reading = Reading {
            at_secs: at(self.now).as_duration().as_secs_f64(),
            visible: self.messages.visible.into(),
            in_flight: self.messages.in_flight.into(),
        };
        let rows = self.tasks.iter().filter_map(|task| task.row.clone());
        let workers: Vec<Worker> = rows.chain(self.gone.iter().cloned()).collect();
        let seen = Sighting {
            at: at(self.now),
            depth: Some(Depth { reading, delayed: 0.0 }),
            workers: &workers,
            answers: &BTreeMap::new(),
            fates: &BTreeMap::new(),
            service: Some(&service),
            is_told: true,
        };
        self.scaled = self.scaled.tick(&self.queue.policy, &seen).next;
        let acts = self.scaled.acts(Some(&service));
        for id in acts.drains {
            let told = self.tasks.iter_mut().find(|task| task.id == *id);
            if let Some(row) = told.and_then(|task| task.row.as_mut()) {
                row.drain.get_or_insert(at(self.now));
            }
        }
        if let Some(desired) = acts.desired.filter(|_| self.now >= self.throttled) {
            assert!(desired <= self.terms.max_tasks.max(1), "more than maxTasks: {}", self.story());
            self.desired = desired;
        }
        let is_kept = |task: &&Task| task.is_protected && !task.is_stopping;
        let protected = self.tasks.iter().filter(is_kept).count();
        let desired = usize::try_from(self.desired).unwrap();
        if protected <= desired {
            self.fitting_at = self.now;
        }
        let late = self.now - self.fitting_at;
        assert!(late <= SHORT_SECS, "ECS is to stop one at work: {}", self.story());
    }

    pub(super) fn happens(&mut self, event: Event) {
        let nth = |nth: usize, tasks: &[Task]| (!tasks.is_empty()).then(|| nth % tasks.len());
        match event {
            Event::Burst(count) => self.messages.visible += count,
            Event::Throttled(secs) => self.throttled = self.now + secs,
            Event::Death(secs) => self.dead = self.now + secs,
            Event::Loss(which) => {
                if let Some(lost) = nth(which, &self.tasks) {
                    self.tasks[lost].vanish(&mut self.messages);
                }
            }
            Event::Reclaim(which) => {
                if let Some(lost) = nth(which, &self.tasks) {
                    self.tasks[lost].terminate(at(self.now));
                }
            }
        }
        self.bury();
    }

    /// How it stands.
    pub(super) fn story(&self) -> String {
        let tasks = self.tasks.iter().map(|task| {
            let stage = task.row.as_ref().map(|row| row.beat.stage);
            format!("{} {stage:?} {}", task.id, task.is_stopping)
        });
        let tasks: Vec<_> = tasks.collect();
        let Self { now, desired, messages, scaled, .. } = self;
        let decided = scaled.decided.as_ref().map(|decided| &decided.decision);
        let known = (&scaled.staff, &scaled.asks, decided);
        format!("at {now}: desired {desired}, {messages:?}, {tasks:#?}, {known:#?}")
    }

    /// Whether there is anything to do.
    pub(super) fn has_messages(&self) -> bool {
        self.messages.visible + self.messages.in_flight > 0
    }

    /// Tasks that there are, and the desired count.
    pub(super) fn alive(&self) -> (u32, u32) {
        (u32::try_from(self.tasks.len()).unwrap(), self.desired)
    }
}
