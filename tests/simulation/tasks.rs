//! A task as our worker is one: fence, work, report, exit code.

use longshore::run::{LaunchId, WorkResult, WorkStatus};
use longshore_engine::{Fence, claim_fence, report, still_ours};
use serde_json::Value;

use super::{
    chance::{Fault, Stream},
    drive::{Driver, Of},
    ecs::SimEcs,
    ledger::SimLedger,
    planted::Planted,
    queues::Source,
    world::{HOUR, MINUTE, Wake, World},
};

const EXIT_DONE: i32 = 0;
const EXIT_REJECT: i32 = 3;
const EXIT_TRY_AGAIN: i32 = 75;
/// Most batches of a task.
const BATCHES_MAX: u64 = 3;
/// Longest batch of most tasks.
const BATCH_MS_USUAL: u64 = MINUTE;
/// Longest batch of the others.
const BATCH_MS_MAX: u64 = HOUR;

/// Exit code of a task that crashed by itself.
pub(super) const EXIT_CRASH: i32 = 139;
/// How tasks are ended from outside: exit code, if any, and stop code. Some codes do not exist yet.
const KILLS: [(Option<i32>, &str); 6] = [
    (Some(137), "EssentialContainerExited"),
    (Some(137), "UserInitiated"),
    (Some(143), "SpotInterruption"),
    (None, "TerminationNotice"),
    (None, "InfrastructureHealth"),
    (None, "NotYetInvented"),
];

/// What a task touches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work<'a, 'w> {
    pub(super) world: &'w World,
    pub(super) ledger: &'a SimLedger<'w>,
    pub(super) ecs: &'a SimEcs<'w>,
    pub(super) planted: Planted,
}

/// Works off what task `number` was started for, and gives its exit code.
pub(super) async fn work(on: Work<'_, '_>, number: usize) -> i32 {
    let task = on.ecs.task(number);
    let id = task.launch.id;
    if !on.planted.ignores_the_fence() {
        match claim_fence(on.ledger, on.world, &id, &task.arn).await {
            Ok(Fence::Held) => {}
            Ok(Fence::Lost(reason)) => {
                on.world.note(|| format!("  task {number} leaves: {reason}"));
                return EXIT_DONE;
            }
            Err(_) => return EXIT_TRY_AGAIN,
        }
    }
    on.ecs.works(number);
    if !batches(on, &id, &task.arn).await {
        return EXIT_TRY_AGAIN;
    }
    let (status, code) = match on.world.below(Stream::Tasks, 8) {
        0 => (WorkStatus::Failed, EXIT_TRY_AGAIN),
        1 => (WorkStatus::Failed, EXIT_REJECT),
        _ => {
            on.ecs.completes(number);
            (WorkStatus::Done, EXIT_DONE)
        }
    };
    let result = WorkResult { status, reason: String::new(), summary: Value::Null };
    let reported = report(on.ledger, on.world, &id.run, &task.arn, result).await;
    on.world.note(|| format!("  task {number} reports {status:?}: {reported:?}"));
    code
}

/// Whether all batches were written under the fence.
async fn batches(on: Work<'_, '_>, id: &LaunchId, task: &str) -> bool {
    let is_long = on.world.one_in(Stream::Tasks, 8);
    for _ in 0..=on.world.below(Stream::Tasks, BATCHES_MAX) {
        let longest_ms = if is_long { BATCH_MS_MAX } else { BATCH_MS_USUAL };
        on.world.sleep(on.world.below(Stream::Tasks, longest_ms)).await;
        let is_ours = on.planted.ignores_the_fence()
            || still_ours(on.ledger, id, task).await.unwrap_or(false);
        if !is_ours {
            return false;
        }
    }
    true
}

impl Driver<'_, '_> {
    /// A task comes to life, or never does.
    pub(super) fn start(&mut self, number: usize) {
        if self.world.strikes(Fault::Killed) {
            return self.stop(number, None, "TaskFailedToStart");
        }
        let event = self.parts.ecs.runs(number);
        self.tell(&event);
        let parts = self.parts;
        let on = Work {
            world: parts.world,
            ledger: &parts.ledger,
            ecs: &parts.ecs,
            planted: parts.planted,
        };
        self.begin(Of::Task(number), async move { Ok(work(on, number).await) });
        if self.world.strikes(Fault::Killed) {
            self.world.wake_in(self.world.below(Stream::Tasks, HOUR), Wake::Kill(number));
        }
    }

    pub(super) fn kill(&mut self, number: usize) {
        self.flows.retain(|_, flow| !matches!(flow.of, Of::Task(of) if of == number));
        let kind = self.world.below(Stream::Tasks, KILLS.len() as u64);
        let (exit_code, stop_code) = KILLS[usize::try_from(kind).unwrap_or(0)];
        self.stop(number, exit_code, stop_code);
    }

    pub(super) fn stop(&mut self, number: usize, exit_code: Option<i32>, stop_code: &'static str) {
        if let Some(event) = self.parts.ecs.stops(number, exit_code, stop_code) {
            self.tell(&event);
        }
    }

    fn tell(&mut self, event: &str) {
        for wait_ms in self.parts.ecs.deliveries() {
            self.messages.send(Source::Outcomes, event.to_owned(), wait_ms);
        }
    }
}
