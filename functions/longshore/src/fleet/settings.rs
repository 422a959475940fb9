//! What the schedule of the scaler sends: the queues, and how the fleet of each is scaled.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::beat::queue_name;
use crate::{
    scale::{BadSettings, Policy, Settings},
    trigger::{Rejected, TaskSettings, deserialize},
};

/// Queues of one schedule: they are scaled at the same time, by one process of the smallest size.
const QUEUES_MAX: usize = 20;
/// Longest name of a queue (CreateQueue API reference).
const NAME_CHARS_MAX: usize = 80;
/// Ends the name of a FIFO queue.
const FIFO: &str = ".fifo";

const CORRECT: &str = "correct the Input of the scaler's schedule";
const WRAP: &str = "send {\"queues\": [{\"queue\": \"<url>\", \"scale\": {…}, \"fleet\": {…}}]}";
const SPLIT: &str = "give the others a schedule of their own";

/// A queue and its fleet, as the schedule says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[serde(expecting = "a queue, like {\"queue\": \"<url>\", \"scale\": {…}, \"fleet\": {…}}")]
pub struct QueueSettings {
    /// URL of the queue.
    pub queue: String,
    /// How its fleet is scaled.
    #[serde(default)]
    pub scale: Settings,
    /// Who works it off.
    pub fleet: FleetSettings,
    /// Whether decisions are only written down: nothing is launched, nothing leaves.
    #[serde(default)]
    pub shadow: bool,
}

/// Who works a queue off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum FleetSettings {
    /// Tasks that the scaler launches itself (RunTask), and that leave when they are told to.
    #[serde(rename_all = "camelCase")]
    Tasks {
        /// What to launch.
        task: Box<TaskSettings>,
    },
    /// The tasks of an ECS service, whose desired count the scaler sets.
    #[serde(rename_all = "camelCase")]
    Service {
        /// ARN or name of its cluster.
        cluster: String,
        /// ARN or name of the service.
        service: String,
    },
}

impl FleetSettings {
    /// Its cluster.
    #[must_use]
    pub fn cluster(&self) -> &str {
        match self {
            Self::Tasks { task } => &task.cluster,
            Self::Service { cluster, .. } => cluster,
        }
    }
}

/// A queue whose settings can be followed.
#[derive(Clone, Debug, PartialEq)]
pub struct Queue {
    /// As they were sent.
    pub settings: QueueSettings,
    /// What they come to.
    pub policy: Policy,
}

impl Queue {
    /// What its rows are filed under.
    #[must_use]
    pub fn name(&self) -> &str {
        queue_name(&self.settings.queue)
    }

    /// Reads what a schedule sent. A queue that cannot be scaled does not keep the others from it.
    pub fn parse_all(input: Value) -> Result<Vec<Result<Self, Rejected>>, Rejected> {
        let Value::Object(mut input) = input else {
            return Err(Rejected::new("input", "is not a JSON object", WRAP));
        };
        let Some(Value::Array(queues)) = input.remove("queues") else {
            return Err(Rejected::new("queues", "is not a list of queues", WRAP));
        };
        let mut seen = BTreeSet::new();
        let queues = queues.into_iter().enumerate().map(|(nth, queue)| {
            let at = format!("queues[{nth}]");
            if nth >= QUEUES_MAX {
                let why = format!("is one too many: a schedule scales up to {QUEUES_MAX}");
                return Err(Rejected::new(at, why, SPLIT));
            }
            let queue = Self::parse(&at, queue)?;
            if !seen.insert(queue.name().to_owned()) {
                let why = format!("is `{}` once more", queue.name());
                return Err(Rejected::new(format!("{at}.queue"), why, CORRECT));
            }
            Ok(queue)
        });
        Ok(queues.collect())
    }

    /// Reads the settings of one queue; `at` says where they were, for the refusal.
    pub fn parse(at: &str, settings: Value) -> Result<Self, Rejected> {
        let settings: QueueSettings = deserialize(at, settings, CORRECT)?;
        check_name(at, &settings.queue)?;
        let policy = Policy::new(&format!("{at}.scale"), &settings.scale).map_err(rejected)?;
        match &settings.fleet {
            FleetSettings::Tasks { task } => {
                let judged = task.validate_at(&format!("{at}.fleet.tasks.task"));
                judged.map_err(|wrong| Rejected { todo: CORRECT, ..wrong })?;
            }
            FleetSettings::Service { cluster, service } => {
                for (name, value) in [("cluster", cluster), ("service", service)] {
                    if value.is_empty() {
                        let at = format!("{at}.fleet.service.{name}");
                        return Err(Rejected::new(at, "is empty", CORRECT));
                    }
                }
            }
        }
        Ok(Self { settings, policy })
    }
}

fn check_name(at: &str, url: &str) -> Result<(), Rejected> {
    let name = queue_name(url);
    let letters = name.strip_suffix(FIFO).unwrap_or(name);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    let is_url = url.starts_with("http://") || url.starts_with("https://");
    if is_url && !letters.is_empty() && name.len() <= NAME_CHARS_MAX && letters.bytes().all(fits) {
        return Ok(());
    }
    let why = format!("`{}` is no URL of a queue", url.escape_debug());
    Err(Rejected::new(format!("{at}.queue"), why, CORRECT))
}

fn rejected(BadSettings { at, why, .. }: BadSettings) -> Rejected {
    Rejected::new(at, why, CORRECT)
}

#[cfg(test)]
mod tests;
