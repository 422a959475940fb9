//! What a ledger holds, and how it judges a change: all of it is written, or nothing.

use std::collections::BTreeMap;

use longshore::{
    run::{
        Addressee, Also, Change, Counted, LaunchId, ObjectClaim, ObjectHold, Outbox, Run, RunId,
        Slot, Written,
    },
    trigger::{Launch, Listed, Registered},
};

use crate::ports::{Claim, Claimed, Holder};

/// The versions of an object that a trigger has seen.
struct Object {
    sequence: String,
    newest: RunId,
    holder: Option<Holder>,
}

#[derive(Default)]
pub(super) struct Rows {
    pub(super) runs: BTreeMap<RunId, Run>,
    /// Runs as the indexes show them.
    pub(super) index: BTreeMap<RunId, Run>,
    pub(super) lags: bool,
    pub(super) launches: BTreeMap<LaunchId, Launch>,
    /// Pages, by the run that gathered them and their number.
    pages: BTreeMap<(RunId, u32), Vec<Listed>>,
    /// By trigger and object.
    objects: BTreeMap<(String, String), Object>,
    /// Holders, by trigger and number.
    pub(super) slots: BTreeMap<(String, u32), RunId>,
    pub(super) outbox: BTreeMap<(RunId, u32, Addressee), Outbox>,
    pub(super) counts: Vec<Counted>,
    pub(super) triggers: BTreeMap<String, Registered>,
    /// Permits taken, by kind and second.
    pub(super) permits: BTreeMap<(String, i64), u32>,
}

impl Rows {
    pub(super) fn write(&mut self, change: &Change) -> Written {
        let current = self.runs.get(&change.run.id);
        if current.map(|run| run.ver) != change.expects_ver {
            return change.judge(current.expect("runs are never removed").clone());
        }
        let by_object = change.also.iter().find_map(|also| self.object_refuses(also));
        let by_slot = || change.also.iter().find_map(|also| self.slot_refuses(also));
        if let Some(refusal) = by_object.or_else(by_slot) {
            return refusal;
        }
        for also in &change.also {
            self.also(also);
        }
        self.runs.insert(change.run.id.clone(), change.run.clone());
        if !self.lags {
            self.catch_up();
        }
        Written::Done
    }

    /// The indexes show what was written.
    pub(super) fn catch_up(&mut self) {
        self.index.clone_from(&self.runs);
    }

    pub(super) fn newest(&self, trigger: &str, object: &str) -> Option<RunId> {
        let object = self.objects.get(&(trigger.to_owned(), object.to_owned()))?;
        Some(object.newest.clone())
    }

    pub(super) fn list(&self, list: &RunId) -> Vec<Listed> {
        let pages = self.pages.range((list.clone(), 0)..=(list.clone(), u32::MAX));
        pages.flat_map(|(_, page)| page.clone()).collect()
    }

    pub(super) fn claim(&mut self, claim: &Claim<'_>) -> Claimed {
        let key = (claim.trigger.to_owned(), claim.order.object.clone());
        let own = Holder { run: claim.run.clone(), attempt: claim.attempt };
        if let Some(Object { sequence, newest, holder }) = self.objects.get(&key) {
            let is_own = |run: &RunId| run == claim.run || Some(run) == claim.parent;
            let is_theirs = *sequence == claim.order.sequence && !is_own(newest);
            if *sequence > claim.order.sequence || is_theirs {
                return Claimed::Theirs(newest.clone());
            }
            if holder
                .as_ref()
                .is_some_and(|holder| holder.run == own.run && holder.attempt > own.attempt)
            {
                return Claimed::Ours;
            }
            let is_over = |holder: &Holder| is_own(&holder.run) || Some(holder) == claim.ended;
            if let Some(holder) = holder.clone().filter(|holder| !is_over(holder)) {
                return Claimed::Held(holder);
            }
        }
        let (sequence, newest) = (claim.order.sequence.clone(), claim.run.clone());
        self.objects.insert(key, Object { sequence, newest, holder: Some(own) });
        Claimed::Ours
    }

    fn object_refuses(&self, also: &Also) -> Option<Written> {
        match also {
            Also::Object(ObjectClaim { trigger, order, run }) => {
                let known = self.objects.get(&(trigger.clone(), order.object.clone()))?;
                let is_refused = known.sequence >= order.sequence && known.newest != *run;
                is_refused.then(|| Written::Newer(known.newest.clone()))
            }
            Also::HoldObject(ObjectHold { trigger, object, run }) => {
                let known = self.objects.get(&(trigger.clone(), object.clone()))?;
                if known.newest != *run {
                    return Some(Written::Newer(known.newest.clone()));
                }
                let holder = known.holder.as_ref().map(|holder| &holder.run);
                holder.filter(|holder| *holder != run).cloned().map(Written::Held)
            }
            _ => None,
        }
    }

    fn slot_refuses(&self, also: &Also) -> Option<Written> {
        let Also::TakeSlot(Slot { trigger, number, run }) = also else { return None };
        let holder = self.slots.get(&(trigger.clone(), *number))?;
        (holder != run).then_some(Written::SlotTaken)
    }

    fn also(&mut self, also: &Also) {
        match also {
            Also::Launch(launch) => {
                self.launches.entry(launch.id.clone()).or_insert_with(|| (**launch).clone());
            }
            Also::Object(ObjectClaim { trigger, order, run }) => {
                let key = (trigger.clone(), order.object.clone());
                let holder = self.objects.get(&key).and_then(|known| known.holder.clone());
                let (sequence, newest) = (order.sequence.clone(), run.clone());
                self.objects.insert(key, Object { sequence, newest, holder });
            }
            Also::HoldObject(ObjectHold { trigger, object, run }) => {
                let key = (trigger.clone(), object.clone());
                let holder = Holder { run: run.clone(), attempt: 0 };
                self.objects.get_mut(&key).expect("admission told of it").holder = Some(holder);
            }
            Also::FreeObject(ObjectHold { trigger, object, run }) => {
                let known = self.objects.get_mut(&(trigger.clone(), object.clone()));
                let is_its = |holder: &Holder| holder.run == *run;
                if let Some(known) = known.filter(|known| known.holder.as_ref().is_some_and(is_its))
                {
                    known.holder = None;
                }
            }
            Also::TakeSlot(Slot { trigger, number, run }) => {
                self.slots.insert((trigger.clone(), *number), run.clone());
            }
            Also::FreeSlot(Slot { trigger, number, run }) => {
                let key = (trigger.clone(), *number);
                if self.slots.get(&key) == Some(run) {
                    self.slots.remove(&key);
                }
            }
            Also::Outbox(message) => {
                let key = (message.run.clone(), message.attempt, message.to);
                self.outbox.insert(key, message.clone());
            }
            Also::Page(page) => {
                self.pages.insert((page.list.clone(), page.number), page.objects.clone());
            }
            Also::Part(part) => {
                self.runs.entry(part.id.clone()).or_insert_with(|| (**part).clone());
            }
            Also::Count { what, .. } => self.counts.push(*what),
        }
    }
}
