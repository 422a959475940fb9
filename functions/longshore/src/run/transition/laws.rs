use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    tests::{claim, done, outcome},
    *,
};
use crate::run::{
    LaunchRefusal, WorkResult, WorkStatus,
    samples::{OTHER_TASK, TASK, admitted, at},
};
use crate::trigger::Launch;

/// A step to come, with what it is about relative to the run that it will meet.
#[derive(Clone, Debug)]
struct Move {
    kind: usize,
    /// Whose task it is about.
    task: &'static str,
    /// Launches before the present one that it is about.
    launches_ago: u32,
    /// Writes before the present `ver` that its claim was made.
    writes_ago: u64,
    version: i64,
    class: Class,
    is_permanent: bool,
    secs_later: i64,
}

const CLASSES: [Class; 9] = [
    Class::Succeeded,
    Class::Superseded,
    Class::Cancelled,
    Class::Work,
    Class::Rejected,
    Class::OutOfMemory,
    Class::Start,
    Class::Launch,
    Class::Infrastructure,
];

prop_compose! {
    fn a_move(kinds: std::ops::Range<usize>)(
        kind in kinds,
        task in select(vec![TASK, TASK, TASK, OTHER_TASK]),
        launches_ago in select(vec![0, 0, 0, 1]),
        writes_ago in select(vec![0, 0, 0, 1]),
        version in 0..6_i64,
        class in select(CLASSES.to_vec()),
        is_permanent in select(vec![false, false, false, true]),
        secs_later in select(vec![0, 1, 30, LEASE_SECS, TOKEN_REUSE_SECS]),
    ) -> Move {
        Move { kind, task, launches_ago, writes_ago, version, class, is_permanent, secs_later }
    }
}

impl Move {
    fn step(&self, run: &Run) -> Step {
        let task = self.task.to_owned();
        let id =
            LaunchId { launch: run.launch.saturating_sub(self.launches_ago), ..run.launch_id() };
        match self.kind {
            0 | 1 => claim(),
            2 => Step::Launched { id, task },
            3 => Step::Fence { id, task },
            4 => {
                let refusal =
                    LaunchRefusal { reason: "no".into(), is_permanent: self.is_permanent };
                Step::Refuse { id, claimed_ver: run.ver - self.writes_ago, refusal, wait_secs: 30 }
            }
            5 => Step::Progress { id, task, version: self.version },
            6 => Step::LookAgain,
            7 => {
                let failed = self.is_permanent;
                let status = if failed { WorkStatus::Failed } else { WorkStatus::Done };
                Step::Report { task, result: WorkResult { status, ..done() } }
            }
            8 => Step::Sent { message: failure_message(run, at(0)) },
            _ => Step::Settle { id, task, version: self.version, outcome: outcome(self.class) },
        }
    }
}

/// What was seen of a run's whole life.
#[derive(Debug, Default)]
struct Life {
    counts: u32,
    messages: u32,
    messages_sent: u32,
    /// Who held the fence of a launch.
    executors: BTreeMap<LaunchId, String>,
    /// When a launch's token was first about to be used.
    first_calls: BTreeMap<LaunchId, Timestamp>,
    /// Launches that were frozen.
    frozen: BTreeMap<LaunchId, Launch>,
}

impl Life {
    /// Checks one change against the run before it and the life so far.
    fn saw(&mut self, before: &Run, step: &Step, change: &Change, now: Timestamp) {
        let run = &change.run;
        assert_eq!((change.expects_ver, run.ver), (Some(before.ver), before.ver + 1));
        assert_eq!(
            (&run.id, &run.trigger, &run.input),
            (&before.id, &before.trigger, &before.input)
        );
        assert!(run.history.len() <= HISTORY_MAX);
        assert_eq!(run.history[0], before.history[0], "the beginning is kept");
        if before.state.is_terminal() {
            assert!(matches!(step, Step::Sent { .. }), "{step:?} after the end");
            assert_eq!((run.state, &run.outcome), (before.state, &before.outcome));
        }
        for also in &change.also {
            match also {
                Also::Count { .. } => self.counts += 1,
                Also::Outbox(message) if message.sent_at.is_some() => self.messages_sent += 1,
                Also::Outbox(_) => self.messages += 1,
                Also::Launch(launch) => {
                    let earlier = self.frozen.insert(launch.id.clone(), (**launch).clone());
                    assert_eq!(earlier, None, "a launch is frozen once");
                }
                Also::Object(_) => panic!("objects are claimed by admission"),
            }
        }
        assert_eq!(self.counts, u32::from(run.state.is_terminal()), "counted with the end, once");
        assert_eq!(
            self.messages,
            u32::from(run.state == State::Failed),
            "told with the failure, once"
        );
        assert!(self.messages_sent <= self.messages);
        assert_eq!(
            run.due.is_none(),
            run.state.is_terminal() && self.messages == self.messages_sent
        );
        self.saw_launch(run, step, now);
    }

    fn saw_launch(&mut self, run: &Run, step: &Step, now: Timestamp) {
        let id = run.launch_id();
        if let Some(executor) = &run.executor {
            let holder = self.executors.entry(id.clone()).or_insert_with(|| executor.clone());
            assert_eq!(holder, executor, "one task holds the fence of {id}");
            assert_eq!(self.executors.len(), 1, "and no other launch follows");
        }
        if matches!(step, Step::Claim { .. }) {
            assert!(self.frozen.contains_key(&id), "nobody launches what is not frozen");
            let first = *self.first_calls.entry(id.clone()).or_insert(now);
            assert!(now < later(first, TOKEN_REUSE_SECS), "the token is too old");
            assert!(run.lease_until > Some(now));
        }
        if let Step::Refuse { claimed_ver, .. } = step {
            assert_eq!(*claimed_ver + 1, run.ver, "only the refusal of the present claim counts");
        }
        if let Step::Settle { id: settled, task, .. } = step {
            assert_eq!(*settled, id);
            assert!(self.executors.values().all(|executor| executor == task));
        }
    }
}

/// Lives through the moves, and gives the run as it ends.
fn live(moves: &[Move]) -> Run {
    let (mut run, mut life, mut now) = (admitted(), Life::default(), at(0));
    for (n, next) in moves.iter().enumerate() {
        now = later(now, next.secs_later);
        let step = next.step(&run);
        let Ok(change) = transition(&run, step.clone(), now, format!("w{n}")) else { continue };
        life.saw(&run, &step, &change, now);
        let again = transition(&change.run, step.clone(), now, "again".into());
        // Whoever looks again only says when to look next.
        assert!(again.is_err() || matches!(step, Step::LookAgain), "{step:?} counted twice");
        run = change.run;
    }
    run
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn whatever_happens_in_whatever_order(moves in vec(a_move(0..10), 0..60)) {
        live(&moves);
    }
}

#[test]
fn the_laws_meet_every_end() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};

    let mut runner = TestRunner::deterministic();
    let mut ends = BTreeMap::new();
    for _ in 0..500 {
        let moves = vec(a_move(0..10), 60).new_tree(&mut runner).unwrap().current();
        *ends.entry(live(&moves).state.word()).or_insert(0_u32) += 1;
    }
    for end in ["succeeded", "failed", "cancelled", "superseded"] {
        assert!(ends.get(end).is_some_and(|runs| *runs > 10), "{ends:?}");
    }
}
