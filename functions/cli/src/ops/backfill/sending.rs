//! Events ─▶ those without a run ─▶ the inbox, so many in a second.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use longshore::{
    run::RunId,
    trigger::{Event, Registered, plan},
};
use tokio::time::{Instant, sleep_until};

use super::{cut::Cut, ended::Counts, progress::Progress};
use crate::{
    args::BackfillArgs,
    ops::{OpsError, Stack, now, send::Inbox},
    page::say,
};

/// Events that are looked up at once: one BatchGetItem.
pub(super) const LOOKED_UP: usize = 100;
/// How long the ledger remembers a run that has ended.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    GoOn,
    CutOff,
}

/// A backfill under way.
#[derive(Debug)]
pub(super) struct Sending<'a> {
    stack: &'a Stack,
    trigger: &'a str,
    inbox: Inbox,
    cut: Cut,
    progress: Progress,
    is_dry: bool,
    is_json: bool,
    every: Duration,
    turn: Instant,
    now: Timestamp,
    pub(super) counts: Counts,
    pub(super) refusal: Option<String>,
    /// The last event that was gone through.
    pub(super) last: Option<Event>,
}

impl<'a> Sending<'a> {
    pub(super) async fn begin(
        stack: &'a Stack,
        trigger: &Registered,
        asked: &'a BackfillArgs,
        total: Option<u64>,
        is_json: bool,
    ) -> Result<Self, OpsError> {
        let cut = Cut::listen();
        Ok(Self {
            stack,
            trigger: &asked.trigger,
            inbox: stack.inbox(trigger).await?,
            cut: cut.map_err(|error| OpsError::Said(format!("signals: {error}")))?,
            progress: Progress::new(total, asked.dry_run || is_json),
            is_dry: asked.dry_run,
            is_json,
            every: Duration::from_secs(1) / asked.rate.max(1),
            turn: Instant::now(),
            now: now(),
            counts: Counts::default(),
            refusal: None,
            last: None,
        })
    }

    /// Goes through up to [`LOOKED_UP`] events. The settings are read anew each time: a message
    /// with old ones must not follow a deployment by more than a moment.
    pub(super) async fn batch(&mut self, events: &[Event]) -> Result<Flow, OpsError> {
        let trigger = self.stack.trigger(self.trigger).await?;
        let known = self.stack.known(&trigger, events).await?;
        for (event, run) in events.iter().zip(known) {
            if self.one(&trigger, event, run).await? == Flow::CutOff {
                return Ok(Flow::CutOff);
            }
            self.last = Some(event.clone());
            self.progress.tell(&self.counts);
        }
        self.is_cut(Instant::now()).await
    }

    /// Looked at, and not one for the trigger's rule.
    pub(super) fn pass(&mut self) {
        self.counts.unmatched += 1;
        self.progress.tell(&self.counts);
    }

    pub(super) fn end(&self) {
        self.progress.end();
    }

    async fn one(
        &mut self,
        trigger: &Registered,
        event: &Event,
        run: Option<RunId>,
    ) -> Result<Flow, OpsError> {
        if run.is_some() {
            self.counts.known += 1;
            return Ok(Flow::GoOn);
        }
        if self.is_dry {
            self.show(trigger, event);
        } else {
            if self.is_cut(self.turn).await? == Flow::CutOff {
                return Ok(Flow::CutOff);
            }
            self.turn = self.turn.max(Instant::now()) + self.every;
            if let Err(rejected) = self.inbox.send(trigger, event).await? {
                self.counts.refused += 1;
                self.refusal.get_or_insert_with(|| rejected.to_string());
                return Ok(Flow::GoOn);
            }
        }
        self.counts.sent += 1;
        let at = match event {
            Event::Tick(tick) => Some(tick.scheduled_at),
            Event::Object(object) => object.time,
        };
        if at.is_some_and(|at| self.now.duration_since(at) > REMEMBERED) {
            self.counts.forgotten += 1;
        }
        Ok(Flow::GoOn)
    }

    /// Waits until `turn`, unless somebody wants an end.
    async fn is_cut(&mut self, turn: Instant) -> Result<Flow, OpsError> {
        Ok(tokio::select! {
            biased;
            () = self.cut.asked() => Flow::CutOff,
            () = sleep_until(turn) => Flow::GoOn,
        })
    }

    fn show(&self, trigger: &Registered, event: &Event) {
        if self.is_json {
            return;
        }
        match event {
            Event::Tick(tick) => {
                let run = plan(&trigger.settings, event).run;
                say(&format!("  {run}  {}", tick.scheduled_at));
            }
            Event::Object(object) => {
                say(&format!("  s3://{}/{}", object.bucket, object.key.escape_debug()));
            }
        }
    }
}
