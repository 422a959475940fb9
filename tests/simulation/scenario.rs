//! What happens outside: versions of objects, their events, deployments, people, and what should
//! not be in the inbox.

use std::collections::BTreeSet;

use longshore::{
    run::LaunchId,
    trigger::{Allowed, Envelope, plan},
};
use serde_json::{Value, json};

use super::{
    chance::Dice,
    operator::{self, Act},
    queues::Source,
    spec::{CLUSTER, Spec},
    weather::{Kind, Weather},
    world::{HOUR, MINUTE, SECOND},
};

pub(super) const BUCKET: &str = "uploads";
/// Most triggers.
const TRIGGERS_MAX: u64 = 2;
/// Most versions of objects in most histories, and in those where runs have several objects.
const VERSIONS_MAX: [u64; 2] = [6, 12];
/// Versions of objects in a history with a burst, which comes within a second.
const BURST: u64 = 60;
/// One history in so many has a burst.
const BURST_ONE_IN: u64 = 100;
/// Objects they are versions of, likewise.
const KEYS: [u64; 2] = [3, 6];
/// Most further deliveries of one event.
const COPIES_MAX: u64 = 4;
/// When the last event is sent, at the latest: in most histories, and in those where all events come
/// at once.
const SENT_MS_MAX: [u64; 2] = [20 * MINUTE, 3 * SECOND];
/// When another copy comes, at the latest.
const COPY_MS_MAX: u64 = 2 * HOUR;

/// A version of an object, for one trigger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    pub(super) trigger: String,
    pub(super) key: String,
    pub(super) sequencer: String,
}

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
    by: Option<(String, &'static str)>,
}

/// What happens outside.
#[derive(Debug, Default)]
pub(super) struct Scenario {
    pub(super) specs: Vec<Spec>,
    /// Versions of objects, with the ARN of the rule that sent their events.
    pub(super) versions: BTreeSet<(Version, &'static str)>,
    pub(super) mails: Vec<Mail>,
    /// Messages that can never become a run.
    pub(super) poison: BTreeSet<String>,
    /// What people do, and when.
    pub(super) acts: Vec<(u64, Act)>,
    /// When the last event is sent and the last deployment comes, at the latest.
    sent_ms_max: u64,
    /// Whether the tasks are foreign containers, which ask for no fence and report nothing.
    pub(super) is_foreign: bool,
    /// When everything has to be over, after the last fault.
    pub(super) converges_in_ms: u64,
}

/// The rule that sends the events of all triggers, and the one that uses a name that is taken.
const RULES: [&str; 2] = ["arn:aws:events:::rule/own", "arn:aws:events:::rule/other"];

/// What the functions were deployed with.
pub(super) fn allowed() -> Allowed {
    Allowed { buckets: vec![BUCKET.into()], clusters: vec![CLUSTER.into()], subnets: Vec::new() }
}

impl Mail {
    fn new(source: Source, body: String, sent_ms: u64, visible_ms: Vec<u64>) -> Self {
        Self { source, body, sent_ms, visible_ms, gathers: None, by: None }
    }
}

impl Scenario {
    pub(super) fn draw(dice: &mut Dice, weather: &Weather) -> Self {
        let mut scenario = Self::default();
        let is_wild = weather.kind == Kind::Wild;
        let is_burst = is_wild && dice.one_in(BURST_ONE_IN);
        scenario.is_foreign = is_wild && dice.one_in(8);
        scenario.sent_ms_max = SENT_MS_MAX[usize::from(dice.one_in(3))];
        for number in 0..=dice.below(TRIGGERS_MAX) {
            let spec = Spec::draw(dice, number, scenario.sent_ms_max);
            let spec = if is_burst { spec.alone() } else { spec };
            scenario.specs.push(if is_burst && number == 0 { spec.open() } else { spec });
        }
        let gathers = scenario.specs.iter().any(|spec| spec.batch.is_some());
        let more = usize::from(gathers);
        for n in 0..=dice.below(VERSIONS_MAX[more]) {
            scenario.version(dice, n, KEYS[more]);
        }
        if is_burst {
            (0..BURST).for_each(|n| scenario.send(0, &format!("b{n}"), 1, 5 * SECOND, dice));
        }
        scenario.deploys(dice);
        if is_wild && dice.one_in(8) {
            scenario.intrude(dice);
        }
        if dice.one_in(4) {
            let body = "{\"Event\": \"s3:TestEvent\"}".to_owned();
            scenario.poison.insert(body.clone());
            scenario.mails.push(Mail::new(Source::Inbox, body, 0, vec![0]));
        }
        if is_wild && dice.one_in(2) {
            scenario.acts = operator::acts(dice, scenario.specs.len(), weather.heals_at_ms);
        }
        let most = scenario.specs.iter().map(|spec| spec.ends_within_ms(scenario.in_a_row(spec)));
        scenario.converges_in_ms = most.max().unwrap_or_default();
        scenario
    }

    /// The spec of the trigger named `name`.
    pub(super) fn spec(&self, name: &str) -> Option<&Spec> {
        self.specs.iter().find(|spec| spec.name == name)
    }

    /// A version of one of the objects, for one of the triggers, or for all.
    fn version(&mut self, dice: &mut Dice, n: u64, keys: u64) {
        let key = format!("k{}", dice.below(keys));
        let sent_ms = dice.below(self.sent_ms_max);
        let for_all = dice.one_in(2);
        let chosen = usize::try_from(dice.below(self.specs.len() as u64)).unwrap_or(0);
        for trigger in 0..self.specs.len() {
            if for_all || trigger == chosen {
                self.send(trigger, &key, n, sent_ms, dice);
            }
        }
    }

    /// Every deployment is followed by an event, which tells of it.
    fn deploys(&mut self, dice: &mut Dice) {
        for trigger in 0..self.specs.len() {
            if let Some(at_ms) = self.specs[trigger].deploys_at_ms {
                let sent_ms = at_ms + dice.below(self.sent_ms_max / 4);
                self.send(trigger, "after", 1, sent_ms, dice);
            }
        }
    }

    /// Another rule uses the name of a trigger.
    fn intrude(&mut self, dice: &mut Dice) {
        let free = |spec: &Spec| spec.deploys_at_ms.is_none() && spec.batch.is_none();
        let Some(trigger) = self.specs.iter().position(free) else { return };
        let sent_ms = dice.below(self.sent_ms_max);
        self.send_as(1, trigger, "other", 1, sent_ms, dice);
    }

    fn send(&mut self, trigger: usize, key: &str, n: u64, sent_ms: u64, dice: &mut Dice) {
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

    /// Messages that become no run, since they are poison or come from another rule than the one
    /// that owns the name of the trigger.
    pub(super) fn unwelcome(&self, owns: impl Fn(&str, &str) -> bool) -> BTreeSet<String> {
        let envelopes = self.mails.iter().filter_map(|mail| Some((mail.by.as_ref()?, &mail.body)));
        let foreign = envelopes.filter(|((trigger, rule), _)| !owns(trigger, rule));
        let foreign = foreign.map(|(_, body)| body.clone());
        self.poison.iter().cloned().chain(foreign).collect()
    }

    /// Runs of `spec` that may have to wait for one another: where they are split, as many more.
    fn in_a_row(&self, spec: &Spec) -> u64 {
        let of_spec = self.versions.iter().filter(|(version, _)| version.trigger == spec.name);
        let runs = of_spec.count() as u64;
        if spec.batch.is_some() { 2 * runs } else { runs }
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
