//! What the ledger holds, and the conditions of its writes.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use longshore::{
    run::{Addressee, Also, Class, Counted, ObjectHold, Outbox, Run, RunId, State, Written},
    trigger::{Launch, Listed, Registered},
};
use longshore_engine::ports::Holder;

use super::{planted::Planted, scenario::Version, ticked::Ticked};

/// Shards of due runs: enough to have several, and fewer than 256, most of which would be empty.
pub(super) const SHARDS: u8 = 8;

/// How far ahead somebody looks who asks whether anything will happen: longer than any schedule is
/// looked for that is silent.
const FORESEEN: SignedDuration = SignedDuration::from_hours(12);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) runs: BTreeMap<RunId, Row>,
    /// Objects that a run gathered, by its id and the page.
    pub(super) pages: BTreeMap<(RunId, u32), Vec<Listed>>,
    /// By trigger and object.
    pub(super) objects: BTreeMap<(String, String), Object>,
    /// The run that last had a version, where runs have several.
    pub(super) owners: BTreeMap<Version, RunId>,
    /// Holders, by trigger and number.
    pub(super) slots: BTreeMap<(String, u32), RunId>,
    /// Ends and redrives, by trigger and word.
    pub(super) counts: BTreeMap<(String, &'static str), u64>,
    pub(super) triggers: BTreeMap<String, Remembered>,
    /// Permits granted, by kind and second.
    pub(super) permits: BTreeMap<(String, i64), u32>,
    /// Every end there was.
    pub(super) ends: Vec<End>,
    /// Attempts that somebody decided to redrive, and whether that was done.
    pub(super) redrives: BTreeMap<(RunId, u32), bool>,
    pub(super) ticks: Ticked,
    shards: BTreeMap<u8, Vec<RunId>>,
}

/// A run with what is kept under its key.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) run: Run,
    /// Messages it owes or owed.
    pub(super) outbox: BTreeMap<(u32, Addressee), Outbox>,
    pub(super) launches: BTreeMap<(u32, u32), Launch>,
}

/// An object under a trigger for which only the newest version counts.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) sequence: String,
    pub(super) newest: RunId,
    pub(super) holder: Option<Holder>,
}

/// A trigger, and when its settings last changed.
#[derive(Debug)]
pub(super) struct Remembered {
    pub(super) registered: Registered,
    pub(super) changed_at_ms: u64,
}

/// A run ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct End {
    pub(super) run: RunId,
    pub(super) attempt: u32,
    pub(super) state: &'static str,
}

impl Tables {
    /// Why `also` cannot be written, if it cannot.
    pub(super) fn refuses(&self, also: &Also, planted: Planted) -> Option<Written> {
        match also {
            Also::Object(claim) => {
                let object = self.object(&claim.trigger, &claim.order.object)?;
                let is_older = object.sequence >= claim.order.sequence;
                (is_older && object.newest != claim.run)
                    .then(|| Written::Newer(object.newest.clone()))
            }
            Also::HoldObject(hold) => {
                let object = self.object(&hold.trigger, &hold.object)?;
                if object.newest != hold.run && planted != Planted::NewestNotChecked {
                    return Some(Written::Newer(object.newest.clone()));
                }
                let other = object.holder.as_ref().filter(|holder| holder.run != hold.run);
                let other = other.filter(|_| planted != Planted::HoldNotChecked);
                other.map(|holder| Written::Held(holder.run.clone()))
            }
            Also::TakeSlot(slot) => {
                let holder = self.slots.get(&(slot.trigger.clone(), slot.number));
                let other = holder.filter(|holder| **holder != slot.run);
                let other = other.filter(|_| planted != Planted::SlotNotChecked);
                other.map(|_| Written::SlotTaken)
            }
            _ => None,
        }
    }

    pub(super) fn object(&self, trigger: &str, object: &str) -> Option<&Object> {
        self.objects.get(&(trigger.to_owned(), object.to_owned()))
    }

    fn held(&mut self, hold: &ObjectHold) -> Option<&mut Object> {
        self.objects.get_mut(&(hold.trigger.clone(), hold.object.clone()))
    }

    /// Keeps the run.
    pub(super) fn put(&mut self, run: &Run) {
        if let Some(row) = self.runs.get_mut(&run.id) {
            row.run.clone_from(run);
            return;
        }
        self.shards.entry(shard(&run.id)).or_default().push(run.id.clone());
        let row = Row { run: run.clone(), outbox: BTreeMap::new(), launches: BTreeMap::new() };
        self.runs.insert(run.id.clone(), row);
    }

