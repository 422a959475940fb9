//! What the ledger holds of schedules, and what the checks remember of their ticks.

use std::collections::BTreeMap;

use jiff::Timestamp;
use longshore::run::RunId;

use super::{
    call::NoAnswer, chance::Service, ledger::SimLedger, tables::Tables, timed::ms_of, wake::Wake,
};

/// Something that is written down of a schedule.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    /// This tick was heard.
    Heard(Timestamp),
    /// Ticks up to this one were looked for, and so many in a row before were run.
    Looked(Timestamp, u32),
}

/// What the checks remember.
#[derive(Debug, Default)]
pub(super) struct Ticked {
    /// The tick of each trigger before which nobody looks for others.
    pub(super) first_heard: BTreeMap<String, u64>,
    /// Ticks whose runs began before any event of them came, by trigger, and whether they run.
    pub(super) silent: BTreeMap<String, BTreeMap<u64, bool>>,
    /// When a run last gave its slot back.
    pub(super) freed_ms: BTreeMap<RunId, u64>,
    /// When the last pause of each trigger ended, or began.
    pub(super) resumed_ms: BTreeMap<String, u64>,
}

impl Tables {
    /// Keeps the newest of each.
    pub(super) fn marks(&mut self, trigger: &str, mark: Mark) {
        let Some(known) = self.triggers.get_mut(trigger) else { return };
        let known = &mut known.registered;
        match mark {
            Mark::Heard(tick) => {
                known.ticked_at = known.ticked_at.max(Some(tick));
                let looked_to = *known.looked_to.get_or_insert(tick);
                self.ticks.first_heard.entry(trigger.to_owned()).or_insert(ms_of(looked_to));
            }
            Mark::Looked(to, caught_up) if known.looked_to < Some(to) => {
                (known.looked_to, known.caught_up) = (Some(to), caught_up);
            }
            Mark::Looked(..) => {}
        }
    }

    /// Whether a sweep at `now` would look for ticks of which no event came.
    pub(super) fn is_any_unheard(&self, now: Timestamp) -> bool {
        self.triggers.values().any(|known| known.registered.unheard(now).is_some())
    }
}

impl SimLedger<'_> {
    /// Writes it down, maybe late.
    pub(super) async fn mark(&self, trigger: &str, mark: Mark) -> Result<(), NoAnswer> {
        self.world.note(|| format!("  {trigger} {mark:?}"));
        if let Some(wait_ms) = self.world.lateness() {
            self.world.wake_in(wait_ms, Wake::LateMark(trigger.to_owned(), mark));
            drop(self.world.call(Service::Ledger, || ()).await);
            return Err(NoAnswer);
        }
        self.world.call(Service::Ledger, || self.tables().marks(trigger, mark)).await
    }
}
