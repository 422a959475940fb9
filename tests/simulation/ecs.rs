//! ECS in memory: one task per client token, refusals, and what it says of its tasks.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use longshore::{
    run::{LaunchId, LaunchRefusal, LogSettings, RefusalKind, TaskChange},
    trigger::{Launch, Pool},
};
use longshore_engine::ports::{Ecs, EcsError, LaunchTrouble};

use super::{
    call::NoAnswer,
    chance::{Fault, Service, Stream},
    events::event,
    life::Task,
    planted::Planted,
    pools::Pooled,
    refuse::{Loss, kind},
    scenario::Scenario,
    wake::Wake,
    world::{HOUR, MINUTE, SECOND, World},
};

/// How long ECS tells of a stopped task, and keeps its token (ECS idempotency guide).
const REMEMBERED_MS: u64 = HOUR;
/// Longest life of a token (ECS idempotency guide).
const TOKEN_MS_MAX: u64 = 24 * HOUR;
/// How long a new task may be missing from DescribeTasks: ECS is eventually consistent, up to five
/// minutes (RunTask API reference).
const MISSING_MS_MAX: u64 = 5 * MINUTE;
/// How soon SIGTERM follows StopTask.
const SIGTERM_MS_MAX: u64 = 2 * SECOND;
/// See the module.
#[derive(Debug)]
pub(super) struct SimEcs<'w> {
    pub(super) world: &'w World,
    pub(super) scenario: &'w Scenario,
    pub(super) planted: Planted,
    /// Whether a refused call's token brings the refusal again, which AWS does not say.
    remembers_refusals: bool,
    state: Mutex<State>,
    pool: Mutex<Pooled>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) tasks: Vec<Task>,
    /// Sequencer of the version that was last written, by trigger and key.
    pub(super) written: BTreeMap<(String, String), String>,
    tokens: BTreeMap<String, Token>,
    pub(super) retired: BTreeSet<String>,
    pub(super) lost: BTreeSet<LaunchId>,
    tries: u64,
}

#[derive(Debug)]
struct Token {
    task: Result<usize, LaunchRefusal>,
    launch: Launch,
    first_used_ms: u64,
}

impl<'w> SimEcs<'w> {
    pub(super) fn new(world: &'w World, scenario: &'w Scenario, planted: Planted) -> Self {
        let remembers_refusals = world.one_in(Stream::Scenario, 2);
        let (state, pool) = (Mutex::default(), Mutex::default());
        Self { world, scenario, planted, remembers_refusals, state, pool }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn pool(&self) -> MutexGuard<'_, Pooled> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing starts by the task definition any more.
    pub(super) fn retires(&self, definition: String) {
        self.state().retired.insert(definition);
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
            if known.launch != *launch {
                let seen = format!("launch {} is not what it was", launch.id);
                self.world.violate("I2 a launch is frozen", seen);
            }
            return match &known.task {
                Ok(task) => Ok(state.tasks[*task].arn.clone()),
                Err(refusal) => Err(LaunchTrouble::Refused(refusal.clone())),
            };
        }
        if self.world.strikes(Fault::Throttled) {
            return Err(LaunchTrouble::Unknown("Rate exceeded".into()));
        }
        let refusal = self.refusal(&state, launch);
        let answer = refusal.map_or_else(|| Ok(self.begin(&mut state, launch)), Err);
        if answer.is_ok() || self.remembers_refusals {
            let kept =
                Token { task: answer.clone(), launch: launch.clone(), first_used_ms: now_ms };
            state.tokens.insert(token, kept);
        }
        answer.map(|task| state.tasks[task].arn.clone()).map_err(LaunchTrouble::Refused)
    }

    async fn calls(&self, launch: &Launch, loss: Option<Loss>) -> Result<String, LaunchTrouble> {
        if loss == Some(Loss::CallerBefore) {
            self.world.crashes("before RunTask").await;
        }
        if let Some(wait_ms) = self.world.lateness() {
            self.world.note(|| format!("  RunTask of {} will be late", launch.id));
            self.world.wake_in(wait_ms, Wake::LateLaunch(Box::new(launch.clone())));
            drop(self.world.call(Service::Ecs, || ()).await);
            return Err(self.unheard());
        }
        let effect = || (loss != Some(Loss::Call)).then(|| self.start(launch));
        let answer = self.world.call(Service::Ecs, effect).await;
        if loss == Some(Loss::CallerAfter) {
            self.world.crashes("after RunTask").await;
        }
        match answer {
            Ok(Some(answer)) if loss.is_none() => answer,
            _ => Err(self.unheard()),
        }
    }

