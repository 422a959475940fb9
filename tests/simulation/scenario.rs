//! What happens outside: versions of objects, their events, deployments, people, and what should
//! not be in the inbox.

use std::collections::BTreeSet;

use longshore::trigger::Allowed;

use super::{
    chance::Dice,
    mails::Mail,
    operator::{self, Act},
    pools::QUEUE,
    queues::Source,
    spec::{CLUSTER, Spec},
    timed::Timed,
    weather::{Kind, Weather},
    world::{MINUTE, SECOND},
};

pub(super) const BUCKET: &str = "uploads";
/// Most triggers.
const TRIGGERS_MAX: u64 = 2;
/// Most versions of objects in most histories, and in those where runs have several objects.
const VERSIONS_MAX: [u64; 2] = [6, 12];
/// Versions of objects in a history with a burst, which comes within a second.
const BURST: u64 = 60;
/// One history in so many has a trigger with a schedule.
const TIMED_ONE_IN: u64 = 4;
/// One history in so many has a trigger with a pool, unless it has a burst or foreign tasks.
const POOL_ONE_IN: u64 = 4;
/// One history in so many has a burst.
const BURST_ONE_IN: u64 = 100;
/// Objects they are versions of, likewise.
const KEYS: [u64; 2] = [3, 6];
/// When the last event is sent, at the latest: in most histories, and in those where all events come
/// at once.
const SENT_MS_MAX: [u64; 2] = [20 * MINUTE, 3 * SECOND];

/// A version of an object, for one trigger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    pub(super) trigger: String,
    pub(super) key: String,
    pub(super) sequencer: String,
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
    pub(super) sent_ms_max: u64,
    /// Whether the tasks are foreign containers, which ask for no fence and report nothing.
    pub(super) is_foreign: bool,
    /// When everything has to be over, after the last fault.
    pub(super) converges_in_ms: u64,
}

/// What the functions were deployed with.
pub(super) fn allowed() -> Allowed {
    Allowed {
        buckets: vec![BUCKET.into()],
        clusters: vec![CLUSTER.into()],
        subnets: Vec::new(),
        queues: vec![QUEUE.into()],
    }
}

impl Scenario {
    /// Draws from `dice`, from `ticks` what is of schedules, and from `pools` what is of pools.
    pub(super) fn draw(
        dice: &mut Dice,
        ticks: &mut Dice,
        pools: &mut Dice,
        weather: &Weather,
    ) -> Self {
        let mut scenario = Self::default();
        let is_wild = weather.kind == Kind::Wild;
        let is_burst = is_wild && dice.one_in(BURST_ONE_IN);
        scenario.is_foreign = is_wild && dice.one_in(8);
        scenario.sent_ms_max = SENT_MS_MAX[usize::from(dice.one_in(3))];
        let has_pool = pools.one_in(POOL_ONE_IN) && !is_burst && !scenario.is_foreign;
        for number in 0..=dice.below(TRIGGERS_MAX) {
            let spec = Spec::draw(dice, number, scenario.sent_ms_max);
            let spec = if is_burst { spec.alone() } else { spec };
            let is_timed = number == 0 && !is_burst && ticks.one_in(TIMED_ONE_IN);
            let spec = if is_timed { spec.timed(Timed::draw(ticks)) } else { spec };
            let is_pooled = has_pool && (number == 0 || pools.one_in(2));
            let spec = if is_pooled { spec.pooled(pools) } else { spec };
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
        scenario.ticks();
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

    /// Whether there is a pool.
    pub(super) fn has_pool(&self) -> bool {
        self.specs.iter().any(Spec::has_pool)
    }

    /// The spec of the trigger named `name`.
    pub(super) fn spec(&self, name: &str) -> Option<&Spec> {
        self.specs.iter().find(|spec| spec.name == name)
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
        if let Some(timed) = &spec.timed {
            return timed.runs_max();
        }
        let of_spec = self.versions.iter().filter(|(version, _)| version.trigger == spec.name);
        let runs = of_spec.count() as u64;
        if spec.batch.is_some() { 2 * runs } else { runs }
    }
}
