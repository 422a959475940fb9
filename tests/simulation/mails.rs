//! Messages that will be sent: events of objects and of ticks, with copies and forgeries.

use longshore::{
    run::LaunchId,
    trigger::{Envelope, plan},
};
use serde_json::{Value, json};

use super::{
    chance::Dice,
    operator,
    queues::Source,
    scenario::{BUCKET, Scenario, Version},
    spec::Spec,
    timed::SCHEDULE,
    world::{HOUR, MINUTE, SECOND},
};

/// Most further deliveries of one event.
const COPIES_MAX: u64 = 4;
/// When another copy comes, at the latest.
const COPY_MS_MAX: u64 = 2 * HOUR;
/// The rule that sends the events of all triggers, and the one that uses a name that is taken.
const RULES: [&str; 2] = ["arn:aws:events:::rule/own", "arn:aws:events:::rule/other"];

/// A message that will be sent.
#[derive(Debug)]
pub(super) struct Mail {
    pub(super) source: Source,
    pub(super) body: String,
    pub(super) sent_ms: u64,
    /// When it is delivered, and delivered again.
    pub(super) visible_ms: Vec<u64>,
    /// The trigger, by its number, when it has an inbox of its own.
    pub(super) gathers: Option<usize>,
    /// Trigger and rule, of an envelope.
    pub(super) by: Option<(String, &'static str)>,
}

impl Mail {
    pub(super) fn new(source: Source, body: String, sent_ms: u64, visible_ms: Vec<u64>) -> Self {
        Self { source, body, sent_ms, visible_ms, gathers: None, by: None }
    }
}

impl Scenario {
    /// A version of one of the objects, for one of the triggers, or for all.
    pub(super) fn version(&mut self, dice: &mut Dice, n: u64, keys: u64) {
        let key = format!("k{}", dice.below(keys));
        let sent_ms = dice.below(self.sent_ms_max);
        let for_all = dice.one_in(2);
        let chosen = usize::try_from(dice.below(self.specs.len() as u64)).unwrap_or(0);
        for trigger in 0..self.specs.len() {
            let is_timed = self.specs[trigger].timed.is_some();
            if (for_all || trigger == chosen) && !is_timed {
                self.send(trigger, &key, n, sent_ms, dice);
            }
        }
    }

    /// Every deployment is followed by an event, which tells of it.
    pub(super) fn deploys(&mut self, dice: &mut Dice) {
        for trigger in 0..self.specs.len() {
            let spec = &self.specs[trigger];
            if let Some(at_ms) = spec.deploys_at_ms.filter(|_| spec.timed.is_none()) {
                let sent_ms = at_ms + dice.below(self.sent_ms_max / 4);
                self.send(trigger, "after", 1, sent_ms, dice);
            }
        }
    }

    /// The events of ticks.
    pub(super) fn ticks(&mut self) {
        let mut mails = Vec::new();
        for spec in &self.specs {
            for event in spec.timed.iter().flat_map(|timed| &timed.events) {
                let body = json!({
                    "source": SCHEDULE,
                    "trigger": spec.settings(spec.revision_at(event.sent_ms)),
                    "event": event.body(),
                });
                let (sent_ms, visible_ms) = (event.sent_ms, event.visible_ms.clone());
                let mail = Mail::new(Source::Inbox, body.to_string(), sent_ms, visible_ms);
                mails.push(Mail { by: Some((spec.name.clone(), SCHEDULE)), ..mail });
            }
        }
        self.mails.extend(mails);
    }

    /// Another rule uses the name of a trigger.
    pub(super) fn intrude(&mut self, dice: &mut Dice) {
        let is_plain = |spec: &Spec| spec.batch.is_none() && spec.timed.is_none();
        let free = |spec: &Spec| spec.deploys_at_ms.is_none() && is_plain(spec);
        let Some(trigger) = self.specs.iter().position(free) else { return };
        let sent_ms = dice.below(self.sent_ms_max);
        self.send_as(1, trigger, "other", 1, sent_ms, dice);
    }

    pub(super) fn send(
        &mut self,
        trigger: usize,
        key: &str,
        n: u64,
        sent_ms: u64,
        dice: &mut Dice,
    ) {
        self.send_as(0, trigger, key, n, sent_ms, dice);
    }

    fn send_as(
        &mut self,
        rule: usize,
        trigger: usize,
        key: &str,
        n: u64,
        sent_ms: u64,
        dice: &mut Dice,
    ) {
        let spec = &self.specs[trigger];
        let sequencer = format!("{n:016X}");
        let version = Version {
            trigger: spec.name.clone(),
            key: key.to_owned(),
            sequencer: sequencer.clone(),
        };
        let body = json!({
            "source": RULES[rule],
            "trigger": spec.settings(spec.revision_at(sent_ms)),
            "event": event(key, &sequencer),
        })
        .to_string();
        let mut visible_ms = vec![sent_ms + dice.below(SECOND)];
        if dice.one_in(3) {
            let copies = dice.below(COPIES_MAX);
            visible_ms.extend((0..copies).map(|_| sent_ms + dice.below(COPY_MS_MAX)));
        }
        if dice.one_in(8) {
            self.forge(&body, sent_ms + dice.below(MINUTE));
        }
        self.versions.insert((version, RULES[rule]));
        let by = Some((self.specs[trigger].name.clone(), RULES[rule]));
        let gathers = self.specs[trigger].batch.is_some().then_some(trigger);
        let mail = Mail::new(Source::Inbox, body, sent_ms, visible_ms);
        self.mails.push(Mail { gathers, by, ..mail });
    }

    /// Somebody's own task claims a run and stops well.
    fn forge(&mut self, envelope: &str, sent_ms: u64) {
        let Ok(envelope) = Envelope::parse(envelope) else { return };
        let run = plan(&envelope.trigger, &envelope.event).run;
        let id = LaunchId { run, attempt: 1, launch: 1 };
        let definition = "arn:aws:ecs:eu-west-1:111122223333:task-definition/other:9";
        let event = operator::forged(&id, definition);
        let body = event.to_string();
        self.mails.push(Mail::new(Source::Outcomes, body, sent_ms, vec![sent_ms]));
    }
}

fn event(key: &str, sequencer: &str) -> Value {
    json!({
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": "2026-01-01T00:00:00Z",
        "detail": {
            "bucket": {"name": BUCKET},
            "object": {"key": key, "size": 1, "etag": sequencer, "sequencer": sequencer},
        },
    })
}
