//! The functions as Lambda runs them: a message or the schedule of the sweep, in one of a few
//! processes, for a minute at most.

use jiff::SignedDuration;
use longshore_engine::{Message, Sweep, on_change, on_messages, ports::Clock, sweep};

use super::{
    chance::Stream,
    drive::{Boxed, Driver, Of},
    planted::believed,
    process::SERVING,
    queues::{Received, Source},
    tables::SHARDS,
    wake::Wake,
    weather::Spell,
    world::{MINUTE, SECOND, instant},
};

/// When a sweep leaves the rest to the next one, after its beginning.
const SWEEP_SECS_MAX: i64 = 50;
/// When messages come that had waited for functions to run again.
const BACK_MS_MAX: u64 = 30 * SECOND;

impl<'a> Driver<'a, '_> {
    /// When messages come, and when revisions are replaced.
    pub(super) fn plan_mails(&mut self) {
        let scenario = self.parts.scenario;
        for mail in &scenario.mails {
            for visible_ms in &mail.visible_ms {
                let sent_at = instant(mail.sent_ms);
                self.messages.send_at(mail.source, mail.body.clone(), sent_at, *visible_ms);
            }
        }
        for (trigger, spec) in scenario.specs.iter().enumerate() {
            if let Some(at_ms) = spec.deploys_at_ms {
                self.world.wake_in(at_ms, Wake::Deploy(trigger));
            }
        }
    }

    pub(super) fn receive(&mut self, number: usize) {
        if let Some(left_ms) = self.world.lasts_ms(Spell::Down) {
            let wait_ms = left_ms + self.world.below(Stream::Events, BACK_MS_MAX);
            return self.world.wake_in(wait_ms, Wake::Message(number));
        }
        let Some(Received { source, body, sent_at }) = self.messages.receive(number) else {
            return;
        };
        self.world.note(|| format!("message {number} of {source:?} is received"));
        let (parts, process) = (self.parts, self.process());
        let of = Of::Message(number, process);
        match source {
            Source::Inbox => self.function(
                of,
                Box::pin(async move {
                    let on = parts.ports(process);
                    let messages = [Message { body: &body, sent_at }];
                    let dead_letters = &parts.dead_letters;
                    let handled = on_messages(&on, dead_letters, &parts.allowed, &messages);
                    for handled in Box::pin(handled).await {
                        let handled = handled?;
                        parts.world.note(|| format!("message {number}: {handled:?}"));
                    }
                    Ok(0)
                }),
            ),
            Source::Outcomes => self.function(
                of,
                Box::pin(async move {
                    let on = parts.ports(process);
                    let body = believed(&parts.ledger, &body, parts.planted).await.unwrap_or(body);
                    let dead_letters = &parts.dead_letters;
                    let observed =
                        Box::pin(on_change(&on, &parts.outlet, dead_letters, &body)).await?;
                    parts.world.note(|| format!("message {number}: {observed:?}"));
                    Ok(0)
                }),
            ),
        }
    }

    pub(super) fn sweep(&mut self) {
        let parts = self.parts;
        self.world.wake_in(MINUTE, Wake::Sweep);
        let now = self.world.now();
        let is_down = self.world.lasts_ms(Spell::Down).is_some();
        if is_down || !parts.ledger.tables().is_any_due(now) {
            return;
        }
        let process = self.process();
        let until = now + SignedDuration::from_secs(SWEEP_SECS_MAX);
        self.function(
            Of::Sweep(process),
            Box::pin(async move {
                let all = Sweep { shards: 0..=SHARDS - 1, until };
                let on = parts.ports(process);
                let swept = Box::pin(sweep(&on, &parts.outlet, parts.world, &all)).await?;
                parts.world.note(|| format!("swept: {swept:?}"));
                Ok(0)
            }),
        );
    }

    fn process(&self) -> usize {
        self.serving.at(self.world.below(Stream::Events, SERVING as u64))
    }

    fn function(&mut self, of: Of, future: Boxed<'a>) {
        let wait_ms = self.world.function_ms_max();
        self.world.wake_in(wait_ms, Wake::Timeout(self.started + 1));
        self.begin(of, future);
    }
}
