//! Bugs that are planted in what is read and written of schedules and their ticks.

use longshore::{
    run::{Addressee, Also, Change, Class, Outcome, Run, Slot, State, Step, Stopping, transition},
    trigger::{Overlap, Registered, Seconds},
};

use super::Planted;
use crate::simulation::{tables::Tables, timed::SCHEDULE};

impl Planted {
    /// The trigger as the bug has it read.
    pub(in crate::simulation) fn misread(self, trigger: &mut Registered) {
        if self == Self::PauseIgnored {
            trigger.paused_at = None;
        }
        let Some(schedule) = &mut trigger.settings.schedule else { return };
        match self {
            Self::NeverLookedFor => trigger.looked_to = None,
            Self::CatchUpUnbounded => schedule.catch_up = Some(100),
            Self::MissedEarly if schedule.start_within.is_some() => {
                schedule.start_within = Some(Seconds::new(1));
            }
            Self::QueuedIsSkipped if schedule.overlap == Overlap::Queue => {
                schedule.overlap = Overlap::Skip;
            }
            _ => {}
        }
    }

    /// The message as the bug has it received for the `nth` time.
    pub(in crate::simulation) fn misheard(self, body: &str, nth: u32) -> Option<String> {
        let resource = format!("\"resources\":[\"{SCHEDULE}");
        let is_meant = self == Self::IdentityByExecution && body.contains(&resource);
        is_meant.then(|| body.replace(&resource, &format!("{resource}/{nth}")))
    }

    /// The change of a tick as the bug has it written.
    pub(super) fn alter_tick(self, change: &mut Change, tables: &Tables) {
        let old = tables.runs.get(&change.run.id).map(|row| &row.run);
        match (self, old) {
            (Self::SkippedForNobody, Some(old)) => skip(change, old, tables),
            (Self::ReplacedAtOnce, Some(old)) => {
                let why = change.run.stopping.as_ref().filter(|_| old.stopping.is_none());
                if matches!(why, Some(Stopping::Replace { .. })) {
                    let (trigger, run) = (change.run.trigger.clone(), change.run.id.clone());
                    let free = |number| Also::FreeSlot(Slot { trigger, number, run });
                    change.also.extend(change.run.slot.take().map(free));
                }
            }
            (Self::AnyShardIsEnough, Some(Run { shards: Some(_), state: State::Running, .. }))
                if change.run.state == State::Failed =>
            {
                change.run.state = State::Succeeded;
                change.run.outcome = Some(Outcome::new(Class::Succeeded, "some are done"));
            }
            (Self::ShardTellsItsFailure, _) => {
                let told = change.also.iter().find_map(|also| match also {
                    Also::Outbox(message) if message.sent_at.is_none() => Some(message.clone()),
                    _ => None,
                });
                let is_meant = change.run.is_shard() && change.run.state == State::Failed;
                if let Some(mut message) = told.filter(|_| is_meant) {
                    message.to = Addressee::Failed;
                    change.also.push(Also::Outbox(message));
                }
            }
            _ => {}
        }
    }
}

/// Skips a tick that starts, for one that is over.
fn skip(change: &mut Change, old: &Run, tables: &Tables) {
    let trigger = tables.triggers.get(&old.trigger).map(|known| &known.registered.settings);
    let overlap = trigger.and_then(|trigger| trigger.schedule.as_ref()).map(|it| it.overlap);
    let is_over = |run: &&Run| run.trigger == old.trigger && run.state.is_terminal();
    let over = tables.runs.values().map(|row| &row.run).find(is_over);
    let starts = change.also.iter().any(|also| matches!(also, Also::TakeSlot(_)));
    let (Some(over), Some(now)) = (over, change.run.since) else { return };
    if overlap == Some(Overlap::Skip) && starts {
        let step = Step::Skip { by: over.id.clone() };
        if let Ok(skipped) = transition(old, step, now, change.run.wid.clone()) {
            *change = skipped;
        }
    }
}
