//! What always holds, and what is reached.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use longshore::run::State;
use stateright::Property;

use crate::{
    Interleavings,
    act::Act,
    moves::{Exit, LaunchName},
    world::{Broken, Driver, Stage, Task, World},
};

/// More things than a run's life has when nothing goes wrong any more.
const TAIL_MAX: usize = 100;

/// Two tasks hold the fence at the same time, or work as if they did.
pub(crate) const ONE_AT_WORK: &str = "one task at a time is at work";
/// A run was settled while its task went on.
pub(crate) const AT_WORK_WITH_FENCE: &str = "who is at work has the fence of a run that goes on";
pub(crate) const DONE_ONCE: &str = "the work is done once per attempt";
pub(crate) const ONE_TASK: &str = "a launch has one task";
pub(crate) const SUCCESS_IS_DONE: &str = "success means that the work was done";
pub(crate) const DISOWNS_NONE: &str = "a refusal disowns no task";

fn always(
    name: &'static str,
    condition: fn(&Interleavings, &World) -> bool,
) -> Property<Interleavings> {
    Property::always(name, condition)
}

/// What no task may do.
pub(crate) fn of_tasks() -> Vec<Property<Interleavings>> {
    vec![
        always(ONE_AT_WORK, |_, world| {
            world.tasks.iter().filter(|task| task.is_at_work()).count() <= 1
        }),
        always(AT_WORK_WITH_FENCE, |it, world| {
            let face = it.face(world.row);
            let has_fence =
                |task: &Task| face.executor == Some(task.name) && !face.state.is_terminal();
            world.tasks.iter().filter(|task| task.is_at_work()).all(has_fence)
        }),
        always(DONE_ONCE, |_, world| {
            let done = || world.tasks.iter().filter(|task| task.is_done());
            let of = |attempt: u8| done().filter(|task| task.name.of.attempt == attempt).count();
            done().all(|task| of(task.name.of.attempt) == 1)
        }),
        always("no work begins after success", |_, world| {
            world.broken != Some(Broken::BegunAfterSuccess)
        }),
        always(ONE_TASK, |_, world| world.tasks.iter().all(|task| task.name.nth == 0)),
        // A call that takes effect late may start a task after the refusal of a later one.
        always(DISOWNS_NONE, |it, world| {
            it.scope.late_calls || world.broken != Some(Broken::TaskDisowned)
        }),
    ]
}

/// What the ledger always shows.
pub(crate) fn of_runs() -> Vec<Property<Interleavings>> {
    vec![
        always("an end is final", |_, world| world.broken != Some(Broken::EndChanged)),
        always("an end is counted and told once", |it, world| {
            let state = it.face(world.row).state;
            world.counted == u8::from(state.is_terminal())
                && world.failures == u8::from(state == State::Failed)
        }),
        always(SUCCESS_IS_DONE, |it, world| {
            it.face(world.row).state != State::Succeeded
                || world.tasks.iter().any(|task| task.is_done())
        }),
        always("ver grows", |_, world| world.broken != Some(Broken::VerStood)),
        always("somebody will look", |it, world| it.face(world.row).is_due),
        always("every run can end", Interleavings::ends),
    ]
}

fn sometimes(
    name: &'static str,
    condition: fn(&Interleavings, &World) -> bool,
) -> Property<Interleavings> {
    Property::sometimes(name, condition)
}

/// What is reached, so that the rest is no empty promise.
pub(crate) fn reached() -> Vec<Property<Interleavings>> {
    vec![
        sometimes("success on the second attempt", |it, world| {
            let face = it.face(world.row);
            face.state == State::Succeeded && face.at.attempt == 2
        }),
        sometimes("a second launch while the first's task lives", |it, world| {
            let at = it.face(world.row).at;
            let is_older = |of: LaunchName| of.attempt == at.attempt && of < at;
            it.has_relaunched(world)
                && world.tasks.iter().any(|task| is_older(task.name.of) && !task.is_stopped())
        }),
        sometimes("success of a launch after an old token", |it, world| {
            it.face(world.row).state == State::Succeeded && it.has_relaunched(world)
        }),
        sometimes("success of a launch after a refused one", |it, world| {
            let face = it.face(world.row);
            face.state == State::Succeeded && face.was_refused
        }),
        sometimes("a write meets itself", |_, world| {
            let meets =
                |driver: &Driver| matches!(driver, Driver::Writes(write) if write.meets_itself());
            world.drivers.iter().any(meets)
        }),
        sometimes("a call finds the task of an unheard one", |it, world| {
            let finds = |driver: &Driver| match driver {
                Driver::Claimed { of, .. } => world.task_of_token(*of).is_some(),
                _ => false,
            };
            it.face(world.row).state == State::Launching && world.drivers.iter().any(finds)
        }),
        sometimes("failure", |it, world| it.face(world.row).state == State::Failed),
        sometimes("cancellation", |it, world| it.face(world.row).state == State::Cancelled),
    ]
}

impl Interleavings {
    /// Whether the present attempt was launched again though nobody had refused.
    fn has_relaunched(&self, world: &World) -> bool {
        let face = self.face(world.row);
        face.at.launch > 1 && !face.was_refused
    }

    /// Whether the run ends if from now on nothing goes wrong, but for events, which are all lost.
    fn ends(&self, world: &World) -> bool {
        let mut world = world.clone();
        let mut passed = Vec::new();
        for _ in 0..TAIL_MAX {
            let is_known = !self.ending().insert(digest(&world));
            if is_known || self.face(world.row).state.is_terminal() {
                return true;
            }
            passed.push(digest(&world));
            let Some(next) = self.goes_well(&world) else { break };
            world = next;
        }
        for digest in passed {
            self.ending().remove(&digest);
        }
        false
    }

    /// The next thing when nothing goes wrong.
    fn goes_well(&self, world: &World) -> Option<World> {
        let face = self.face(world.row);
        let tasks = world.tasks.iter().filter_map(|task| match task.stage {
            Stage::Pending => Some(Act::Starts(task.name)),
            Stage::Up => Some(Act::AsksForFence(task.name)),
            Stage::Works => Some(Act::Finishes(task.name)),
            Stage::Done => Some(Act::Reports(task.name)),
            Stage::Reported => Some(Act::Stops(task.name, Exit::Zero)),
            Stage::Stopped { .. } if face.task != Some(task.name) => None,
            Stage::Stopped { .. } if task.is_known => Some(Act::ToldStopped(task.name)),
            Stage::Stopped { .. } => Some(Act::ToldMissing(task.name)),
        });
        let drivers = world.drivers.iter().enumerate().map(|(n, driver)| match driver {
            Driver::Idle => Act::Begins(n),
            Driver::Writes(_) => Act::Answered(n),
            Driver::Claimed { .. } => Act::Named(n),
        });
        tasks.chain(drivers).chain([Act::Minutes]).find_map(|act| self.after(world, act))
    }
}

fn digest(world: &World) -> u64 {
    let mut hasher = DefaultHasher::new();
    world.hash(&mut hasher);
    hasher.finish()
}
