//! What keeps ECS from starting a task: refusals, and calls that get lost.

use longshore::{
    run::{CallVerdict, LaunchRefusal, judge_error, judge_failure},
    trigger::{Launch, LaunchType},
};

use super::{
    chance::{Fault, Stream},
    ecs::{SimEcs, State},
    weather::{Kind, Spell},
};

/// Refusals by chance: status, error code or none for one of `failures[]`, and what ECS says.
const REFUSALS: [(u16, &str, &str); 5] = [
    (200, "", "RESOURCE:MEMORY"),
    (200, "", "AGENT"),
    (400, "InvalidParameterException", "no Container Instances: capacity is unavailable"),
    (400, "ClientException", "something that is not yet known"),
    (400, "AccessDeniedException", "is not authorized to perform: ecs:RunTask"),
];

/// How RunTask is lost, where nothing else goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    CallerBefore,
    CallerAfter,
    Call,
    Answer,
}

impl SimEcs<'_> {
    /// Why the launch is refused, if it is.
    pub(super) fn refusal(&self, state: &State, launch: &Launch) -> Option<LaunchRefusal> {
        let is_spot = kind(launch) == "FARGATE_SPOT";
        let no_room = self.world.lasts_ms(Spell::NoRoom).is_some()
            || (is_spot && self.world.lasts_ms(Spell::NoSpot).is_some());
        let (status, code, said) = if state.retired.contains(&launch.task.definition) {
            (400, "ClientException", "TaskDefinition is inactive")
        } else if no_room {
            (400, "ClientException", "Capacity is unavailable at this time. Please try again later")
        } else if self.world.strikes(Fault::Refused) {
            let nth = self.world.below(Stream::Tasks, REFUSALS.len() as u64);
            REFUSALS[usize::try_from(nth).unwrap_or(0)]
        } else {
            return None;
        };
        self.world.note(|| format!("  ECS refuses {}: {said}", launch.id));
        if status == 200 {
            return Some(judge_failure(said.into()));
        }
        match judge_error(status, code, said.into()) {
            CallVerdict::Refused(refusal) => Some(refusal),
            CallVerdict::Uncertain(_) => None,
        }
    }

    /// Loses a launch once, where that is all that goes wrong; a sweep does not die of it, since
    /// others depend on it.
    pub(super) fn loses(&self, launch: &Launch) -> Option<Loss> {
        let is_new = self.world.is(Kind::LaunchLost) && self.state().lost.insert(launch.id.clone());
        if !is_new || self.world.now_ms() >= self.world.heals_at_ms() {
            return None;
        }
        match self.world.below(Stream::Faults, 8) {
            0 if !self.world.is_sweeping() => Some(Loss::CallerBefore),
            1 if !self.world.is_sweeping() => Some(Loss::CallerAfter),
            2 => Some(Loss::Call),
            3 => Some(Loss::Answer),
            _ => None,
        }
    }
}

/// The kind of capacity that a launch takes.
pub(super) fn kind(launch: &Launch) -> &str {
    match (launch.task.capacity.first(), launch.task.launch_type) {
        (Some(first), _) => &first.provider,
        (None, Some(LaunchType::Fargate)) => "FARGATE",
        (None, _) => "EC2",
    }
}
