//! A worker receives, finishes what it holds, and leaves; and says so.

use jiff::{SignedDuration, Timestamp};

use super::{
    Ask, Desk, Do,
    held::{Asked, At, Settling},
    later, later_secs,
};
use crate::fleet::{Beat, Order, REST, Stage};

/// Time between two beats: one write per worker, and up to a fifth more by chance, so that a fleet
/// that began together does not write together.
const BEAT_SECS: u32 = 10;
/// A beat that failed is said again after this, if it says something new.
const BEAT_AGAIN_SECS: u32 = 2;
/// So many beats in a row may fail before a worker leaves without a last one.
const LAST_BEATS_MAX: u32 = 3;
/// Seconds of the time between SIGTERM and SIGKILL that are kept for handing messages back; never
/// more than a quarter of it.
const MARGIN_SECS: u32 = 5;

/// How far a worker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It receives.
    Receiving,
    /// It finishes what it holds: until `by`, if it was told by SIGTERM.
    Finishing { by: Option<Timestamp> },
    /// It has nothing to do any more and waits for its service to stop it: until then. Later it
    /// leaves by itself, for its place is wanted.
    Resting { until: Timestamp },
    /// It is gone.
    Left,
}

/// What a worker says, and when.
#[derive(Clone, Debug)]
pub(super) struct Beats {
    since: Timestamp,
    at: Timestamp,
    /// No beat before this.
    not_before: Timestamp,
    saying: Option<Stage>,
    said: Option<Stage>,
    failures: u32,
    messages: u64,
    busy_ms: u64,
}

impl Beats {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            since: now,
            at: now,
            not_before: now,
            saying: None,
            said: None,
            failures: 0,
            messages: 0,
            busy_ms: 0,
        }
    }

    /// Work has ended that began at `since`.
    pub(super) fn worked(&mut self, since: Timestamp, now: Timestamp, finished: bool) {
        self.messages += u64::from(finished);
        self.busy_ms = self.busy_ms.saturating_add(ms_between(since, now));
    }
}

fn ms_between(since: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.duration_since(since).as_millis()).unwrap_or(0)
}

impl Desk {
    /// SIGTERM: what is not begun goes back, the rest has until shortly before SIGKILL.
    pub(super) fn terminated(&mut self, now: Timestamp) {
        if self.phase == Phase::Left {
            return;
        }
        let margin = self.margin_secs();
        let by = later_secs(now, self.post.stop_secs.saturating_sub(margin));
        self.phase = Phase::Finishing { by: Some(by) };
        for held in self.held.values_mut() {
            if held.is_unbegun() {
                self.memory.unworked(&held.message.id);
                held.settle(Settling::Back { secs: 0 }, now);
            }
        }
    }

    /// It is to leave, and has time.
    pub(super) fn drain(&mut self) {
        if self.phase == Phase::Receiving {
            self.phase = Phase::Finishing { by: None };
        }
    }

    /// Whether what comes now is handed back as it came.
    pub(super) fn leaves(&self) -> bool {
        matches!(self.phase, Phase::Finishing { by: Some(_) } | Phase::Resting { .. } | Phase::Left)
    }

    fn margin_secs(&self) -> u32 {
        MARGIN_SECS.min(self.post.stop_secs / 4)
    }

    pub(super) fn holds_nothing(&self) -> bool {
        self.held.is_empty() && self.asked.is_empty()
    }

    /// After SIGTERM waiting calls are given up, and the work is asked to finish.
    pub(super) fn stage_due(&mut self, todo: &mut Vec<Do>) {
        let Phase::Finishing { by: Some(by) } = self.phase else { return };
        if !self.asked.is_empty() {
            self.asked.clear();
            todo.push(Do::ReceiveNoMore);
        }
        for (key, held) in &mut self.held {
            let At::Work { asked, .. } = &mut held.at else { continue };
            match asked {
                Asked::Nothing => {
                    *asked = Asked::Finish { at: by };
                    todo.push(Do::Ask { key: *key, ask: Ask::Finish });
                }
                Asked::Finish { at } => *at = by.min(*at),
                Asked::Stop => {}
            }
        }
    }

