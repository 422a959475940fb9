//! A trigger of one history, and what a deployment changes of it.

use longshore::trigger::Overlap;
use serde_json::{Value, json};

use super::{
    chance::Dice,
    pools::QUEUE,
    timed::Timed,
    world::{HOUR, MINUTE, SECOND},
};

pub(super) const CLUSTER: &str = "arn:aws:ecs:eu-west-1:111122223333:cluster/sim";
/// Longest work of a task of a trigger without a timeout.
pub(super) const WORK_MS_MAX: u64 = 40 * MINUTE;
/// Longest time from RunTask to RUNNING; below every `startTimeout`.
pub(super) const START_MS_MAX: u64 = 90 * SECOND;
/// What an attempt may lose to leases, looks, late stops and messages when nothing goes wrong.
const SLACK_MS: u64 = 20 * MINUTE;
/// How long an inbox may wait for more messages: up to Lambda's longest batching window.
const WINDOWS_MS: [u64; 3] = [2 * SECOND, MINUTE, 5 * MINUTE];
/// How long a launch may lie in a pool whose message was lost: until it is sent again while others
/// lie there, and looked at.
const POOL_LOST_MS: u64 = 14 * HOUR;
/// Attempts after the last fault: those at the work, and some for what went wrong before.
const ATTEMPTS_AFTER: u64 = 6;

/// See the module.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) name: String,
    /// Whether only the newest version of an object counts.
    pub(super) is_latest: bool,
    pub(super) is_spot: bool,
    pub(super) timeout_mins: Option<u64>,
    /// When revision 2 replaces revision 1.
    pub(super) deploys_at_ms: Option<u64>,
    limits: [Option<u32>; 2],
    attempts: [u64; 2],
    start_timeout_mins: u64,
    backoff_max_mins: u64,
    rule: Option<Value>,
    /// How its events become runs of several objects, if they do.
    pub(super) batch: Option<Batch>,
    /// The schedule whose ticks its events are, if they are none of objects.
    pub(super) timed: Option<Timed>,
    /// Whether its runs are work for a pool, by revision.
    pools: [bool; 2],
}

/// See [`Spec::batch`].
#[derive(Debug)]
pub(super) struct Batch {
    objects: u64,
    has_bytes: bool,
    /// How long its inbox waits for more messages, at most.
    pub(super) window_ms: u64,
    /// Objects with this key fail whoever works on them, who cannot tell which one it was.
    pub(super) bad_key: Option<&'static str>,
}

impl Batch {
    fn draw(dice: &mut Dice) -> Self {
        Self {
            objects: 2 + dice.below(4),
            has_bytes: dice.one_in(4),
            window_ms: dice.pick(&WINDOWS_MS),
            bad_key: dice.one_in(3).then_some("k1"),
        }
    }
}

impl Spec {
    pub(super) fn draw(dice: &mut Dice, number: u64, deploys_ms_max: u64) -> Self {
        let limit = dice.pick(&[None, None, Some(1), Some(1), Some(2)]);
        let other_limit = dice.pick(&[limit, limit, None, Some(1), Some(2)]);
        let deploys_at_ms = dice.below(deploys_ms_max);
        let deploys_at_ms = dice.one_in(2).then_some(deploys_at_ms);
        let rules = [
            json!({"exit": [1], "then": "succeed"}),
            json!({"exit": [75], "then": "reject"}),
            json!({"exit": [3], "then": "retry"}),
            json!({"reason": "OutOfMemory", "then": "retry"}),
        ];
        let timeout_mins = 5 + dice.below(40);
        let batch = dice.one_in(3).then(|| Batch::draw(dice));
        let rule = rules.into_iter().nth(usize::try_from(dice.below(12)).unwrap_or(0));
        let is_bad = batch.as_ref().is_some_and(|batch| batch.bad_key.is_some());
        Self {
            name: format!("t{number}"),
            is_latest: dice.one_in(2),
            is_spot: dice.one_in(2),
            timeout_mins: dice.one_in(3).then_some(timeout_mins),
            deploys_at_ms,
            limits: [limit, if deploys_at_ms.is_some() { other_limit } else { limit }],
            attempts: [1 + dice.below(4), 1 + dice.below(4)],
            start_timeout_mins: 2 + dice.below(4),
            backoff_max_mins: 1 + dice.below(5),
            rule: rule.filter(|_| !is_bad),
            batch,
            timed: None,
            pools: [false; 2],
        }
    }

    /// The trigger of a burst: nothing but permits keeps its runs waiting.
    pub(super) fn open(self) -> Self {
        Self { limits: [None; 2], is_latest: false, ..self }
    }

    /// A trigger like it that makes one run of each event.
    pub(super) fn alone(self) -> Self {
        Self { batch: None, ..self }
    }

