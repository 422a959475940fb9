//! Steps to come, as plain numbers that fit whatever run they will meet.

use proptest::{prelude::*, sample::select};

use super::{
    super::{
        tests::{claim, claim_of, done, hasty, other_run, outcome, pooled, sent_to, worker},
        *,
    },
    life::Life,
};
use crate::{
    run::{
        Addressee, Class, LaunchRefusal, Outcome, Places, RefusalKind, Wait, WorkResult,
        WorkStatus,
        samples::{OTHER_TASK, TASK, admitted},
    },
    trigger::Seconds,
};

const CLASSES: [Class; 11] = [
    Class::Succeeded,
    Class::Superseded,
    Class::Cancelled,
    Class::Work,
    Class::Rejected,
    Class::OutOfMemory,
    Class::Start,
    Class::Launch,
    Class::Spot,
    Class::Infrastructure,
    Class::Unknown,
];

const REFUSALS: [RefusalKind; 4] =
    [RefusalKind::Capacity, RefusalKind::Inactive, RefusalKind::Permanent, RefusalKind::Unknown];

/// Kinds of steps; what all else needs stands more than once.
const KINDS: u32 = 25;

/// A step to come, with what it is about relative to the run that it will meet.
#[derive(Clone, Debug)]
pub(super) struct Move {
    kind: u32,
    /// Whose task it is about.
    task: &'static str,
    /// Launches before the present one that it is about.
    launches_ago: u32,
    /// Attempts before the present one that it is about.
    attempts_ago: u32,
    /// Writes before the present `ver` that its claim was made.
    writes_ago: u64,
    version: i64,
    class: Class,
    refusal: RefusalKind,
    /// Whatever has two sides.
    flip: bool,
    jitter: u64,
    pub(super) secs_later: i64,
}

prop_compose! {
    pub(super) fn a_move()(
        kind in 0..KINDS,
        task in select(vec![TASK, TASK, TASK, OTHER_TASK]),
        (launches_ago, attempts_ago, writes_ago) in select(vec![
            (0, 0, 0), (0, 0, 0), (0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1),
        ]),
        version in 0..6_i64,
        class in select(CLASSES.to_vec()),
        refusal in select(REFUSALS.to_vec()),
        flip: bool,
        jitter: u64,
        secs_later in select(vec![0, 1, 30, LEASE_SECS, TOKEN_REUSE_SECS]),
    ) -> Move {
        Move {
            kind, task, launches_ago, attempts_ago, writes_ago, version, class, refusal, flip,
            jitter, secs_later,
        }
    }
}

impl Move {
    /// The step, as the flows would take it; none where they take none.
    pub(super) fn step(&self, run: &Run, life: &Life, now: Timestamp) -> Option<Step> {
        let task = self.task.to_owned();
        let attempt = run.attempt.saturating_sub(self.attempts_ago);
        let launch = run.launch.saturating_sub(self.launches_ago);
        let id = LaunchId { run: run.id.clone(), attempt, launch };
        Some(match self.kind {
            0 if self.flip => claim_of(pooled(), None),
            0 => claim(),
            1 => Step::Claim {
                trigger: Box::new(hasty()),
                slot: self.flip.then_some(u32::from(self.jitter.is_multiple_of(2))),
            },
            2 => Step::Wait { wait: self.wait() },
            3 => Step::Overtaken { by: other_run() },
            4 if run.pool().is_some() => Step::Enqueued { id },
            4 => Step::Launched { id, task },
            5 => {
                let refusal = LaunchRefusal { reason: "no".into(), kind: self.refusal };
                let claimed_ver = run.ver.saturating_sub(self.writes_ago);
                Step::Refuse { id, claimed_ver, refusal, jitter: self.jitter }
            }
            6 | 7 => {
                let worker = run.pool().map(|_| worker()).filter(|_| self.version > 0);
                Step::Fence { id, task, worker }
            }
            8 => Step::Progress { id, task, version: self.version },
            9 => {
                let status = if self.flip { WorkStatus::Done } else { WorkStatus::Failed };
                let failed = if self.flip { Places::default() } else { self.some(run) };
                Step::Report { task, result: WorkResult { status, failed, ..done() } }
            }
            10 | 11 => self.settle(id, task),
            12 => Step::Stop { why: run.overdue(now)? },
            13 => Step::Stop { why: Stopping::Cancel { by: "ann".into() } },
            14 if self.flip && run.input.tick().is_some() => Step::Ask,
            14 => Step::LookAgain,
            15 => Step::Redrive { attempt },
            16..=18 if run.shards.is_some() => Step::Gather { outcome: outcome(self.class) },
            16..=18 => self.formed(run, attempt),
            19 if run.input.tick().is_none() => self.formed(run, attempt),
            20 | 21 if run.input.tick().is_none() => self.settle(id, task),
            19 => Step::Skip { by: other_run() },
            20 => Step::Miss { within: Seconds::new(60) },
            21 => Step::Stop { why: Stopping::Replace { by: other_run() } },
            _ => sent(run, life, attempt),
        })
    }

    /// Some of the run's objects, or all, or none.
    fn some(&self, run: &Run) -> Places {
        let left = run.input.objects().map(|objects| objects.left.clone()).unwrap_or_default();
        let [first, second] = left.halves();
        match self.jitter % 8 {
            0 => Places::default(),
            1 => first,
            2 => second,
            3 => left.iter().take(1).filter_map(|place| u16::try_from(place).ok()).collect(),
            _ => left,
        }
    }

    fn formed(&self, run: &Run, attempt: u32) -> Step {
        let won = self.some(run);
        let object = || admitted().input.object().cloned().unwrap();
        Step::Formed { attempt, only: (won.len() == 1).then(object), won }
    }

    fn wait(&self) -> Wait {
        match self.jitter % 4 {
            0 => Wait::Slot,
            1 => Wait::Paused,
            2 => Wait::Older(other_run()),
            _ => Wait::Permit,
        }
    }

    fn settle(&self, id: LaunchId, task: String) -> Step {
        // StopTask's stop code comes only with its class.
        let is_stopped = self.class == Class::Cancelled;
        let stop_code = is_stopped.then(|| "UserInitiated".to_owned());
        let is_final = self.flip && self.class == Class::Start;
        let outcome = Outcome { stop_code, is_final, ..outcome(self.class) };
        let memory = self.flip.then_some(1_024);
        Step::Settle { id, task, version: self.version, outcome, memory, jitter: self.jitter }
    }
}

/// Messages are sent in the order of their addressees, each until it is known to be sent.
fn sent(run: &Run, life: &Life, attempt: u32) -> Step {
    let to = match life.unsent(run.attempt) {
        Some(Addressee::Failed) => Addressee::Failed,
        _ => Addressee::Bus,
    };
    sent_to(&Run { attempt, ..run.clone() }, to)
}
