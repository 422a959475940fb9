//! The naive model: what a queue should do, without indexes and by looking at every message.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::queue::{Ask, Counts, Outgoing, Queue, Receipt};
use super::super::settings::default_spec;
use crate::template::Redrive;

const RECEIVES_MAX: u32 = 3;
const GROUPS: u8 = 3;

#[derive(Clone, Debug)]
pub(super) enum Step {
    Send { group: u8, delay_secs: u32 },
    Receive { max: usize, visibility_secs: u32 },
    Delete { which: usize },
    Change { which: usize, secs: u32 },
    Pass { secs: u32 },
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..GROUPS, 0..4u32).prop_map(|(group, delay_secs)| Step::Send { group, delay_secs }),
        4 => (1..6usize, 0..9u32)
            .prop_map(|(max, visibility_secs)| Step::Receive { max, visibility_secs }),
        2 => (0..64usize).prop_map(|which| Step::Delete { which }),
        2 => (0..64usize, 0..9u32).prop_map(|(which, secs)| Step::Change { which, secs }),
        2 => (0..9u32).prop_map(|secs| Step::Pass { secs }),
    ];
    prop::collection::vec(step, 0..80)
}

/// What the model knows of a message that is in the queue.
#[derive(Clone, Debug)]
struct Known {
    group: u8,
    hidden_until_ms: i64,
    receives: u32,
}

/// The queue under test beside the model; messages are numbered as they are sent.
pub(super) struct World {
    pub(super) queue: Queue,
    fifo: bool,
    now_ms: i64,
    sent: usize,
    alive: BTreeMap<usize, Known>,
    deleted: BTreeSet<usize>,
    dead: BTreeSet<usize>,
    receipts: Vec<Receipt>,
}

impl World {
    pub(super) fn new(fifo: bool) -> Self {
        let mut spec = default_spec(if fifo { "q.fifo" } else { "q" }, String::new());
        spec.redrive = Some(Redrive { dead_letter_arn: "dead".into(), receives_max: RECEIVES_MAX });
        spec.retention_secs = 1_209_600;
        Self {
            queue: Queue::new(spec),
            fifo,
            now_ms: 1_700_000_000_000,
            sent: 0,
            alive: BTreeMap::new(),
            deleted: BTreeSet::new(),
            dead: BTreeSet::new(),
            receipts: Vec::new(),
        }
    }

    pub(super) fn take_all(&mut self, steps: &[Step]) {
        for step in steps {
            self.take(step);
        }
    }

    fn take(&mut self, step: &Step) {
        self.queue.expire(self.now_ms);
        match *step {
            Step::Send { group, delay_secs } => self.send(group, delay_secs),
            Step::Receive { max, visibility_secs } => self.receive(max, visibility_secs),
            Step::Delete { which } => self.delete(which),
            Step::Change { which, secs } => self.change(which, secs),
            Step::Pass { secs } => self.now_ms += i64::from(secs) * 1_000,
        }
        self.queue.expire(self.now_ms);
        assert_eq!(self.queue.counts(), self.counts(), "after {step:?}");
    }

    fn counts(&self) -> Counts {
        let hidden = self.alive.values().filter(|it| it.hidden_until_ms > self.now_ms);
        let (in_flight, delayed): (Vec<_>, Vec<_>) = hidden.partition(|it| it.receives > 0);
        let (in_flight, delayed) = (in_flight.len(), delayed.len());
        Counts { visible: self.alive.len() - in_flight - delayed, in_flight, delayed }
    }

    fn send(&mut self, group: u8, delay_secs: u32) {
        let number = self.sent;
        self.sent += 1;
        self.queue.send(
            self.now_ms,
            Outgoing {
                id: number.to_string(),
                group: (group > 0).then(|| group.to_string()),
                delay_secs: Some(delay_secs),
                deduplication_key: self.fifo.then(|| number.to_string()),
                ..Outgoing::default()
            },
        );
        let hidden_until_ms = self.now_ms + i64::from(delay_secs) * 1_000;
        self.alive.insert(number, Known { group, hidden_until_ms, receives: 0 });
    }

    fn receive(&mut self, max: usize, visibility_secs: u32) {
        let before = self.alive.clone();
        let taken = self.queue.receive(self.now_ms, Ask { max, visibility_secs, redrive: true });
        assert!(taken.received.len() <= max);
        for message in taken.dead {
            let number: usize = message.id.parse().unwrap();
            let known = self.alive.remove(&number).expect("it was there to die");
            assert_eq!(known.receives, RECEIVES_MAX, "{number} dies after its last receive");
            assert!(self.dead.insert(number), "{number} dies once");
        }
        let mut received = BTreeSet::new();
        for message in &taken.received {
            let number: usize = message.id.parse().unwrap();
            assert!(received.insert(number), "{number} twice in one answer");
            self.check_turn(&before, number);
            let known = self.alive.get_mut(&number).expect("deleted or dead messages stay away");
            assert!(known.hidden_until_ms <= self.now_ms, "{number} was hidden");
            known.receives += 1;
            assert!(known.receives <= RECEIVES_MAX);
            assert_eq!(message.receives, known.receives);
            known.hidden_until_ms = self.now_ms + i64::from(visibility_secs) * 1_000;
            self.receipts.push(Receipt { id: message.id.clone(), receives: message.receives });
        }
        if received.len() < max {
            self.check_nothing_withheld(&before, &received);
        }
    }

