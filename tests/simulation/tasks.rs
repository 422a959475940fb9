//! A task as our worker is one: fence, work, report, exit code; and how it is ended from outside.

use longshore::run::LaunchId;
use longshore_engine::{Fence, PATIENCE, claim_fence, patiently, still_ours};

use super::{
    chance::{Fault, Stream},
    drive::{Driver, Of, Outcome, Parts},
    ecs::SimEcs,
    gathered::gathers,
    ledger::SimLedger,
    life::Ending,
    objects::{self, end, given},
    planted::Planted,
    queues::Source,
    scenario::{Scenario, Version},
    spec::WORK_MS_MAX,
    wake::Wake,
    world::{HOUR, MINUTE, SECOND, World},
};

pub(super) const EXIT_DONE: i32 = 0;
pub(super) const EXIT_FAILED: i32 = 1;
pub(super) const EXIT_REJECT: i32 = 3;
pub(super) const EXIT_NOTHING_TO_DO: i32 = 4;
pub(super) const EXIT_TRY_AGAIN: i32 = 75;
pub(super) const EXIT_KILLED: i32 = 137;
const EXIT_TERMINATED: i32 = 143;
/// Exit code of a task that crashed by itself.
pub(super) const EXIT_CRASH: i32 = 139;
/// Most batches of a task.
pub(super) const BATCHES_MAX: u64 = 4;
/// Longest batch of most tasks.
const BATCH_MS_USUAL: u64 = MINUTE;
/// Time between SIGTERM and SIGKILL.
const STOP_TIMEOUT_MS: u64 = 30 * SECOND;
/// How tasks are ended from outside: exit code, if any, and stop code. Some codes do not exist yet.
const KILLS: [(Option<i32>, &str); 6] = [
    (Some(EXIT_KILLED), "EssentialContainerExited"),
    (Some(EXIT_KILLED), "UserInitiated"),
    (Some(EXIT_TERMINATED), "SpotInterruption"),
    (None, "TerminationNotice"),
    (None, "InfrastructureHealth"),
    (None, "NotYetInvented"),
];
pub(super) const EXITED: &str = "EssentialContainerExited";
const OUT_OF_MEMORY: &str = "OutOfMemoryError: Container killed due to memory usage";

/// What a task touches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work<'a, 'w> {
    pub(super) world: &'w World,
    pub(super) ledger: &'a SimLedger<'w>,
    pub(super) ecs: &'a SimEcs<'w>,
    pub(super) scenario: &'a Scenario,
    pub(super) planted: Planted,
    pub(super) is_foreign: bool,
}

impl<'a, 'w> Work<'a, 'w> {
    pub(super) fn of(parts: &'a Parts<'w>) -> Self {
        Self {
            world: parts.world,
            ledger: &parts.ledger,
            ecs: &parts.ecs,
            scenario: parts.scenario,
            planted: parts.planted,
            is_foreign: parts.scenario.is_foreign,
        }
    }

    /// The task `number` works on these from now on.
    pub(super) fn works(self, number: usize, id: &LaunchId, versions: Vec<Version>) {
        let asks = !self.is_foreign && !self.planted.ignores_the_fence();
        let are_gathered = versions.iter().all(|it| gathers(self.scenario, &it.trigger));
        if asks && are_gathered && !self.ledger.tables().has(&id.run, &versions) {
            let seen = format!("task {number} works on {versions:?}, not all its run's");
            self.world.violate("I1 a run works on its own objects", seen);
        }
        self.ecs.works(number, versions);
    }
}

/// Works off what task `number` was started for, and gives its exit code.
pub(super) async fn work(on: Work<'_, '_>, number: usize) -> i32 {
    let task = on.ecs.task(number);
    let id = &task.launch.id;
    if !on.is_foreign && !on.planted.ignores_the_fence() {
        let claim = || claim_fence(on.ledger, on.world, id, &task.arn);
        match patiently(on.world, PATIENCE, claim).await {
            Ok(Fence::Held) => {}
            Ok(Fence::Lost(_)) if on.planted == Planted::FenceForAnyTask => {}
            Ok(Fence::Lost(reason)) => {
                on.world.note(|| format!("  task {number} leaves: {reason}"));
                return EXIT_TRY_AGAIN;
            }
            Err(_) => return EXIT_TRY_AGAIN,
        }
    }
    let Some(given) = given(on, &task).await else { return EXIT_TRY_AGAIN };
    on.works(number, id, objects::all(&task, &given));
    if !batches(on, id, &task.arn, number).await {
        return EXIT_TRY_AGAIN;
    }
    end(on, number, &task, &given).await
}