    fn unheard(&self) -> LaunchTrouble {
        if self.planted.takes_timeouts_for_refusals() {
            let kind = RefusalKind::Unknown;
            return LaunchTrouble::Refused(LaunchRefusal { reason: "timed out".into(), kind });
        }
        LaunchTrouble::Unknown("no answer".into())
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

    fn find(&self, arn: &str) -> Option<(usize, &Task)> {
        let number = arn.rsplit('/').next()?.parse::<usize>().ok()?;
        self.tasks.get(number).map(|task| (number, task))
    }
}

impl Ecs for SimEcs<'_> {
    async fn run_task(&self, launch: &Launch) -> Result<String, LaunchTrouble> {
        self.world.paces(kind(launch));
        self.world.calls_run_task(&launch.id);
        let loss = self.loses(launch);
        if loss.is_some() {
            self.world.count(|stats| stats.faults += 1);
            self.world.note(|| format!("  RunTask of {} will be lost: {loss:?}", launch.id));
        }
        let answer = self.calls(launch, loss).await;
        let is_refused = matches!(answer, Err(LaunchTrouble::Refused(_)));
        self.world.count(|stats| {
            stats.refusals += u64::from(is_refused);
            stats.launches += u64::from(!is_refused);
        });
        answer
    }

    async fn enqueue(&self, launch: &Launch, pool: &Pool) -> Result<(), LaunchTrouble> {
        self.sends(launch, pool).await
    }

    async fn is_empty(&self, _queue: &str) -> Result<bool, EcsError> {
        self.says_empty().await
    }

    async fn describe(&self, _cluster: &str, task: &str) -> Result<Option<TaskChange>, EcsError> {
        let answer = self.world.call(Service::Ecs, || {
            if let Some(mate) = self.mate(task) {
                return mate;
            }
            let now_ms = self.world.now_ms();
            let state = self.state();
            let (_, task) = state.find(task)?;
            let is_new = now_ms < task.started_at_ms + MISSING_MS_MAX;
            let is_forgotten = task.stopped_at_ms.is_some_and(|at| now_ms >= at + REMEMBERED_MS);
            if is_forgotten || (is_new && self.world.strikes(Fault::Stale)) {
                self.world.note(|| format!("  ECS does not know {}", task.arn));
                return None;
            }
            TaskChange::parse(&event(task).to_string()).ok()
        });
        answer.await.map_err(|NoAnswer| EcsError("no answer".into()))
    }

    async fn log_settings(
        &self,
        definition: &str,
        _container: &str,
    ) -> Result<Option<LogSettings>, EcsError> {
        let answer = self.world.call(Service::Ecs, || {
            if self.world.strikes(Fault::Refused) {
                self.world.note(|| format!("  ECS says nothing of {definition}"));
                return Err(EcsError("AccessDeniedException".into()));
            }
            Ok(Some(LogSettings::default()))
        });
        answer.await.unwrap_or_else(|NoAnswer| Err(EcsError("no answer".into())))
    }

    async fn stop(&self, _cluster: &str, task: &str, reason: &str) -> Result<(), EcsError> {
        let answer = self.world.call(Service::Ecs, || {
            if self.mate(task).is_some() {
                return self.world.violate("nobody stops the worker of a pool", task);
            }
            let mut state = self.state();
            let Some((number, known)) = state.find(task) else { return };
            if known.is_stopping || self.planted == Planted::StopIgnored {
                return;
            }
            self.world.note(|| format!("  StopTask of task {number}: {reason}"));
            state.tasks[number].is_stopping = true;
            let wait_ms = self.world.below(Stream::Tasks, SIGTERM_MS_MAX);
            self.world.wake_in(wait_ms, Wake::Terminate(number));
        });
        answer.await.map_err(|NoAnswer| EcsError("no answer".into()))
    }
}
