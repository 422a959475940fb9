//! Whether a task may be protected, and until when.

use jiff::{SignedDuration, Timestamp};

use crate::Fault;

use super::super::{refusal::invalid, task::Task};

/// How long a protection may hold, in minutes ("UpdateTaskProtection", API Reference).
const MINUTES_RANGE: std::ops::RangeInclusive<i64> = 1..=2_880;

/// How long it holds unless told, in minutes (the same).
const MINUTES_DEFAULT: i64 = 120;

/// Why a task is not protected, as `failures[]` gives it ("API failure reasons", Developer Guide).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// There is no such task.
    Missing,
    /// It is of no service, or it is to stop already.
    TaskNotValid,
    /// More tasks of the service would be protected than there shall be.
    DeploymentBlocked,
}

impl Reason {
    /// As the API writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Missing => "MISSING",
            Self::TaskNotValid => "TASK_NOT_VALID",
            Self::DeploymentBlocked => "DEPLOYMENT_BLOCKED",
        }
    }
}

/// What a caller wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// No protection.
    Off,
    /// Protection from now on.
    For(SignedDuration),
}

impl Wanted {
    /// Reads what a request says.
    pub(super) fn read(is_enabled: bool, minutes: Option<i64>) -> Result<Self, Fault> {
        let minutes = minutes.unwrap_or(MINUTES_DEFAULT);
        if !is_enabled {
            return Ok(Self::Off);
        }
        if !MINUTES_RANGE.contains(&minutes) {
            return Err(invalid(format!(
                "expiresInMinutes must be from {} to {}.",
                MINUTES_RANGE.start(),
                MINUTES_RANGE.end()
            )));
        }
        Ok(Self::For(SignedDuration::from_mins(minutes)))
    }
}

/// Until when the task is protected from now on, if it may be.
///
/// `siblings` are the other tasks of its service. More protected tasks than desired ones would
/// block every deployment ("Task scale-in protection considerations", Developer Guide), so that
/// neither a further task is protected then nor a protection renewed; ending one always works.
pub(super) fn judge<'a>(
    task: &Task,
    siblings: impl Iterator<Item = &'a Task>,
    desired_count: u32,
    wanted: Wanted,
    now: Timestamp,
) -> Result<Option<Timestamp>, Reason> {
    if task.service.is_none() || task.is_stopping() {
        return Err(Reason::TaskNotValid);
    }
    let Wanted::For(time) = wanted else { return Ok(None) };
    let others = siblings.filter(|one| one.id != task.id && one.is_protected(now)).count();
    if u32::try_from(others).is_ok_and(|others| others < desired_count) {
        Ok(Some(now + time))
    } else {
        Err(Reason::DeploymentBlocked)
    }
}
