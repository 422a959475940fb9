//! The model: what the checker has to know of worlds and acts.

#![expect(clippy::disallowed_types, reason = "a cache: what is in it follows from what is asked")]

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use stateright::{Model, Property};

use crate::{
    act::Act,
    book::{Book, Change, Face, Passes, Row},
    bugs::Bug,
    moves::Move,
    properties,
    world::World,
};

/// Attempts that are followed.
const ATTEMPTS_MAX: u8 = 2;
/// Launches of an attempt that are followed.
const LAUNCHES_MAX: u8 = 2;
/// Tasks of a launch that are followed, of which the second is one too many.
const TASKS_MAX: u8 = 2;

/// What can happen besides crashes, lost answers and events, refusals and lost tasks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope {
    /// RunTask takes effect after its caller gave up.
    pub(crate) late_calls: bool,
    /// Tokens grow old, and ECS forgets stopped tasks.
    pub(crate) old_tokens: bool,
    /// Tasks are stopped, because their time is over or somebody cancels the run.
    pub(crate) stops: bool,
}

/// The model.
#[derive(Debug)]
pub(crate) struct Interleavings {
    pub(crate) scope: Scope,
    pub(crate) bugs: &'static [Bug],
    pub(crate) is_simplified: bool,
    admitted: Change,
    book: Mutex<Book>,
    ending: Mutex<BTreeSet<u64>>,
}

impl Interleavings {
    /// The machine as it is.
    pub(crate) fn of(scope: Scope) -> Self {
        Self { is_simplified: true, ..Self::with_bugs(scope, &[]) }
    }

    /// The machine among bugs, and nothing simplified, since that relies on what it refuses.
    pub(crate) fn with_bugs(scope: Scope, bugs: &'static [Bug]) -> Self {
        let (book, admitted) = Book::new(bugs);
        let (book, ending) = (book.into(), Mutex::default());
        Self { scope, bugs, is_simplified: false, admitted, book, ending }
    }

    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Digests of the worlds of which it is known that the run can end.
    pub(crate) fn ending(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.ending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn face(&self, row: Row) -> Face {
        self.book().face(row)
    }

    pub(crate) fn take(&self, row: Row, asked: Move) -> Option<Change> {
        self.book().take(row, asked)
    }

    pub(crate) fn later(&self, row: Row, passes: Passes) -> Row {
        self.book().later(row, passes)
    }

    pub(crate) fn has(&self, bug: Bug) -> bool {
        self.bugs.contains(&bug)
    }
}

impl Model for Interleavings {
    type State = World;
    type Action = Act;

    fn init_states(&self) -> Vec<World> {
        vec![World::begin(self.admitted)]
    }

    fn actions(&self, world: &World, acts: &mut Vec<Act>) {
        self.acts(world, acts);
    }

    fn next_state(&self, world: &World, act: Act) -> Option<World> {
        self.after(world, act)
    }

    fn within_boundary(&self, world: &World) -> bool {
        let at = self.face(world.row).at;
        at.attempt <= ATTEMPTS_MAX
            && at.launch <= LAUNCHES_MAX
            && world.tasks.iter().all(|task| task.name.nth < TASKS_MAX)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let groups = [properties::of_tasks(), properties::of_runs(), properties::reached()];
        groups.into_iter().flatten().collect()
    }
}
