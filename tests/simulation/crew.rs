//! A message of a pool as a worker works it off: fence, work, report, notice.

use std::sync::{Mutex, PoisonError};

use longshore::{
    pool::{Notice, PoolMessage},
    run::{LaunchId, TaskStatus},
    trigger::Launch,
};
use longshore_engine::{
    Crew, Did, PATIENCE, patiently,
    ports::{Ledger, Queue, QueueError},
    still_ours, work_off_run,
};

use super::{
    call::NoAnswer,
    chance::{Service, Stream},
    drive::{Driver, Outcome, Parts},
    ecs::SimEcs,
    life::{Ending, Task},
    mates,
    objects::{all, given, said},
    planted::Planted,
    queues::Source,
    tasks::{BATCHES_MAX, EXIT_TRY_AGAIN, Work, batch, exited, longest_ms},
    world::MINUTE,
};

/// Works off a message.
pub(super) async fn work(parts: &Parts<'_>, mate: usize, message: PoolMessage) -> Outcome {
    let (task, worker) = (mates::arn(mate), mates::worker());
    let on = Work::of(parts);
    let outcomes = Outcomes { parts, launch: &message.launch, task: &task };
    let (ledger, world) = (&parts.ledger, parts.world);
    let hands = &parts.ecs.hands(mate);
    let crew = Crew { ledger, world, outcomes: &outcomes, task: &task, worker: &worker, hands };
    let work = async |launch: &Launch| does(on, mate, launch).await;
    let ended = Box::pin(work_off_run(&crew, &message, work)).await;
    let is_worked = parts.ecs.piece(&message.launch, &task).is_some();
    if parts.planted == Planted::PoolWithoutFence
        && !is_worked
        && let Ok(Some(launch)) = parts.ledger.launch(&message.launch).await
    {
        drop(does(Work { is_foreign: true, ..on }, mate, &launch).await);
    }
    Outcome::Left(ended)
}

/// Does the work of a launch.
async fn does(on: Work<'_, '_>, mate: usize, launch: &Launch) -> Did {
    let number = on.ecs.takes(launch, mates::arn(mate));
    let did = doing(on, mate, number).await;
    on.world.note(|| format!("  piece {number}: {did:?}"));
    let end = match &did {
        Did::Ended(_, code) => exited(*code),
        Did::LetGo(..) | Did::Lost => Ending { stop_code: "LetGo", ..Ending::default() },
    };
    on.ecs.stops(number, end);
    did
}

async fn doing(on: Work<'_, '_>, mate: usize, number: usize) -> Did {
    let leaves = |result| Did::LetGo(result, "the worker was told to leave".into());
    let task = on.ecs.task(number);
    let id = &task.launch.id;
    let Some(given) = given(on, &task).await else {
        return Did::LetGo(None, "its objects could not be read".into());
    };
    on.works(number, id, all(&task, &given));
    let longest_ms = longest_ms(on);
    for _ in 0..=on.world.below(Stream::Tasks, BATCHES_MAX) {
        if !batch(on, id, &task.arn, number, longest_ms).await {
            return Did::Lost;
        }
        if on.ecs.is_leaving(mate) {
            return leaves(None);
        }
    }
    let Some(said) = said(on, number, &task, &given) else {
        on.world.note(|| format!("  piece {number} hangs"));
        loop {
            on.world.sleep(on.world.below(Stream::Tasks, MINUTE)).await;
            if on.ecs.is_leaving(mate) {
                return leaves(None);
            }
            let ask = || still_ours(on.ledger, id, &task.arn);
            if !patiently(on.world, PATIENCE, ask).await.unwrap_or(false) {
                return Did::Lost;
            }
        }
    };
    // Whoever names what failed asks for another try.
    let code = if said.are_named && said.code == 0 { EXIT_TRY_AGAIN } else { said.code };
    if on.ecs.is_leaving(mate) { leaves(said.result) } else { Did::Ended(said.result, code) }
}

impl SimEcs<'_> {
    /// A worker has taken the fence of the launch and begins with its work: one piece of it is what
    /// a task of its own would be.
    fn takes(&self, launch: &Launch, arn: String) -> usize {
        let mut state = self.state();
        let number = state.tasks.len();
        self.world.note(|| format!("  {arn} begins with piece {number}, of {}", launch.id));
        let of_launch = |task: &&Task| task.launch.id == launch.id && task.arn != arn;
        if let Some(other) = state.tasks.iter().find(of_launch) {
            let seen = format!("{} was {}'s, and becomes {arn}'s", launch.id, other.arn);
            self.world.violate("I3 one worker per launch", seen);
        }
        self.begins_alone(&state, launch);
        let task = Task::new(number, launch, self.world.now_ms());
        state.tasks.push(Task { arn, status: TaskStatus::Running, ..task });
        self.world.count(|stats| stats.pieces += 1);
        number
    }

    /// The last piece of the launch that the worker has begun.
    fn piece(&self, launch: &LaunchId, arn: &str) -> Option<usize> {
        let of_launch = |task: &Task| task.launch.id == *launch && task.arn == arn;
        self.state().tasks.iter().rposition(of_launch)
    }

    /// The pieces that the worker is at.
    pub(super) fn pieces_of(&self, arn: &str) -> Vec<usize> {
        let tasks = &self.state().tasks;
        let is_its =
            |number: &usize| tasks[*number].arn == arn && tasks[*number].stopped_at_ms.is_none();
        (0..tasks.len()).filter(is_its).collect()
    }
}

/// The queue of outcomes as a worker sends to it.
struct Outcomes<'a, 'w> {
    parts: &'a Parts<'w>,
    launch: &'a LaunchId,
    task: &'a str,
}

impl Outcomes<'_, '_> {
    /// Whoever tells of an end has been heard by the ledger, or never will be.
    fn hears(&self) {
        let Some(number) = self.parts.ecs.piece(self.launch, self.task) else { return };
        if let Some(is_done) = self.parts.ledger.hears(self.launch, self.task) {
            let task = &mut self.parts.ecs.state().tasks[number];
            task.is_heard = true;
            task.is_believed = is_done;
        }
    }
}

impl Queue for Outcomes<'_, '_> {
    async fn send(&self, body: &str, _reason: &str) -> Result<(), QueueError> {
        let notice = Notice::parse(body);
        let is_end = matches!(notice, Some(Notice::Ended { .. }));
        if is_end {
            self.hears();
        }
        let world = self.parts.world;
        world.count(|stats| stats.doubted += u64::from(!is_end));
        let sent = world.call(Service::Queue, || {
            world.note(|| format!("  {} tells {notice:?}", self.task));
            if !is_end || self.parts.planted != Planted::EndOfWorkUntold {
                self.parts.notices.push(body);
            }
        });
        sent.await.map_err(|NoAnswer| QueueError("no answer".into()))
    }
}

/// What workers told, and nobody has posted yet.
#[derive(Debug, Default)]
pub(super) struct Notices(Mutex<Vec<String>>);

impl Notices {
    fn push(&self, body: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(body.to_owned());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Driver<'_, '_> {
    /// SQS loses nothing that it took.
    pub(super) fn post(&mut self) {
        for body in self.parts.notices.take() {
            for wait_ms in self.parts.ecs.arrivals() {
                self.messages.send(Source::Outcomes, body.clone(), wait_ms);
            }
        }
    }
}
