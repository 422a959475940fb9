//! What must hold at every write of the ledger.

use std::{collections::BTreeMap, fmt};

use longshore::run::{Also, Change, Class, Run, RunId, State, Stopping};

use super::{
    ledger::short,
    scenario::Scenario,
    spec::Spec,
    tables::{End, Remembered, Tables},
    world::{MINUTE, SECOND, World, instant},
};

/// For how long a process may go by what it has read of a trigger, beyond the longest function: 10 s
/// before it, and a minute by which its last write may be late.
const STALE_MS_MAX: u64 = 10 * SECOND + MINUTE;

/// Judges the write of `change` over what `tables` hold, before and after.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    pub(super) world: &'a World,
    pub(super) scenario: &'a Scenario,
    pub(super) change: &'a Change,
}

impl Watch<'_> {
    /// What must hold before the write.
    pub(super) fn before(&self, tables: &mut Tables) {
        let new = &self.change.run;
        self.world.note(|| {
            let last = new.history.last().map_or("", |entry| entry.note.as_str());
            format!("{} ver {} {}: {last}", short(&new.id), new.ver, new.state.word())
        });
        let old = tables.runs.get(&new.id).map(|row| row.run.clone());
        let old = old.as_ref();
        if new.state.is_terminal() && old.is_none_or(|old| !old.state.is_terminal()) {
            let (run, state) = (new.id.clone(), new.state.word());
            tables.ends.push(End { run, attempt: new.attempt, state });
        }
        if let Some(old) = old {
            self.world.repaired(old, new);
            self.wanted_again(old, tables);
            self.final_ends(old, &mut tables.redrives);
            self.attempts(old);
            self.claims(old, &tables.triggers);
            if old.state == State::Forming && new.state == State::Admitted {
                tables.forms(new, self.world);
            }
        }
        self.ticks(old, tables);
        let is_split = is_split(self.change);
        self.world.count(|stats| stats.splits += u64::from(is_split));
        for also in &self.change.also {
            let Also::Launch(launch) = also else { continue };
            let key = (launch.id.attempt, launch.id.launch);
            if tables.runs.get(&new.id).is_some_and(|row| row.launches.contains_key(&key)) {
                self.violate("I2 a launch is frozen once", format!("{} was", launch.id));
            }
        }
    }

    /// I4: an end is final, unless somebody decided to redrive that attempt.
    fn final_ends(&self, old: &Run, redrives: &mut BTreeMap<(RunId, u32), bool>) {
        let new = &self.change.run;
        if !old.state.is_terminal() || (old.state == new.state && old.outcome == new.outcome) {
            return;
        }
        let redrive = redrives.get_mut(&(old.id.clone(), old.attempt));
        let again = if old.input.objects().is_some() { State::Forming } else { State::Admitted };
        let is_next = new.state == again && new.attempt == old.attempt + 1;
        match redrive {
            Some(done) if is_next && !*done => *done = true,
            _ => {
                let (old, new) = (old.state.word(), new.state.word());
                self.violate("I4 an end is final", format!("{old} became {new}"));
            }
        }
    }

    /// A new attempt has a new number, and follows from no cancelled one.
    fn attempts(&self, old: &Run) {
        let new = &self.change.run;
        // What lies in a pool may be refused when it is sent there again, and is another launch then.
        let is_refused = old.lies_in_pool() && new.launch > old.launch;
        let was_launched = matches!(old.state, State::Launched | State::Running) && !is_refused;
        if was_launched && new.state == State::Backoff && new.attempt == old.attempt {
            self.violate("a retry is a new attempt", format!("attempt {}", old.attempt));
        }
        if is_settled(old, self.change) && !self.world.has_ended(old) {
            let seen = format!("no task of {} has stopped", old.launch_id());
            self.violate("an attempt ends with its task", seen);
        }
        let is_clean = new.stopping.is_none() && new.task().is_none() && new.result.is_none();
        if new.attempt > old.attempt && !is_clean {
            self.violate("a new attempt begins anew", format!("attempt {}", new.attempt));
        }
        let is_cancelled = matches!(old.stopping, Some(Stopping::Cancel { .. }));
        if is_cancelled && !old.state.is_terminal() && new.attempt != old.attempt {
            self.violate("a cancelled run is over", format!("attempt {} follows", new.attempt));
        }
    }

    /// Nobody launches for a paused trigger, or by old settings.
    fn claims(&self, old: &Run, triggers: &BTreeMap<String, Remembered>) {
        let new = &self.change.run;
        let is_new = matches!(old.state, State::Admitted | State::Backoff);
        let begins_shards = is_new && new.state == State::Running;
        if new.state != State::Launching && !begins_shards {
            return;
        }
        let Some(known) = triggers.get(&new.trigger) else { return };
        let stale_ms = STALE_MS_MAX + self.world.function_ms_max();
        let stale_at_ms = self.world.now_ms().saturating_sub(stale_ms);
        let stale_at = instant(stale_at_ms);
        let is_kept = is_new && !new.is_shard();
        if is_kept && known.registered.paused_at.is_some_and(|at| at < stale_at) {
            self.violate("a pause holds", format!("run {} is launched", short(&new.id)));
        }
        for also in &self.change.also {
            let Also::Launch(launch) = also else { continue };
            let newest = &known.registered.settings.task.definition;
            if known.changed_at_ms < stale_at_ms && launch.task.definition != *newest {
                let seen = format!("{} is launched, not {newest}", launch.task.definition);
                self.violate("the newest settings count", seen);
            }
        }
    }

    /// I13: no more runs of a trigger at once than it allows.
    pub(super) fn after(&self, tables: &Tables) {
        let new = &self.change.run;
        if !is_launched(new) {
            return;
        }
        let Some(limit) = self.scenario.spec(&new.trigger).and_then(Spec::limit) else { return };
        let runs = tables.runs.values().map(|row| &row.run);
        let at_once = runs.filter(|run| is_launched(run) && run.trigger == new.trigger).count();
        if u32::try_from(at_once).is_ok_and(|at_once| at_once > limit) {
            let seen = format!("{at_once} runs of {} at once, not {limit}", new.trigger);
            self.violate("I13 concurrency", seen);
        }
    }

    fn violate(&self, invariant: &'static str, seen: impl fmt::Display) {
        self.world.violate(invariant, format!("{seen} (run {})", short(&self.change.run.id)));
    }
}

/// Whether the write tells how a task has ended.
fn is_settled(old: &Run, change: &Change) -> bool {
    let new = &change.run;
    // A tick ends with the tasks of its shards, and one that starts nothing has none.
    if old.shards.is_some() {
        return false;
    }
    let is_split = is_split(change);
    let class = new.outcome.as_ref().map(|outcome| outcome.class);
    let is_over = match class.filter(|_| new.state.is_terminal()) {
        Some(Class::Cancelled | Class::Launch) => false,
        Some(class) if class.is_of_an_idle_tick() => false,
        Some(Class::Superseded) => is_split,
        class => class.is_some() || new.attempt > old.attempt,
    };
    is_over && !old.state.is_terminal()
}

fn is_split(change: &Change) -> bool {
    change.also.iter().any(|also| matches!(also, Also::Part(part) if !part.is_shard()))
}

/// Whether it counts as one of those at once; a shard is part of one.
fn is_launched(run: &Run) -> bool {
    if run.is_shard() {
        return false;
    }
    run.slot.is_some() || matches!(run.state, State::Launching | State::Launched | State::Running)
}
