//! What must hold of ticks at every write of the ledger.

use longshore::{
    run::{Also, Class, Run, RunId, State, Stopping},
    trigger::{Overlap, TickInput},
};

use super::{
    ledger::short,
    tables::{Row, Tables},
    timed::{Timed, ms_of},
    watch::Watch,
    world::{MINUTE, SECOND},
};

/// By when a write takes effect that a function has made as its last.
const LATE_MS_MAX: u64 = MINUTE;
/// How long a tick is not over after the last of its shards, when nothing goes wrong: until it is
/// looked at (230 s), the sweep comes (60 s), and calls are answered.
const GATHERED_MS_MAX: u64 = 300 * SECOND;

impl Watch<'_> {
    /// Judges a write of the run of a tick.
    pub(super) fn ticks(&self, old: Option<&Run>, tables: &mut Tables) {
        let new = &self.change.run;
        let now_ms = self.world.now_ms();
        if self.change.also.iter().any(|also| matches!(also, Also::FreeSlot(_))) {
            tables.ticks.freed_ms.insert(new.id.clone(), now_ms);
        }
        let Some(tick) = new.input.tick() else { return };
        let Some(timed) = self.scenario.spec(&new.trigger).and_then(|spec| spec.timed.as_ref())
        else {
            return;
        };
        if old.is_none() && tick.shard.is_none() {
            self.begun(timed, tick, tables);
        }
        if let Some(old) = old {
            self.replaced_is_over(old);
            self.starts_in_time(timed, tick, old);
            self.gathers(old, tables);
        }
        let is_end = new.state.is_terminal() && old.is_none_or(|old| !old.state.is_terminal());
        if is_end && tick.shard.is_none() {
            self.idle_ends(timed, tick, old, tables);
        }
        if let Some(by) = self.replaced_by(old) {
            self.replaces(timed, tick, &by, tables);
        }
    }

    /// Who may be redriven without anybody's deciding so of this very run: a tick that started
    /// nothing, when its event comes after all or somebody asks for it; and a shard with its tick.
    pub(super) fn wanted_again(&self, old: &Run, tables: &mut Tables) {
        let timed = self.scenario.spec(&old.trigger).and_then(|spec| spec.timed.as_ref());
        let (Some(timed), Some(tick), Some(outcome)) = (timed, old.input.tick(), &old.outcome)
        else {
            return;
        };
        if self.change.run.attempt == old.attempt {
            return;
        }
        let of = old.parent.as_ref().and_then(|tick| tables.runs.get(tick));
        let is_with_tick = of.is_some_and(|Row { run, .. }| {
            tables.redrives.contains_key(&(run.id.clone(), run.attempt))
        });
        let tick_ms = ms_of(tick.scheduled_at);
        let is_unheard = outcome.class == Class::Unheard;
        let has_come = self.has_come(timed, tick_ms, true)
            || (is_unheard && self.has_come(timed, tick_ms, false));
        if is_with_tick || (outcome.class.is_of_an_idle_tick() && has_come) {
            tables.redrives.entry((old.id.clone(), old.attempt)).or_default();
        }
    }

    /// Whether an event of the tick has come.
    fn has_come(&self, timed: &Timed, tick_ms: u64, is_asked: bool) -> bool {
        let come_ms = timed.come_ms(is_asked).get(&tick_ms).copied();
        come_ms.is_some_and(|come_ms| come_ms <= self.world.now_ms())
    }

    /// Nothing begins before its event came, or its grace is over.
    fn begun(&self, timed: &Timed, tick: &TickInput, tables: &mut Tables) {
        let (now_ms, tick_ms) = (self.world.now_ms(), ms_of(tick.scheduled_at));
        let new = &self.change.run;
        self.world.count(|stats| stats.ticks += 1);
        if self.has_come(timed, tick_ms, false) || self.has_come(timed, tick_ms, true) {
            return;
        }
        let runs = new.outcome.is_none();
        self.world.count(|stats| stats.caught_up += u64::from(runs));
        tables.ticks.silent.entry(new.trigger.clone()).or_default().insert(tick_ms, runs);
        if now_ms < timed.lost_ms(tick_ms) {
            self.tick_violates("no tick is given up before its grace is over", "it begins");
        }
    }

    /// Whoever is replaced or cancelled never starts again.
    fn replaced_is_over(&self, old: &Run) {
        let new = &self.change.run;
        let is_over = matches!(old.stopping, Some(Stopping::Replace { .. }));
        if is_over && !old.state.is_terminal() && new.launch_id() != old.launch_id() {
            self.tick_violates("a replaced tick never starts again", "another launch follows");
        }
    }

    /// No tick starts later than its trigger says.
    fn starts_in_time(&self, timed: &Timed, tick: &TickInput, old: &Run) {
        let new = &self.change.run;
        let is_left = !new.state.is_terminal() && !new.input.tick().is_some_and(|it| it.asked);
        let begins = old.is_unbegun_tick() && !new.is_unbegun_tick() && is_left;
        let Some(late_ms) = timed.late_ms(ms_of(tick.scheduled_at)).filter(|_| begins) else {
            return;
        };
        if self.world.now_ms() > late_ms + self.stale_ms() {
            self.tick_violates("no tick starts late", "it starts");
        }
    }

    /// For how long a function may go by what it has read.
    fn stale_ms(&self) -> u64 {
        self.world.function_ms_max() + LATE_MS_MAX
    }

    /// Ticks that end without having started anything.
    fn idle_ends(&self, timed: &Timed, tick: &TickInput, old: Option<&Run>, tables: &Tables) {
        let new = &self.change.run;
        let Some(outcome) = &new.outcome else { return };
        let now_ms = self.world.now_ms();
        match outcome.class {
            Class::Skipped => {
                self.world.count(|stats| stats.skipped += 1);
                let is_idle = old.is_none_or(Run::is_unbegun_tick) && !tick.asked;
                if timed.overlap != Overlap::Skip || !is_idle {
                    self.tick_violates("only `skip` skips, and what has not begun", "skipped");
                }
                let by = named(&outcome.reason, "skipped: run ", tables);
                let is_at_work = by.is_some_and(|by| {
                    let freed_ms = tables.ticks.freed_ms.get(&by.id).copied();
                    let had_a_slot = freed_ms.is_some_and(|at| at + self.stale_ms() >= now_ms);
                    let is_ahead = self.is_kept(tables) && by.admitted_at <= new.admitted_at;
                    by.id != new.id && (by.slot.is_some() || had_a_slot || is_ahead)
                });
                if !is_at_work {
                    self.tick_violates("a tick is skipped for one at work", &outcome.reason);
                }
            }
            Class::Missed => {
                self.world.count(|stats| stats.missed += 1);
                let late_ms = timed.late_ms(ms_of(tick.scheduled_at));
                if tick.asked || late_ms.is_none_or(|late_ms| now_ms < late_ms) {
                    self.tick_violates("only late ticks are missed", &outcome.reason);
                }
            }
            Class::Unheard => self.world.count(|stats| stats.unheard += 1),
            _ => {}
        }
    }

    /// Whether the trigger is paused, as far as whoever writes may know.
    fn is_kept(&self, tables: &Tables) -> bool {
        let trigger = &self.change.run.trigger;
        let known = tables.triggers.get(trigger).map(|known| &known.registered);
        let resumed_ms = tables.ticks.resumed_ms.get(trigger).copied();
        known.is_some_and(|known| known.paused_at.is_some())
            || resumed_ms.is_some_and(|at| at + self.stale_ms() >= self.world.now_ms())
    }

    /// The run that takes the place of this one by the write, if one does.
    fn replaced_by(&self, old: Option<&Run>) -> Option<String> {
        const REPLACED: &str = "replaced by run ";
        let new = &self.change.run;
        let is_stopped = new.stopping.is_some() && old.is_some_and(|old| old.stopping.is_none());
        if let Some(Stopping::Replace { by }) = new.stopping.as_ref().filter(|_| is_stopped) {
            return Some(by.to_string());
        }
        let is_end = old.is_some_and(|old| !old.state.is_terminal() && old.stopping.is_none());
        let outcome = new.outcome.as_ref().filter(|_| is_end && new.state.is_terminal())?;
        let by = outcome.reason.strip_prefix(REPLACED)?;
        by.split(',').next().map(str::to_owned)
    }

    /// Only a later tick takes the place of another.
    fn replaces(&self, timed: &Timed, tick: &TickInput, by: &str, tables: &Tables) {
        self.world.count(|stats| stats.replaced += u64::from(tick.shard.is_none()));
        let later = by.parse::<RunId>().ok().and_then(|by| tables.runs.get(&by));
        let later = later.and_then(|row| row.run.input.tick());
        let is_later = later.is_some_and(|later| later.scheduled_at > tick.scheduled_at);
        if timed.overlap != Overlap::Replace || !is_later {
            self.tick_violates("only a later tick replaces another", by);
        }
    }

    /// A tick of several shards ends with the last of them, and soon after it.
    fn gathers(&self, old: &Run, tables: &Tables) {
        let new = &self.change.run;
        if old.shards.is_none() || old.state.is_terminal() || !new.state.is_terminal() {
            return;
        }
        let shards = old.shard_ids().map(|id| tables.runs.get(&id).map(|row| &row.run));
        let shards: Vec<_> = shards.collect();
        // Those of a redriven tick that has not got its turn have not begun, and never will.
        let is_waiting = old.state == State::Admitted;
        let is_over =
            |run: &Run| run.state.is_terminal() || (is_waiting && run.state == State::Admitted);
        if !shards.iter().all(|run| run.is_some_and(is_over)) {
            return self.tick_violates("a tick ends with its last shard", "others go on");
        }
        let ended = shards.iter().flatten().filter_map(|run| run.since);
        let ended_ms = ended.map(ms_of).max().unwrap_or_default();
        let began_ms = old.since.map(ms_of).unwrap_or_default();
        let since_ms = ended_ms.max(began_ms).max(self.world.heals_at_ms());
        if old.state == State::Running && self.world.now_ms() > since_ms + GATHERED_MS_MAX {
            let seen = format!("{} s later", (self.world.now_ms() - since_ms) / SECOND);
            self.tick_violates("a tick ends soon after its last shard", &seen);
        }
    }

    fn tick_violates(&self, invariant: &'static str, seen: &str) {
        let run = &self.change.run;
        let tick = run.input.tick().map(TickInput::to_string).unwrap_or_default();
        self.world.violate(invariant, format!("{tick}: {seen} (run {})", short(&run.id)));
    }
}

/// The run whose id follows on `prefix`.
fn named<'a>(reason: &str, prefix: &str, tables: &'a Tables) -> Option<&'a Run> {
    let id = reason.strip_prefix(prefix)?.split(',').next()?;
    tables.runs.get(&id.parse().ok()?).map(|row| &row.run)
}
