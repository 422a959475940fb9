//! The functions as Lambda runs them: a message or the schedule of the sweep, in one of a few
//! processes, for a minute at most.

use jiff::SignedDuration;
use longshore_engine::{Message, Sweep, on_change, on_messages, ports::Clock, sweep};

use super::{
    chance::Stream,
    drive::{Boxed, Driver, Of, Outcome, Parts},
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
/// Most messages of an inbox that are handed over at once.
const TOGETHER_MAX: u64 = 9;

impl<'a> Driver<'a, '_> {
    /// When messages come, and when revisions are replaced.
    pub(super) fn plan_mails(&mut self) {
        let scenario = self.parts.scenario;
        for mail in &scenario.mails {
            for visible_ms in &mail.visible_ms {
                let sent_at = instant(mail.sent_ms);
                let body = mail.body.clone();
                self.messages.send_at(mail.source, mail.gathers, body, sent_at, *visible_ms);
            }
        }
        for (trigger, spec) in scenario.specs.iter().enumerate() {
            if let Some(at_ms) = spec.deploys_at_ms {
                self.world.wake_in(at_ms, Wake::Deploy(trigger));
            }
        }
    }

    /// A message is visible: it is received, or waits for others of its inbox.
    pub(super) fn receive(&mut self, number: usize) {
        if let Some(wait_ms) = self.is_down_ms() {
            return self.world.wake_in(wait_ms, Wake::Message(number));
        }
        match self.messages.waits(number) {
            None => self.deliver(vec![number]),
            Some((inbox, true)) => {
                let batch = self.parts.scenario.specs[inbox].batch.as_ref();
                let window_ms = batch.map_or(0, |batch| batch.window_ms);
                let wait_ms = self.world.below(Stream::Events, window_ms);
                self.world.wake_in(wait_ms, Wake::Gather(inbox));
            }
            Some((_, false)) => {}
        }
    }

    /// The window of an inbox is over, or it has more messages than were handed over at once.
    pub(super) fn gather(&mut self, inbox: usize) {
        if let Some(wait_ms) = self.is_down_ms() {
            return self.world.wake_in(wait_ms, Wake::Gather(inbox));
        }
        let most = 1 + self.world.below(Stream::Events, TOGETHER_MAX);
        let (numbers, has_more) = self.messages.gather(inbox, usize::try_from(most).unwrap_or(1));
        if has_more {
            self.world.wake_in(self.world.below(Stream::Events, SECOND), Wake::Gather(inbox));
        }
        self.deliver(numbers);
    }

    fn is_down_ms(&self) -> Option<u64> {
        let left_ms = self.world.lasts_ms(Spell::Down)?;
        Some(left_ms + self.world.below(Stream::Events, BACK_MS_MAX))
    }

    fn deliver(&mut self, numbers: Vec<usize>) {
        let received = |number| Some((number, self.messages.receive(number)?));
        let (numbers, received): (Vec<_>, Vec<_>) =
            numbers.into_iter().filter_map(received).unzip();
        let Some(Received { source, .. }) = received.first() else { return };
        self.world.note(|| format!("messages {numbers:?} of {source:?} are received"));
        let (parts, process) = (self.parts, self.process());
        let of = Of::Messages(self.messages.deliver(numbers), process);
        let future: Boxed<'a> = match source {
            Source::Inbox => Box::pin(events(parts, process, received)),
            Source::Outcomes => Box::pin(changes(parts, process, received)),
        };
        self.function(of, future);
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
                let swept = Box::pin(sweep(&on, &parts.outlet, parts.world, &all)).await;
                parts.world.note(|| format!("swept: {swept:?}"));
                Outcome::Over
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

/// `trigger`, for messages of one inbox.
async fn events(parts: &Parts<'_>, process: usize, received: Vec<Received>) -> Outcome {
    let on = parts.ports(process);
    let messages: Vec<_> = received
        .iter()
        .map(|Received { body, sent_at, .. }| Message { body, sent_at: *sent_at })
        .collect();
    let handled = on_messages(&on, &parts.dead_letters, &parts.allowed, &messages);
    let handled = Box::pin(handled).await;
    parts.world.note(|| format!("  {handled:?}"));
    Outcome::Handled(handled.into_iter().map(|handled| handled.map(drop)).collect())
}

/// `observer`, for a message of its queue.
async fn changes(parts: &Parts<'_>, process: usize, received: Vec<Received>) -> Outcome {
    let on = parts.ports(process);
    let mut outcomes = Vec::new();
    for Received { body, .. } in received {
        let body = believed(&parts.ledger, &body, parts.planted).await.unwrap_or(body);
        let observed = Box::pin(on_change(&on, &parts.outlet, &parts.dead_letters, &body)).await;
        parts.world.note(|| format!("  {observed:?}"));
        outcomes.push(observed.map(drop));
    }
    Outcome::Handled(outcomes)
}