    /// A receive that gives less than it was asked for has nothing more to give: whatever is
    /// visible was just given, or waits behind something of its FIFO group.
    fn check_nothing_withheld(&self, before: &BTreeMap<usize, Known>, given: &BTreeSet<usize>) {
        let is_hidden = |it: &Known| it.hidden_until_ms > self.now_ms;
        for (number, known) in &self.alive {
            let in_group = |it: &Known| it.group == known.group;
            let in_flight = |it: &Known| in_group(it) && is_hidden(it) && it.receives > 0;
            let is_behind = self.alive.range(..number).any(|(_, it)| in_group(it))
                || before.values().any(in_flight);
            let may_wait = given.contains(number) || is_hidden(known) || (self.fifo && is_behind);
            assert!(may_wait, "{number} was withheld");
        }
    }

    /// FIFO: everything older of the group is gone or in this answer, and none of it was in
    /// flight. Standard: no group with something to give had fewer in flight.
    fn check_turn(&self, before: &BTreeMap<usize, Known>, number: usize) {
        let group = before[&number].group;
        let is_hidden = |it: &Known| it.hidden_until_ms > self.now_ms;
        if self.fifo {
            let blocks = |it: &Known| it.group == group && it.receives > 0 && is_hidden(it);
            assert!(!before.values().any(blocks), "{number}: its group is in flight");
            let mut older = before.range(..number).filter(|(_, it)| it.group == group);
            let served = |older: usize| {
                let now = self.alive.get(&older);
                now.is_none_or(|it| it.receives > before[&older].receives)
            };
            assert!(older.all(|(older, _)| served(*older)), "{number} overtook its group");
            return;
        }
        // Those of this very answer that came first are in flight already in `alive`, unless they
        // were received for no time at all.
        let flying = |group: u8| {
            let of = self.alive.iter().filter(|(_, it)| it.group == group);
            of.filter(|(id, it)| {
                is_hidden(it) && it.receives > 0 || it.receives > before[id].receives
            })
            .count()
        };
        let gives = |group: u8| {
            self.alive.iter().any(|(id, it)| {
                let fresh = it.receives == before[id].receives;
                it.group == group && fresh && !is_hidden(it) && it.receives < RECEIVES_MAX
            })
        };
        for other in (0..GROUPS).filter(|it| *it != group && gives(*it)) {
            assert!(flying(group) <= flying(other), "group {other} was starved by {group}");
        }
    }

    fn receipt(&self, which: usize) -> Option<(Receipt, usize)> {
        let receipt = self.receipts.get(which % self.receipts.len().max(1))?.clone();
        let number = receipt.id.parse().unwrap();
        Some((receipt, number))
    }

    fn is_last(&self, receipt: &Receipt, number: usize) -> bool {
        self.alive.get(&number).is_some_and(|it| {
            let in_flight = it.hidden_until_ms > self.now_ms;
            it.receives == receipt.receives && (in_flight || !self.fifo)
        })
    }

    fn delete(&mut self, which: usize) {
        let Some((receipt, number)) = self.receipt(which) else { return };
        let last = self.is_last(&receipt, number);
        let outcome = self.queue.delete(&receipt);
        let refused = self.fifo && self.alive.contains_key(&number) && !last;
        assert_eq!(outcome.is_err(), refused, "{receipt:?}");
        if last {
            self.alive.remove(&number);
            self.deleted.insert(number);
        }
    }

    fn change(&mut self, which: usize, secs: u32) {
        let Some((receipt, number)) = self.receipt(which) else { return };
        let last = self.is_last(&receipt, number);
        let outcome = self.queue.change_visibility(self.now_ms, &receipt, secs);
        assert_eq!(outcome.is_ok(), last, "{receipt:?}");
        if let (true, Some(known)) = (last, self.alive.get_mut(&number)) {
            known.hidden_until_ms = self.now_ms + i64::from(secs) * 1_000;
        }
    }

    /// Receives until nothing is left: everything sent is accounted for exactly once.
    pub(super) fn drain(&mut self) {
        while !self.alive.is_empty() {
            self.take(&Step::Pass { secs: 10 });
            self.take(&Step::Receive { max: 10, visibility_secs: 1 });
        }
        let mut accounted: Vec<usize> = self.deleted.iter().chain(&self.dead).copied().collect();
        accounted.sort_unstable();
        assert_eq!(accounted, (0..self.sent).collect::<Vec<_>>());
        assert_eq!(self.queue.counts(), Counts::default());
    }
}