    /// A trigger like it whose events are ticks, some of which may be without a limit.
    pub(super) fn timed(self, mut timed: Timed) -> Self {
        let deploys_at_ms = self.deploys_at_ms.and_then(|at_ms| timed.tells_of(at_ms));
        let limit = self.limits[0].filter(|_| timed.overlap == Overlap::Allow);
        let (is_latest, limits, timed) = (false, [limit; 2], Some(timed));
        Self { deploys_at_ms, is_latest, limits, timed, batch: None, ..self }
    }

    /// A trigger like it whose runs are work for a pool, before or after its deployment or both.
    pub(super) fn pooled(self, dice: &mut Dice) -> Self {
        let pools = dice.pick(&[[true; 2], [true; 2], [true, false], [false, true]]);
        let pools = if self.deploys_at_ms.is_some() { pools } else { [true; 2] };
        Self { pools, ..self }
    }

    /// Whether a pool does the work of any of its runs.
    pub(super) fn has_pool(&self) -> bool {
        self.pools.contains(&true)
    }

    /// Whether a pool does the work of runs by this task definition.
    pub(super) fn is_pooled(&self, definition: &str) -> bool {
        (0..).zip(self.pools).any(|(revision, it)| it && self.definition(revision) == definition)
    }

    /// Whether its ticks never run side by side.
    pub(super) fn is_alone(&self) -> bool {
        self.timed.as_ref().is_some_and(|timed| timed.overlap != Overlap::Allow)
    }

    /// Most runs at once, if there is such a limit, always the same.
    pub(super) fn limit(&self) -> Option<u32> {
        let said = self.limits[0].filter(|_| self.limits[0] == self.limits[1]);
        if self.is_alone() { Some(1) } else { said }
    }

    /// The revision that a message sent at `sent_ms` brings.
    pub(super) fn revision_at(&self, sent_ms: u64) -> usize {
        usize::from(self.deploys_at_ms.is_some_and(|at| sent_ms >= at))
    }

    /// ARN of the task definition.
    pub(super) fn definition(&self, revision: usize) -> String {
        let (name, number) = (&self.name, revision + 1);
        format!("arn:aws:ecs:eu-west-1:111122223333:task-definition/{name}:{number}")
    }

    /// The settings that travel with events.
    pub(super) fn settings(&self, revision: usize) -> Value {
        let mut task = json!({
            "definition": self.definition(revision),
            "cluster": CLUSTER,
            "container": "app",
            "startTimeout": format!("{}m", self.start_timeout_mins),
        });
        if let Some(mins) = self.timeout_mins {
            task["timeout"] = json!(format!("{mins}m"));
        }
        if self.is_spot {
            task["capacity"] = json!([{"provider": "FARGATE_SPOT", "weight": 1}]);
        } else {
            task["launchType"] = json!("FARGATE");
        }
        let mut settings = json!({
            "name": self.name,
            "order": if self.is_latest { "latest" } else { "all" },
            "task": task,
            "retry": {
                "attempts": self.attempts[revision],
                "backoff": {"base": "5s", "max": format!("{}m", self.backoff_max_mins)},
                "rules": self.rule.iter().collect::<Vec<_>>(),
            },
        });
        if let Some(limit) = self.limits[revision] {
            settings["concurrency"] = json!(limit);
        }
        if self.pools[revision] {
            settings["launch"] = json!("pool");
            settings["queue"] = json!(QUEUE);
        }
        if let Some(timed) = &self.timed {
            settings["schedule"] = timed.settings();
        }
        if let Some(Batch { objects, has_bytes, .. }) = &self.batch {
            settings["batch"] = json!({"objects": objects});
            if *has_bytes {
                settings["batch"]["bytes"] = json!(format!("{} B", objects - 1));
            }
        }
        settings
    }

    /// The fewest attempts that its settings allow.
    pub(super) fn attempts_min(&self) -> u64 {
        self.attempts[0].min(self.attempts[1])
    }

    /// Whether the settings make a success of the exit code.
    pub(super) fn forgives(&self, exit_code: i32) -> bool {
        self.rule.as_ref().is_some_and(|rule| {
            rule["then"] == "succeed" && rule["exit"][0].as_i64() == Some(i64::from(exit_code))
        })
    }

    /// How long `runs` runs, one after the other, take at most when nothing goes wrong any more.
    pub(super) fn ends_within_ms(&self, runs: u64) -> u64 {
        let work_ms = self.timeout_mins.map_or(WORK_MS_MAX, |mins| mins * MINUTE);
        let backoff_ms = self.backoff_max_mins * MINUTE;
        let attempt_ms = START_MS_MAX + work_ms + backoff_ms + SLACK_MS;
        let lost_ms = if self.has_pool() { POOL_LOST_MS } else { 0 };
        HOUR + lost_ms + runs * ATTEMPTS_AFTER * attempt_ms
    }
}
