//! The runs that were met, each with a number, and what the machine answered about them.
//!
//! What only tells one moment from another is the same in all of them, so that there are few:
//! `now` is one instant, and an instant is ahead of it or not. A `ver` is the present one or an
//! older one, and whoever holds which is the world's to know.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use longshore::{
    run::{Addressee, Also, Outcome, Run, Spent, State, TOKEN_REUSE_SECS, Wait, admit, transition},
    trigger::{Envelope, Trigger, plan},
};
use serde_json::json;

use crate::{
    bugs::Bug,
    moves::{LaunchName, Move, TaskName},
};

/// The present.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
/// Any time ahead.
const AHEAD: SignedDuration = SignedDuration::from_mins(1);
/// The present `ver`.
const VER: u64 = 1_000;

/// Number of a run in the book.
pub(crate) type Row = u32;

/// What the world has to know of a run.
#[expect(clippy::struct_excessive_bools, reason = "four facts that do not depend on each other")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Face {
    pub(crate) state: State,
    pub(crate) at: LaunchName,
    /// The task whose end is the run's.
    pub(crate) task: Option<TaskName>,
    /// The task that holds the fence.
    pub(crate) executor: Option<TaskName>,
    /// Whether somebody is alone to launch.
    pub(crate) is_leased: bool,
    /// Whether somebody will look at it without being told.
    pub(crate) is_due: bool,
    pub(crate) is_stopping: bool,
    /// Whether a launch of the attempt was refused.
    pub(crate) was_refused: bool,
}

/// What a move makes of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Change {
    pub(crate) run: Row,
    /// Ends counted with it.
    pub(crate) counts: u8,
    /// Messages to the `failed` queue with it.
    pub(crate) failures: u8,
    /// Whether it expects the `ver` that was read, and writes a greater one.
    pub(crate) grows: bool,
}

/// How time passes for a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Passes {
    /// Leases lapse and waits end.
    Minutes,
    /// The client token is no longer certain.
    Token,
}

#[derive(Debug)]
pub(crate) struct Book {
    trigger: Trigger,
    bugs: &'static [Bug],
    rows: Vec<(Run, Face)>,
    numbers: BTreeMap<String, Row>,
    answers: BTreeMap<(Row, Move), Option<Change>>,
    laters: BTreeMap<(Row, Passes), Row>,
}

impl Book {
    /// A book with the run as it is admitted.
    pub(crate) fn new(bugs: &'static [Bug]) -> (Self, Change) {
        let object = include_str!("../../../../tests/fixtures/events/s3-object-created.json");
        let event: serde_json::Value = serde_json::from_str(object).unwrap();
        let settings = json!({
            "name": "uploads", "order": "all", "retry": {"attempts": 2},
            "task": {
                "definition": "arn:aws:ecs:eu-west-1:111122223333:task-definition/worker:7",
                "cluster": "arn:aws:ecs:eu-west-1:111122223333:cluster/longshore",
                "container": "worker", "timeout": "30m",
                "network": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]},
            },
        });
        let envelope = json!({"source": "rule", "trigger": settings, "event": event});
        let Envelope { trigger, event, .. } = Envelope::parse(&envelope.to_string()).unwrap();
        let admission = admit(&trigger, &plan(&trigger, &event), NOW, String::new());
        let (rows, numbers, answers, laters) = Default::default();
        let mut book = Self { trigger, bugs, rows, numbers, answers, laters };
        let admitted = book.noted(&admission, true);
        (book, admitted)
    }

    pub(crate) fn face(&self, row: Row) -> Face {
        self.rows[row as usize].1
    }

    /// Every run that was met.
    pub(crate) fn runs(&self) -> BTreeSet<String> {
        self.numbers.keys().cloned().collect()
    }

    pub(crate) fn run(&self, row: Row) -> &Run {
        &self.rows[row as usize].0
    }

    /// Asks the machine; none if it refuses.
    pub(crate) fn take(&mut self, row: Row, next: Move) -> Option<Change> {
        if let Some(answer) = self.answers.get(&(row, next)) {
            return *answer;
        }
        let (run, step) = next.step(self.run(row), &self.trigger, self.bugs);
        let answer = transition(&run, step, NOW, "wid".into()).ok().map(|change| {
            let grows = change.expects_ver == Some(VER) && change.run.ver > VER;
            self.noted(&change, grows)
        });
        self.answers.insert((row, next), answer);
        answer
    }

    /// The run after so much time.
    pub(crate) fn later(&mut self, row: Row, passes: Passes) -> Row {
        if let Some(later) = self.laters.get(&(row, passes)) {
            return *later;
        }
        let mut run = self.run(row).clone();
        match passes {
            Passes::Minutes => {
                run.lease_until = run.lease_until.map(|_| NOW);
                run.due = run.due.map(|_| NOW);
            }
            Passes::Token => {
                let reuse = SignedDuration::from_secs(TOKEN_REUSE_SECS);
                run.first_call_at = run.first_call_at.map(|_| NOW - reuse);
            }
        }
        let later = self.number(run);
        self.laters.insert((row, passes), later);
        later
    }

    fn noted(&mut self, change: &longshore::run::Change, grows: bool) -> Change {
        let of = |wanted: fn(&Also) -> bool| {
            u8::try_from(change.also.iter().filter(|also| wanted(also)).count()).unwrap()
        };
        let counts = of(|also| matches!(also, Also::Count { .. }));
        let failures =
            of(|also| matches!(also, Also::Outbox(message) if message.to == Addressee::Failed));
        Change { run: self.number(change.run.clone()), counts, failures, grows }
    }

    fn number(&mut self, run: Run) -> Row {
        let run = canonical(run);
        let key = serde_json::to_string(&run).unwrap();
        if let Some(row) = self.numbers.get(&key) {
            return *row;
        }
        let row = Row::try_from(self.rows.len()).unwrap();
        self.rows.push((run.clone(), Face::of(&run)));
        self.numbers.insert(key, row);
        row
    }
}

fn canonical(mut run: Run) -> Run {
    let nearest = |instant: Timestamp| if instant > NOW { NOW + AHEAD } else { NOW };
    run.history.clear();
    run.wid.clear();
    run.ver = VER;
    run.since = Some(NOW);
    run.lease_until = run.lease_until.map(nearest);
    run.due = match run.state {
        State::Admitted | State::Backoff => run.due.map(nearest),
        _ => run.due.map(|_| NOW),
    };
    // Nothing follows from how a run ended.
    if let Some(outcome) = &mut run.outcome {
        *outcome = Outcome::new(outcome.class, "");
        run.spent = Spent { capacity: run.spent.capacity, ..Spent::default() };
        run.result = None;
        run.task_version = None;
    }
    run
}

impl Face {
    fn of(run: &Run) -> Self {
        let small = |number: u32| u8::try_from(number).unwrap();
        let at = LaunchName { attempt: small(run.attempt), launch: small(run.launch) };
        Self {
            state: run.state,
            at,
            task: run.task().and_then(TaskName::of_arn),
            executor: run.executor.as_deref().and_then(TaskName::of_arn),
            is_leased: run.lease_until.is_some_and(|until| until > NOW),
            is_due: run.due.is_some() || matches!(run.waits, Some(Wait::Slot | Wait::Paused)),
            is_stopping: run.stopping.is_some(),
            was_refused: run.spent.capacity > 0,
        }
    }
}
