//! Which tasks find room: the limit of this machine, or whatever a test wants to happen.

use std::fmt;

/// Decides whether one more task is placed.
pub(crate) struct Placement(Box<Refuse>);

/// The reason of a refused task, as `failures[]` gives it, or nothing when it is placed.
type Refuse = dyn Fn(&Seat<'_>) -> Option<String> + Send;

/// Where one more task would run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seat<'a> {
    /// Tasks that have not stopped.
    pub(crate) alive: usize,
    /// `FARGATE`, `EC2` or another launch type.
    pub(crate) launch_type: &'a str,
    /// Its capacity provider, when a strategy chose one.
    pub(crate) provider: Option<&'a str>,
}

impl Placement {
    /// Places tasks until so many are alive; further ones fail as if capacity were short.
    pub(crate) fn up_to(tasks_max: usize) -> Self {
        Self::deciding(move |seat| {
            let reason = if seat.launch_type == "FARGATE" { "FARGATE" } else { "MEMORY" };
            (seat.alive >= tasks_max).then(|| format!("RESOURCE:{reason}"))
        })
    }

    /// Asks `refuse` about each task; it must be quick, and must not call back.
    pub(crate) fn deciding(refuse: impl Fn(&Seat<'_>) -> Option<String> + Send + 'static) -> Self {
        Self(Box::new(refuse))
    }

    pub(super) fn refuse(&self, seat: &Seat<'_>) -> Option<String> {
        (self.0)(seat)
    }
}

impl fmt::Debug for Placement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Placement").finish_non_exhaustive()
    }
}
