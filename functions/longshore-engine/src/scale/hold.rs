//! A queue that this scaler has, until another one takes it.

use std::collections::BTreeMap;

use longshore::fleet::{Answer, Queue, Scaled};

use tracing::warn;

use super::ScaleTrouble;
use crate::ports::{Rng, Scaling};

/// Tries to take a queue over: whoever has it writes every few seconds, in between.
const TRIES_MAX: u32 = 8;

/// A queue that this scaler has.
#[derive(Debug)]
pub(super) struct Hold {
    /// Its row, as it was written last.
    pub(super) scaled: Scaled,
    /// What calls have answered since.
    pub(super) answers: BTreeMap<String, Answer>,
    /// Whether the change that the row owes was told since.
    pub(super) is_told: bool,
    /// What ECS said since instead of doing what it was asked for.
    pub(super) trouble: Option<String>,
}

impl From<Scaled> for Hold {
    /// The row as it was just written: it takes in all that was answered and told until then.
    fn from(scaled: Scaled) -> Self {
        Self { scaled, answers: BTreeMap::new(), is_told: false, trouble: None }
    }
}

/// Whether the queue is still this scaler's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// It is, and the row is written.
    Ours,
    /// It is, and the row stands that an earlier write of ours has left, whose answer was lost.
    OursBefore,
    /// Another scaler has it.
    TakenOver,
}

impl Hold {
    /// Takes the queue over at once, whoever has it: that one notices at its next write.
    pub(super) async fn take(
        rows: &impl Scaling,
        world: &impl Rng,
        queue: &Queue,
    ) -> Result<Self, ScaleTrouble> {
        let holder = world.write_id();
        for _ in 0..TRIES_MAX {
            let row = rows.scaled(queue.name()).await?;
            let known = row.as_ref().map(|row| &row.settings);
            let is_new = known != Some(&queue.settings);
            let taken = row.unwrap_or_else(|| Scaled::new(queue)).taken(queue, &holder);
            if rows.keep(&taken).await? {
                let warning = queue.policy.warning(taken.state.measured_launch_secs());
                if let Some(warning) = warning.filter(|_| is_new) {
                    warn!(queue = queue.name(), "{warning}");
                }
                return Ok(taken.into());
            }
        }
        Err(ScaleTrouble::Contended(queue.name().to_owned(), TRIES_MAX))
    }

    /// Writes the row, if the queue is still ours.
    pub(super) async fn keep(
        &mut self,
        rows: &impl Scaling,
        next: Scaled,
    ) -> Result<Kept, ScaleTrouble> {
        let (row, kept) = if rows.keep(&next).await? {
            (next, Kept::Ours)
        } else {
            match rows.scaled(&next.queue).await? {
                Some(row) if row.holder == next.holder => (row, Kept::OursBefore),
                _ => return Ok(Kept::TakenOver),
            }
        };
        *self = row.into();
        Ok(kept)
    }
}
