//! ECS in memory: one task per client token, refusals, and what it says of its tasks.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use longshore::{
    run::{LaunchRefusal, TaskChange, TaskStatus},
    trigger::Launch,
};
use longshore_engine::ports::{Ecs, EcsError, LaunchTrouble};

use super::{
    call::NoAnswer,
    chance::{Fault, Service, Stream},
    life::{Task, event},
    planted::Planted,
    world::{HOUR, MINUTE, SECOND, Wake, World},
};

/// How long ECS tells of a stopped task, and keeps its token (ECS idempotency guide).
const REMEMBERED_MS: u64 = HOUR;
/// Longest life of a token (ECS idempotency guide).
const TOKEN_MS_MAX: u64 = 24 * HOUR;
/// How long a new task may be missing from DescribeTasks (ECS eventual consistency, API reference).
const MISSING_MS_MAX: u64 = 4 * MINUTE;
/// Longest time from RunTask to RUNNING.
const START_MS_MAX: u64 = 90 * SECOND;
/// One refusal in this many is for good.
const PERMANENT_ONE_IN: u64 = 4;

/// See the module.
#[derive(Debug)]
pub(super) struct SimEcs<'w> {
    pub(super) world: &'w World,
    planted: Planted,
    /// Whether a refused call's token brings the refusal again, which AWS does not say.
    remembers_refusals: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) tasks: Vec<Task>,
    tokens: BTreeMap<String, Token>,
    tries: u64,
}

#[derive(Debug)]
struct Token {
    task: Result<usize, LaunchRefusal>,
    launch: Launch,
    first_used_ms: u64,
}

impl<'w> SimEcs<'w> {
    pub(super) fn new(world: &'w World, planted: Planted) -> Self {
        let remembers_refusals = world.one_in(Stream::Scenario, 2);
        Self { world, planted, remembers_refusals, state: Mutex::default() }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// RunTask, as it takes effect.
    pub(super) fn start(&self, launch: &Launch) -> Result<String, LaunchTrouble> {
        let now_ms = self.world.now_ms();
        let mut state = self.state();
        let mut token = launch.client_token.clone();
        if self.planted == Planted::TokenPerTry {
            state.tries += 1;
            token = format!("{token}-{}", state.tries);
        }
        let known = state.tokens.get(&token).filter(|known| state.keeps(known, now_ms));
        if let Some(known) = known.filter(|_| !self.planted.ignores_tokens()) {
            return match &known.task {
                Ok(task) if known.launch == *launch => Ok(state.tasks[*task].arn.clone()),
                Ok(task) => Err(LaunchTrouble::AlreadyLaunched(state.tasks[*task].arn.clone())),
                Err(refusal) => Err(LaunchTrouble::Refused(refusal.clone())),
            };
        }
        let answer = if self.world.strikes(Fault::Refused) {
            let is_permanent = self.world.one_in(Stream::Tasks, PERMANENT_ONE_IN);
            let reason = if is_permanent { "INACTIVE" } else { "RESOURCE:MEMORY" };
            self.world.note(|| format!("  ECS refuses {}: {reason}", launch.id));
            Err(LaunchRefusal { reason: reason.into(), is_permanent })
        } else {
            Ok(self.begin(&mut state, launch))
        };
        if answer.is_ok() || self.remembers_refusals {
            let kept =
                Token { task: answer.clone(), launch: launch.clone(), first_used_ms: now_ms };
            state.tokens.insert(token, kept);
        }
        answer.map(|task| state.tasks[task].arn.clone()).map_err(LaunchTrouble::Refused)
    }

    /// I2, and a new task.
    fn begin(&self, state: &mut State, launch: &Launch) -> usize {
        let number = state.tasks.len();
        let arn = format!("arn:aws:ecs:eu-west-1:111122223333:task/sim/{number}");
        self.world.note(|| format!("  task {number} begins for {}", launch.id));
        if state.tasks.iter().any(|task| task.launch.id == launch.id) {
            self.world.violate("I2 one task per launch", format!("{} has two", launch.id));
        }
        state.tasks.push(Task {
            arn,
            launch: launch.clone(),
            status: TaskStatus::Other,
            stopped_at_ms: None,
            works: false,
            completed: false,
            version: 1,
            started_at_ms: self.world.now_ms(),
            exit_code: None,
            stop_code: "",
        });
        self.world.count(|stats| stats.tasks += 1);
        self.world.wake_in(self.world.below(Stream::Tasks, START_MS_MAX), Wake::Task(number));
        number
    }
}

impl State {
    /// A token lives as long as its task is told of, and a day at most.
    fn keeps(&self, token: &Token, now_ms: u64) -> bool {
        let ends_ms = match token.task {
            Ok(task) => self.tasks[task].stopped_at_ms.unwrap_or(u64::MAX / 2) + REMEMBERED_MS,
            Err(_) => token.first_used_ms + REMEMBERED_MS,
        };
        now_ms < ends_ms.min(token.first_used_ms + TOKEN_MS_MAX)
    }
}

impl Ecs for SimEcs<'_> {
    async fn run_task(&self, launch: &Launch) -> Result<String, LaunchTrouble> {
        let answer = if let Some(wait_ms) = self.world.lateness() {
            self.world.note(|| format!("  RunTask of {} will be late", launch.id));
            self.world.wake_in(wait_ms, Wake::LateLaunch(Box::new(launch.clone())));
            self.world.call(Service::Ecs, || ()).await.and(Err(NoAnswer))
        } else {
            self.world.call(Service::Ecs, || self.start(launch)).await
        };
        match answer {
            Ok(answer) => answer,
            Err(NoAnswer) if self.planted == Planted::TimeoutIsARefusal => {
                let reason = "timed out".into();
                Err(LaunchTrouble::Refused(LaunchRefusal { reason, is_permanent: false }))
            }
            Err(NoAnswer) => Err(LaunchTrouble::Unknown("no answer".into())),
        }
    }

    async fn describe(&self, _cluster: &str, task: &str) -> Result<Option<TaskChange>, EcsError> {
        let answer = self.world.call(Service::Ecs, || {
            let now_ms = self.world.now_ms();
            let state = self.state();
            let task = state.tasks.iter().find(|known| known.arn == task)?;
            let is_new = now_ms < task.started_at_ms + MISSING_MS_MAX;
            let is_forgotten = task.stopped_at_ms.is_some_and(|at| now_ms >= at + REMEMBERED_MS);
            if is_forgotten || (is_new && self.world.strikes(Fault::Stale)) {
                return None;
            }
            TaskChange::parse(&event(task).to_string()).ok()
        });
        answer.await.map_err(|NoAnswer| EcsError("no answer".into()))
    }
}