    /// Keeps what is written with the run.
    pub(super) fn keep(&mut self, also: &Also) {
        match also {
            Also::Count { trigger, what, .. } => {
                *self.counts.entry((trigger.clone(), what.word())).or_default() += 1;
            }
            Also::Object(claim) => {
                let key = (claim.trigger.clone(), claim.order.object.clone());
                let holder = self.objects.get_mut(&key).and_then(|object| object.holder.take());
                let (sequence, newest) = (claim.order.sequence.clone(), claim.run.clone());
                self.objects.insert(key, Object { sequence, newest, holder });
            }
            Also::HoldObject(hold) => {
                if let Some(object) = self.held(hold) {
                    object.holder = Some(Holder { run: hold.run.clone(), attempt: 0 });
                }
            }
            Also::FreeObject(hold) => {
                if let Some(object) = self.held(hold) {
                    object.holder.take_if(|holder| holder.run == hold.run);
                }
            }
            Also::TakeSlot(slot) => {
                self.slots.insert((slot.trigger.clone(), slot.number), slot.run.clone());
            }
            Also::FreeSlot(slot) => {
                let key = (slot.trigger.clone(), slot.number);
                if self.slots.get(&key) == Some(&slot.run) {
                    self.slots.remove(&key);
                }
            }
            Also::Launch(launch) => {
                if let Some(row) = self.runs.get_mut(&launch.id.run) {
                    let key = (launch.id.attempt, launch.id.launch);
                    row.launches.entry(key).or_insert_with(|| (**launch).clone());
                }
            }
            Also::Page(page) => {
                self.pages.insert((page.list.clone(), page.number), page.objects.clone());
            }
            Also::Part(part) => self.put(part),
            Also::Outbox(message) => {
                if let Some(row) = self.runs.get_mut(&message.run) {
                    row.outbox.insert((message.attempt, message.to), message.clone());
                }
            }
        }
    }

    /// Remembers a trigger's settings, unless newer ones or another owner are there.
    pub(super) fn remember(&mut self, seen: &Registered, now_ms: u64, planted: Planted) {
        let name = &seen.settings.name;
        let registered = match self.triggers.get(name).map(|known| &known.registered) {
            Some(known) if known.source != seen.source => return,
            Some(known)
                if known.seen_at >= seen.seen_at && planted != Planted::OlderSettingsWin =>
            {
                return;
            }
            Some(known) => {
                let (settings, seen_at, timed_at) =
                    (seen.settings.clone(), seen.seen_at, seen.timed_at);
                Registered { settings, seen_at, timed_at, ..known.clone() }
            }
            None => seen.clone(),
        };
        self.triggers.insert(name.clone(), Remembered { registered, changed_at_ms: now_ms });
    }

    /// Runs of the shard that are due, the oldest first.
    pub(super) fn due(&self, shard: u8, now: Timestamp, planted: Planted) -> Vec<RunId> {
        let runs = self.shards.get(&shard).into_iter().flatten();
        let runs = runs.filter_map(|id| self.runs.get(id).map(|row| &row.run));
        let is_seen = |run: &&Run| match planted {
            Planted::LaunchingNeverSwept => run.state != State::Launching,
            Planted::ShardsNeverSwept => run.shards.is_none() || run.state.is_terminal(),
            _ => true,
        };
        let mut due: Vec<_> = runs
            .filter(is_seen)
            .filter_map(|run| Some((run.due.filter(|&due| due <= now)?, &run.id)))
            .collect();
        due.sort();
        due.into_iter().map(|(_, id)| id.clone()).collect()
    }

    /// Whether the shard has any run.
    pub(super) fn knows(&self, shard: u8) -> bool {
        self.shards.contains_key(&shard)
    }

    /// Runs of the trigger that wait for room, in the order of their admission, as an index shows
    /// them that knows of those until `seen`.
    pub(super) fn queued(&self, trigger: &str, seen: Timestamp) -> Vec<RunId> {
        let runs = self.runs.values().map(|row| &row.run);
        let mut queued: Vec<_> = runs
            .filter(|run| run.is_queued() && run.admitted_at <= seen && run.trigger == trigger)
            .map(|run| (run.admitted_at, &run.id))
            .collect();
        queued.sort();
        queued.into_iter().map(|(_, id)| id.clone()).collect()
    }

    /// Whether every run has ended and owes nothing, and no more ticks are to be looked for.
    pub(super) fn is_quiet(&self, now: Timestamp) -> bool {
        self.runs.values().all(|row| row.run.state.is_terminal() && row.run.due.is_none())
            && !self.is_any_unheard(now + FORESEEN)
    }

    /// Whether a sweep at `now` has anything to look at.
    pub(super) fn is_any_due(&self, now: Timestamp) -> bool {
        let is_due = |run: &Run| run.is_queued() || run.due.is_some_and(|due| due <= now);
        self.runs.values().any(|row| is_due(&row.run)) || self.is_any_unheard(now)
    }
}

/// The class of the end that is counted, if it is one.
pub(super) fn ended(also: &Also) -> Option<Class> {
    match also {
        Also::Count { what: Counted::Ended(class), .. } => Some(*class),
        _ => None,
    }
}

/// A shard that follows from the id.
fn shard(id: &RunId) -> u8 {
    id.as_str().as_bytes()[0] % SHARDS
}
