//! All that was seen of a run's life, and what it must not have seen.

mod launches;

use std::collections::{BTreeMap, BTreeSet};

use super::{super::*, is_edge};
use crate::{
    run::{Addressee, Counted, Places, Wait, WorkStatus},
    trigger::{Input, Launch, Retry, TickInput},
};

/// Attempts of a run until somebody redrives it: as many as its work may fail, and in between 4
/// that do not start, 19 that AWS loses and 4 that stop for unknown reasons.
pub(super) fn attempts_max(retry: &Retry) -> u32 {
    retry.attempts + 4 + 19 + 4
}

/// What was seen of a run's whole life.
#[derive(Debug, Default)]
pub(super) struct Life {
    pub(super) edges: BTreeSet<(&'static str, &'static str)>,
    met: BTreeMap<&'static str, u32>,
    ended: u32,
    redriven: u32,
    /// Messages by the attempt they tell of, and whether they were sent.
    messages: BTreeMap<(u32, Addressee), bool>,
    /// Who held the fence of a launch.
    executors: BTreeMap<(u32, u32), String>,
    /// When a launch's token was first about to be used.
    first_calls: BTreeMap<(u32, u32), Timestamp>,
    frozen: BTreeMap<(u32, u32), Launch>,
    slot: Option<u32>,
    holds: bool,
    /// The attempt that somebody cancelled.
    cancelled: Option<u32>,
    /// The attempt with which the present generation began.
    first_attempt: u32,
}

impl Life {
    pub(super) fn of(run: &Run) -> Self {
        Self { first_attempt: run.attempt, ..Self::default() }
    }

