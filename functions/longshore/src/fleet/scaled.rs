//! What is remembered of a queue that is scaled, from tick to tick and from one scaler to the next.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    ask::Ask,
    change::Change,
    heard::Heard,
    service::{Service, Staff},
    settings::{FleetSettings, Queue, QueueSettings},
};
use crate::{
    scale::{Decision, State},
    trigger::TaskSettings,
};

/// Longest value of `startedBy`, which holds letters, digits, `-`, `/` and `_` (RunTask API
/// reference).
const STARTED_BY_CHARS_MAX: usize = 128;

/// A queue and its fleet. Whoever holds it writes it before acting, and acts by what it says, so
/// that who comes after a crash does the same once more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scaled {
    /// Name of the queue.
    pub queue: String,
    /// Its newest settings.
    pub settings: QueueSettings,
    /// Counts the writes: each expects the one before.
    pub ver: u64,
    /// The scaler that has it.
    pub holder: String,
    /// Counts the scalers that have had it.
    pub epoch: u64,
    /// What workers told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<Heard>,
    /// Tasks that were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<Ask>,
    /// Workers that are to be told to leave, by the ids of their tasks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub victims: Vec<String>,
    /// What is remembered of a service.
    #[serde(default)]
    pub staff: Staff,
    /// Most launches of a tick since ECS refused some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<u32>,
    /// The fleet when it was last looked at.
    #[serde(default)]
    pub stages: Stages,
    /// The last decision, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
    /// What SQS or ECS said instead of doing or telling what it was asked for, at the last tick.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// The last change, if it was not told yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untold: Option<Change>,
    /// What the decision remembers.
    #[serde(default)]
    pub state: State,
}

/// Tasks by how far they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Stages {
    /// Tasks that were asked for and do not receive yet.
    pub starting: u32,
    /// Tasks that receive.
    pub receiving: u32,
    /// Tasks that finish what they hold, and leave.
    pub draining: u32,
}

/// A decision, and when it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    /// When.
    pub at: Timestamp,
    /// Messages that are to become visible later.
    pub delayed: f64,
    /// What was decided.
    pub decision: Decision,
}

/// One call of RunTask for a fleet, complete.
#[derive(Clone, Debug, PartialEq)]
pub struct FleetLaunch<'a> {
    /// What to launch.
    pub task: &'a TaskSettings,
    /// How many.
    pub count: u32,
    /// `clientToken`.
    pub token: &'a str,
    /// `startedBy`.
    pub started_by: String,
    /// The tasks' group, by which they can be placed and listed.
    pub group: String,
    /// Variables of the container, the fleet's own included.
    pub environment: BTreeMap<String, String>,
}

/// What the row says is to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Acts<'a> {
    /// Calls of RunTask that have no answer yet.
    pub launches: Vec<FleetLaunch<'a>>,
    /// Workers that are to be told to leave.
    pub drains: &'a [String],
    /// The desired count that the service should have and has not.
    pub desired: Option<u32>,
    /// A change that is to be told.
    pub change: Option<&'a Change>,
}

impl Scaled {
    /// A queue that is seen for the first time.
    #[must_use]
    pub fn new(queue: &Queue) -> Self {
        Self {
            queue: queue.name().to_owned(),
            settings: queue.settings.clone(),
            ver: 0,
            holder: String::new(),
            epoch: 0,
            heard: None,
            asks: Vec::new(),
            victims: Vec::new(),
            staff: Staff::default(),
            pace: None,
            stages: Stages::default(),
            decided: None,
            trouble: None,
            untold: None,
            state: State::default(),
        }
    }

    /// Goes over to `holder`, with the newest settings. What was asked of another fleet is
    /// forgotten; its tasks leave by themselves as soon as nobody counts upon them.
    #[must_use]
    pub fn taken(mut self, queue: &Queue, holder: &str) -> Self {
        let (then, now) = (&self.settings, &queue.settings);
        if place(&then.fleet) != place(&now.fleet) || now.shadow {
            self.asks.clear();
            self.victims.clear();
            self.staff = Staff::default();
        }
        self.settings = queue.settings.clone();
        self.ver += 1;
        self.epoch += 1;
        holder.clone_into(&mut self.holder);
        self
    }

    /// What is to be done, by the row alone. Nothing of it does harm twice.
    #[must_use]
    pub fn acts(&self, service: Option<&Service>) -> Acts<'_> {
        let launches = match &self.settings.fleet {
            FleetSettings::Tasks { task } if !self.settings.shadow => {
                let open = self.asks.iter().filter(|ask| ask.tasks.is_none());
                open.map(|ask| self.launch(task, ask)).collect()
            }
            _ => Vec::new(),
        };
        let desired = match (service, self.staff.desired) {
            (Some(service), Some(desired)) if service.desired != desired => Some(desired),
            _ => None,
        };
        let desired = desired.filter(|_| !self.settings.shadow);
        Acts { launches, drains: &self.victims, desired, change: self.untold.as_ref() }
    }

    fn launch<'a>(&self, task: &'a TaskSettings, ask: &'a Ask) -> FleetLaunch<'a> {
        let mut environment = task.env.clone();
        let slots = self.settings.scale.messages_per_task.to_string();
        environment.insert("LONGSHORE_QUEUE".into(), self.settings.queue.clone());
        environment.insert("LONGSHORE_SLOTS".into(), slots);
        let name = self.queue.replace('.', "_");
        let mut started_by = format!("lsq/{name}");
        started_by.truncate(STARTED_BY_CHARS_MAX);
        let group = format!("lsq:{name}");
        FleetLaunch { task, count: ask.count, token: &ask.token, started_by, group, environment }
    }
}

/// Where a fleet is.
fn place(fleet: &FleetSettings) -> (&str, Option<&str>) {
    match fleet {
        FleetSettings::Tasks { task } => (&task.cluster, None),
        FleetSettings::Service { cluster, service } => (cluster, Some(service)),
    }
}

#[cfg(test)]
mod tests;