/// Whether all batches were written under the fence.
async fn batches(on: Work<'_, '_>, id: &LaunchId, task: &str, number: usize) -> bool {
    let longest_ms = longest_ms(on);
    for _ in 0..=on.world.below(Stream::Tasks, BATCHES_MAX) {
        if !batch(on, id, task, number, longest_ms).await {
            return false;
        }
    }
    true
}

/// How long a batch of a task takes, at most.
pub(super) fn longest_ms(on: Work<'_, '_>) -> u64 {
    let is_long = on.world.one_in(Stream::Tasks, 8);
    if is_long { WORK_MS_MAX / BATCHES_MAX } else { BATCH_MS_USUAL }
}

/// Whether a batch was written under the fence.
pub(super) async fn batch(
    on: Work<'_, '_>,
    id: &LaunchId,
    task: &str,
    number: usize,
    longest_ms: u64,
) -> bool {
    on.world.sleep(on.world.below(Stream::Tasks, longest_ms)).await;
    let ask = || still_ours(on.ledger, id, task);
    let is_ours = on.is_foreign
        || on.planted.ignores_the_fence()
        || on.planted == Planted::FenceForAnyTask
        || patiently(on.world, PATIENCE, ask).await.unwrap_or(false);
    if !is_ours {
        return false;
    }
    let asks = !on.is_foreign && !on.planted.ignores_the_fence();
    if asks && !on.ledger.holds_the_fence(id, task) {
        on.world.violate("I3 who writes holds the fence", format!("task {number} does not"));
    }
    on.ecs.writes(number);
    true
}

/// How a container that exits with `code` ends.
pub(super) fn exited(code: i32) -> Ending {
    let reason = (code == EXIT_KILLED).then_some(OUT_OF_MEMORY);
    Ending { exit_code: Some(code), stop_code: EXITED, reason }
}

impl Driver<'_, '_> {
    /// A task comes to life, or never does.
    pub(super) fn start(&mut self, number: usize) {
        if self.world.strikes(Fault::Killed) {
            return self.stop(number, never("CannotPullContainerError: timeout"));
        }
        let Some(event) = self.parts.ecs.runs(number) else { return };
        self.tell(&event);
        let parts = self.parts;
        let on = Work::of(parts);
        self.begin(
            Of::Task(number),
            Box::pin(async move { Outcome::Exited(work(on, number).await) }),
        );
        if self.world.strikes(Fault::Killed) {
            self.world.wake_in(self.world.below(Stream::Tasks, HOUR), Wake::Kill(number));
        }
    }

    pub(super) fn kill(&mut self, number: usize) {
        let kind = self.world.below(Stream::Tasks, KILLS.len() as u64);
        let (exit_code, stop_code) = KILLS[usize::try_from(kind).unwrap_or(0)];
        self.end_task(number, Ending { exit_code, stop_code, reason: None });
    }

    /// AWS takes the capacity back.
    pub(super) fn reclaim(&mut self, number: usize) {
        self.end_task(number, Ending { stop_code: "SpotInterruption", ..never("") });
    }

    /// SIGTERM reaches the task: most leave, some go on until they are killed.
    pub(super) fn terminate(&mut self, number: usize) {
        let is_started = self.flows.values().any(|flow| flow.of == Of::Task(number));
        if !is_started {
            return self.stop(number, never("the task was stopped"));
        }
        if self.world.one_in(Stream::Tasks, 4) {
            return self.world.wake_in(STOP_TIMEOUT_MS, Wake::Sigkill(number));
        }
        self.end_task(number, exited(EXIT_TERMINATED));
    }

    pub(super) fn sigkill(&mut self, number: usize) {
        self.end_task(number, Ending { reason: None, ..exited(EXIT_KILLED) });
    }

    fn end_task(&mut self, number: usize, end: Ending) {
        self.flows.retain(|_, flow| flow.of != Of::Task(number));
        self.stop(number, end);
    }

    pub(super) fn stop(&mut self, number: usize, end: Ending) {
        let Some(event) = self.parts.ecs.stops(number, end) else { return };
        if !self.tell(&event) {
            self.world.loses_stop(&self.parts.ecs.task(number).launch.id);
        }
    }

    /// Whether anybody will hear of the event.
    pub(super) fn tell(&mut self, event: &str) -> bool {
        let deliveries = self.parts.ecs.deliveries();
        for wait_ms in &deliveries {
            self.messages.send(Source::Outcomes, event.to_owned(), *wait_ms);
        }
        !deliveries.is_empty()
    }
}

/// How a task ends that never ran.
fn never(reason: &'static str) -> Ending {
    Ending { exit_code: None, stop_code: "TaskFailedToStart", reason: Some(reason) }
}