    fn stage(&self) -> Stage {
        match self.phase {
            Phase::Receiving => Stage::Receiving,
            Phase::Finishing { .. } if !self.is_over() => Stage::Draining,
            _ => Stage::Drained,
        }
    }

    /// Whether nothing is left to do but to say so.
    fn is_over(&self) -> bool {
        let unguarded = self.guard.as_ref().is_none_or(super::guard::Guard::is_given_up);
        let stopped = matches!(self.phase, Phase::Finishing { by: Some(_) });
        self.holds_nothing() && (stopped || unguarded)
    }

    /// A task of a service that is not protected receives nothing, and does not say that it does:
    /// its slot counted as staffed otherwise.
    pub(super) fn beat_due(&mut self, now: Timestamp, jitter: u64, todo: &mut Vec<Do>) {
        let stage = self.stage();
        let is_kept_out = self.guard.as_ref().is_some_and(|guard| !guard.holds(now));
        if is_kept_out && stage == Stage::Receiving {
            return;
        }
        if self.guard.is_some() && self.beats.said.is_none() {
            self.beats.since = now;
        }
        let beats = &self.beats;
        let is_news = beats.said != Some(stage);
        let is_due = now >= beats.at || is_news;
        if !self.post.beats || beats.saying.is_some() || now < beats.not_before || !is_due {
            return;
        }
        let work = self.held.values().filter_map(|held| match held.at {
            At::Work { since, .. } => Some(ms_between(since, now)),
            _ => None,
        });
        let (in_flight, working_ms) =
            work.fold((0, 0_u64), |(count, sum), ms| (count + 1, sum.saturating_add(ms)));
        todo.push(Do::Beat(Beat {
            task: self.post.task.clone(),
            definition: self.post.definition.clone(),
            since: beats.since,
            at: now,
            messages: beats.messages,
            busy_ms: beats.busy_ms.saturating_add(working_ms),
            in_flight,
            stage,
        }));
        self.beats.saying = Some(stage);
        let more = i64::try_from(jitter % 200).unwrap_or(0) * i64::from(BEAT_SECS);
        self.beats.at = later(later_secs(now, BEAT_SECS), SignedDuration::from_millis(more));
    }

    /// A beat that failed changes nothing: what the worker holds is worked on.
    pub(super) fn beaten(&mut self, order: Option<Order>, now: Timestamp) {
        let said = self.beats.saying.take();
        let Some(order) = order else {
            self.beats.failures += 1;
            self.beats.not_before = later_secs(now, BEAT_AGAIN_SECS);
            return;
        };
        self.beats.said = said;
        self.beats.failures = 0;
        if order == Order::Drain {
            self.drain();
        }
    }

    pub(super) fn leave_if_over(&mut self, now: Timestamp, todo: &mut Vec<Do>) {
        let has_said = !self.post.beats
            || self.beats.said == Some(Stage::Drained)
            || self.beats.failures >= LAST_BEATS_MAX;
        let (is_over, rests) = match self.phase {
            Phase::Finishing { by } => {
                let is_late = by.is_some_and(|by| now >= later_secs(by, self.margin_secs()));
                let is_over = is_late || (self.is_over() && has_said);
                (is_over, self.post.in_service && by.is_none())
            }
            Phase::Resting { until } => (now >= until, false),
            Phase::Receiving | Phase::Left => return,
        };
        if is_over && rests {
            self.phase = Phase::Resting { until: later(now, REST) };
        } else if is_over {
            self.phase = Phase::Left;
            todo.push(Do::Leave);
        }
    }

    /// When the next stage or beat is due.
    pub(super) fn stages_wake(&self, at: &mut impl FnMut(Timestamp)) {
        if let Phase::Finishing { by: Some(by) } = self.phase {
            at(later_secs(by, self.margin_secs()));
        }
        if let Phase::Resting { until } = self.phase {
            at(until);
        }
        if self.post.beats && self.beats.saying.is_none() {
            at(self.beats.at);
            at(self.beats.not_before);
        }
        if let Some(guard) = &self.guard {
            at(guard.wake_at());
        }
    }
}
