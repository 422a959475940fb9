//! The life of a task.

use longshore::{
    run::TaskStatus,
    trigger::{Launch, Shard, TickInput},
};

use super::{
    chance::{Fault, Stream},
    ecs::{SimEcs, State},
    events::event,
    refuse::kind,
    scenario::{Scenario, Version},
    spec::START_MS_MAX,
    tasks::{EXIT_NOTHING_TO_DO, EXITED},
    wake::Wake,
    weather::Spell,
    world::{HOUR, MINUTE},
};

/// Longest time from RunTask to RUNNING of some tasks: longer than their client token is used.
const SLOW_START_MS_MAX: u64 = 2 * HOUR;
/// Longest life of a Spot task when many are taken back.
const RECLAIM_MS_MAX: u64 = 10 * MINUTE;

/// Losses of Spot capacity of one run after which it is launched on demand: three, and a few more of
/// which ECS told too late.
const SPOT_LOSSES_MAX: usize = 6;

/// A task.
#[expect(clippy::struct_excessive_bools, reason = "each is true of a task or not by itself")]
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// Its ARN.
    pub(super) arn: String,
    /// What started it.
    pub(super) launch: Launch,
    /// Where it stands.
    pub(super) status: TaskStatus,
    /// When it stopped.
    pub(super) stopped_at_ms: Option<u64>,
    /// Whether it was given the fence, or works without.
    pub(super) works: bool,
    /// What it works on.
    pub(super) inputs: Vec<Version>,
    /// What of it it did.
    pub(super) done: Vec<Version>,
    /// Whether it says truly which of it failed.
    pub(super) names_failed: bool,
    /// Whether its report that the work is done was taken.
    pub(super) is_believed: bool,
    /// Whether it reports that the work failed.
    pub(super) says_it_failed: bool,
    /// Whether its report was taken, whatever it said.
    pub(super) is_heard: bool,
    /// Whether StopTask was called.
    pub(super) is_stopping: bool,
    pub(super) version: i64,
    pub(super) started_at_ms: u64,
    pub(super) end: Ending,
}

/// How a task ends.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ending {
    pub(super) exit_code: Option<i32>,
    pub(super) stop_code: &'static str,
    /// Why the container ended.
    pub(super) reason: Option<&'static str>,
}

impl Task {
    pub(super) fn new(number: usize, launch: &Launch, now_ms: u64) -> Self {
        Self {
            arn: format!("arn:aws:ecs:eu-west-1:111122223333:task/sim/{number}"),
            launch: launch.clone(),
            status: TaskStatus::Other,
            stopped_at_ms: None,
            works: false,
            inputs: Vec::new(),
            done: Vec::new(),
            names_failed: false,
            is_believed: false,
            says_it_failed: false,
            is_heard: false,
            is_stopping: false,
            version: 1,
            started_at_ms: now_ms,
            end: Ending::default(),
        }
    }

    /// A variable of its container.
    pub(super) fn variable(&self, name: &str) -> &str {
        self.launch.environment.get(name).map_or("", String::as_str)
    }

    /// What it works on by its variables, if that is a tick or one of its shards.
    pub(super) fn tick(&self) -> Option<Version> {
        let scheduled_at = self.variable("LONGSHORE_SCHEDULED_TIME").parse().ok()?;
        let mut tick = TickInput::of(scheduled_at);
        let number = |name| self.variable(name).parse().ok();
        if let (Some(number), Some(of)) = (number("LONGSHORE_SHARD"), number("LONGSHORE_SHARDS")) {
            tick.shard = Some(Shard { number, of });
        }
        Some(Version::of_tick(self.variable("LONGSHORE_TRIGGER"), &tick.to_string()))
    }

    /// Whether its exit code makes a success of whatever it did.
    pub(super) fn is_forgiven(&self, scenario: &Scenario) -> bool {
        let spec = scenario.spec(self.variable("LONGSHORE_TRIGGER"));
        let is_forgiven =
            |code| code == EXIT_NOTHING_TO_DO || spec.is_some_and(|spec| spec.forgives(code));
        self.end.exit_code.is_some_and(is_forgiven)
    }

    /// Whether the work failed, or was stopped by us, and was not taken away before.
    pub(super) fn has_failed(&self) -> bool {
        self.is_stopping
            || self.says_it_failed
            || (self.end.stop_code == EXITED && self.end.exit_code != Some(0))
    }
}