    /// How often something worth a law was seen.
    pub(super) fn met(&self) -> impl Iterator<Item = (&'static str, u32)> + '_ {
        self.met.iter().map(|(what, times)| (*what, *times))
    }

    /// The message that is sent next.
    pub(super) fn unsent(&self, attempt: u32) -> Option<Addressee> {
        let mut owed =
            self.messages.iter().filter(|((of, _), is_sent)| *of == attempt && !**is_sent);
        owed.next().map(|((_, to), _)| *to)
    }

    fn meet(&mut self, what: &'static str, is_met: bool) {
        *self.met.entry(what).or_default() += u32::from(is_met);
    }

    /// Checks one change against the run before it and the life so far.
    pub(super) fn saw(&mut self, before: &Run, step: &Step, change: &Change, now: Timestamp) {
        let run = &change.run;
        assert_eq!((change.expects_ver, run.ver), (Some(before.ver), before.ver + 1));
        let constant = |run: &Run| (run.id.clone(), run.trigger.clone(), run.unknown.clone());
        assert_eq!(constant(run), constant(before));
        self.saw_input(before, step, change);
        assert!(run.history.len() <= HISTORY_MAX);
        assert_eq!(run.history[0], before.history[0], "the beginning is kept");
        assert!(is_edge(before.state, run.state), "{:?} ─▶ {:?}", before.state, run.state);
        self.edges.insert((before.state.word(), run.state.word()));
        let frees = change.also.iter().any(|also| matches!(also, Also::FreeSlot(_)));
        let is_pause = run.waits == Some(Wait::Paused);
        assert!(!frees || is_pause || run.state.is_terminal(), "a slot is kept to the end");
        self.saw_also(run, change);
        self.saw_books(run);
        self.saw_end(before, step, run);
        self.saw_attempt(before, step, run);
        self.saw_tick(before, step, run);
        self.saw_launch(before, step, run, now);
    }

    fn saw_also(&mut self, run: &Run, change: &Change) {
        for also in &change.also {
            match also {
                Also::Count { what: Counted::Ended(class), .. } => {
                    assert_eq!(class.state(), run.state, "counted as what it is");
                    self.ended += 1;
                }
                Also::Count { what: Counted::Redriven, .. } => self.redriven += 1,
                Also::Outbox(message) => {
                    let is_sent = message.sent_at.is_some();
                    let known = self.messages.insert((message.attempt, message.to), is_sent);
                    assert_eq!(known.is_some(), is_sent, "owed once, and sent if it was owed");
                }
                Also::Launch(launch) => {
                    let id = (launch.id.attempt, launch.id.launch);
                    let known = self.frozen.insert(id, (**launch).clone());
                    assert_eq!(known, None, "a launch is frozen once");
                }
                Also::HoldObject(_) => self.holds = true,
                Also::FreeObject(_) => assert!(std::mem::take(&mut self.holds)),
                Also::TakeSlot(slot) => {
                    assert_eq!(self.slot.replace(slot.number), None, "one slot is enough");
                }
                Also::FreeSlot(slot) => assert_eq!(self.slot.take(), Some(slot.number)),
                Also::Object(_) | Also::Page(_) => panic!("admission claims and lists objects"),
                Also::Part(part) => {
                    assert_eq!((part.state, part.parent.as_ref()), (State::Forming, Some(&run.id)));
                    assert_eq!(run.state, State::Superseded);
                }
            }
        }
    }

    /// A run keeps its objects until they are done, and its parts share them out.
    fn saw_input(&mut self, before: &Run, step: &Step, change: &Change) {
        let run = &change.run;
        let left = |run: &Run| run.input.objects().map(|objects| objects.left.clone());
        match (left(before), left(run)) {
            (Some(before), Some(left)) if left == before => {}
            (Some(before), Some(left)) => {
                assert!(left.are_among(&before) && !left.is_empty());
                assert!(matches!(step, Step::Formed { .. } | Step::Settle { .. }), "{step:?}");
            }
            (Some(_), None) => {
                assert!(matches!(step, Step::Formed { won, .. } if won.len() == 1));
                self.meet("one object of several", true);
            }
            (None, _) if *step == Step::Ask => {
                assert!(before.is_unbegun_tick() && !run.is_unbegun_tick());
                assert_eq!(run.input, asked(before), "and else it is as it was");
            }
            (None, _) if matches!(step, Step::Redrive { .. }) && !before.is_shard() => {
                assert_eq!(run.input, asked(before), "whoever redrives a tick asks for it");
            }
            (None, _) => assert_eq!(run.input, before.input),
        }
        let parts = change.also.iter().filter_map(|also| match also {
            Also::Part(part) => left(part),
            _ => None,
        });
        let parts: Vec<Places> = parts.collect();
        if !parts.is_empty() {
            let shared: Vec<usize> = parts.iter().flat_map(Places::iter).collect();
            assert_eq!(shared, left(before).unwrap().iter().collect::<Vec<_>>());
            assert!(parts.iter().all(|part| !part.is_empty()));
            self.meet("a run that is split", true);
        }
    }

    /// The run, its counts, its messages and what it holds agree.
    fn saw_books(&mut self, run: &Run) {
        let is_over = run.state.is_terminal();
        assert_eq!(self.ended - self.redriven, u32::from(is_over), "counted with each end, once");
        assert_eq!((self.slot, self.holds), (run.slot, run.holds));
        assert!(!is_over || (run.slot, run.holds) == (None, false), "the end frees all");
        let owed = |to| self.messages.contains_key(&(run.attempt, to));
        assert_eq!(owed(Addressee::Bus), is_over, "every end is told");
        let has_failed = run.state == State::Failed && !run.is_shard();
        assert_eq!(owed(Addressee::Failed), has_failed, "and a failure twice, but for a shard's");
        let is_told = is_over && self.messages.values().all(|is_sent| *is_sent);
        let is_started = matches!(run.waits, Some(Wait::Slot | Wait::Paused)) && !run.is_shard();
        assert_eq!(run.due.is_none(), is_told || is_started, "somebody will look");
        let may_wait = matches!(run.state, State::Admitted | State::Forming);
        assert!(run.waits.is_none() || may_wait);
        self.meet("a failure that was told", is_told && run.state == State::Failed);
        self.meet("a slot held in backoff", run.state == State::Backoff && run.slot.is_some());
    }

    fn saw_end(&mut self, before: &Run, step: &Step, run: &Run) {
        if let (Some(holder), false) = (&before.executor, before.state.is_terminal()) {
            let is_settled = matches!(step, Step::Settle { task, .. } if task == holder);
            let goes_on = !run.state.is_terminal() && run.launch_id() == before.launch_id();
            assert!(goes_on || is_settled, "{holder} still works");
            let is_done = before.result.as_ref().is_some_and(|it| it.status == WorkStatus::Done);
            if is_settled && is_done {
                assert_eq!(run.state, State::Succeeded, "what was reported done is done");
            }
            self.meet(
                "work reported and stopped",
                is_settled && is_done && before.stopping.is_some(),
            );
        }
        if before.state.is_terminal() {
            let is_about_the_end =
                matches!(step, Step::Sent { .. } | Step::Redrive { .. } | Step::LookAgain);
            assert!(is_about_the_end, "{step:?}");
            let is_same = (run.state, &run.outcome) == (before.state, &before.outcome);
            assert!(is_same || matches!(step, Step::Redrive { .. }), "an end is an end");
        }
        if run.state == State::Succeeded && before.state != State::Succeeded {
            let is_proof = matches!(step, Step::Settle { .. } | Step::Gather { .. });
            assert!(is_proof, "{step:?} proves no success");
        }
    }

    fn saw_attempt(&mut self, before: &Run, step: &Step, run: &Run) {
        let (old, new) = (before.launch_id(), run.launch_id());
        assert!(old <= new, "attempts and launches only grow");
        assert!(new.attempt <= old.attempt + 1 && new.launch <= old.launch + 1);
        if matches!(step, Step::Redrive { .. }) {
            self.first_attempt = run.attempt;
        } else if new.attempt > old.attempt {
            assert!(matches!(step, Step::Settle { .. }), "{step:?} begins an attempt");
            assert_ne!(self.cancelled, Some(old.attempt), "a cancelled run gets no attempt");
        }
        if new.attempt > old.attempt {
            assert!(is_fresh(run), "something of the last attempt is left: {run:?}");
        }
        let cancels = matches!(step, Step::Stop { why } if why.ends_the_run());
        if cancels {
            self.cancelled = Some(run.attempt);
        }
        let attempts = run.attempt - self.first_attempt + 1;
        assert!(attempts <= attempts_max(&Retry::default()), "{:?}", run.spent);
        self.meet("a third attempt", attempts > 2);
        self.meet("a redrive", matches!(step, Step::Redrive { .. }));
        self.meet("a cancel of a task", cancels && !run.state.is_terminal());
    }
}

/// Whether nothing of an earlier attempt counts for the present one.
fn is_fresh(run: &Run) -> bool {
    let times = (run.lease_until, run.first_call_at, run.task_version);
    let task = (&run.task_arn, &run.executor, &run.result, &run.outcome);
    let refusals = (run.spent.capacity, run.spent.refusals);
    (run.launch, refusals) == (1, (0, 0))
        && (times, task) == ((None, None, None), (&None, &None, &None, &None))
        && (&run.stopping, &run.waits) == (&None, &None)
}

/// The same tick, if somebody asks for it.
fn asked(run: &Run) -> Input {
    match run.input.tick() {
        Some(tick) => Input::Tick(TickInput { asked: true, ..*tick }),
        None => run.input.clone(),
    }
}