impl SimEcs<'_> {
    /// I2, and a new task.
    pub(super) fn begin(&self, state: &mut State, launch: &Launch) -> usize {
        let number = state.tasks.len();
        self.world.note(|| format!("  task {number} begins for {}", launch.id));
        let mut of_run = state.tasks.iter().filter(|task| task.launch.id.run == launch.id.run);
        if of_run.clone().any(|task| task.launch.id == launch.id) {
            self.world.violate("I2 one task per launch", format!("{} has two", launch.id));
        }
        let of_attempt = of_run.any(|task| task.launch.id.attempt == launch.id.attempt);
        if of_attempt && !self.world.is_uncertain(&launch.id) {
            self.world.violate("I2 one task per attempt", format!("{} is the second", launch.id));
        }
        self.leaves_spot(state, launch);
        self.is_no_pools(launch);
        self.begins_alone(state, launch);
        state.tasks.push(Task::new(number, launch, self.world.now_ms()));
        self.world.count(|stats| stats.tasks += 1);
        let is_slow = self.world.strikes(Fault::SlowStart);
        let longest_ms = if is_slow { SLOW_START_MS_MAX } else { START_MS_MAX };
        self.world.wake_in(self.world.below(Stream::Tasks, longest_ms), Wake::Task(number));
        let is_spot = launch.task.capacity.iter().any(|item| item.provider == "FARGATE_SPOT");
        if is_spot && self.world.lasts_ms(Spell::SpotStorm).is_some() {
            let wait_ms = self.world.below(Stream::Tasks, RECLAIM_MS_MAX);
            self.world.wake_in(wait_ms, Wake::Reclaim(number));
        }
        number
    }

    /// After some losses of Spot capacity a run is launched on demand.
    fn leaves_spot(&self, state: &State, launch: &Launch) {
        let of_run = state.tasks.iter().filter(|task| task.launch.id.run == launch.id.run);
        let losses = of_run.filter(|task| task.end.stop_code == "SpotInterruption").count();
        let is_redriven = self.world.is_redriven(&launch.id.run);
        if losses >= SPOT_LOSSES_MAX && kind(launch) == "FARGATE_SPOT" && !is_redriven {
            let seen = format!("{} is on Spot after {losses} losses", launch.id);
            self.world.violate("P3 on demand after losses of Spot", seen);
        }
    }

    /// No run of a pool has a task of its own.
    fn is_no_pools(&self, launch: &Launch) {
        let trigger = launch.environment.get("LONGSHORE_TRIGGER").map_or("", String::as_str);
        let spec = self.scenario.spec(trigger);
        if spec.is_some_and(|spec| spec.is_pooled(&launch.task.definition)) {
            let seen = format!("RunTask was called for {}", launch.id);
            self.world.violate("a run of a pool starts no task", seen);
        }
    }

    /// Whether every task has stopped.
    pub(super) fn is_quiet(&self) -> bool {
        self.state().tasks.iter().all(|task| task.stopped_at_ms.is_some())
    }

    /// One task, by its number.
    pub(super) fn task(&self, number: usize) -> Task {
        self.state().tasks[number].clone()
    }

    /// The task is RUNNING, unless it has stopped; what to tell of it.
    pub(super) fn runs(&self, number: usize) -> Option<String> {
        let mut state = self.state();
        let task = &mut state.tasks[number];
        if task.stopped_at_ms.is_some() {
            return None;
        }
        task.status = TaskStatus::Running;
        task.version += 1;
        Some(event(task).to_string())
    }

    /// The task is STOPPED; what to tell of it, unless it had stopped.
    pub(super) fn stops(&self, number: usize, end: Ending) -> Option<String> {
        let mut state = self.state();
        let task = &mut state.tasks[number];
        if task.stopped_at_ms.is_some() {
            return None;
        }
        task.status = TaskStatus::Stopped;
        task.version += 1;
        task.stopped_at_ms = Some(self.world.now_ms());
        task.end = end;
        if task.is_stopping {
            task.end.stop_code = "UserInitiated";
        }
        let end = task.end;
        self.world.ends_task(&task.launch.id);
        self.world.note(|| format!("  task {number} stops: {} {:?}", end.stop_code, end.exit_code));
        Some(event(task).to_string())
    }
}
