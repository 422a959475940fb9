//! The whole RunTask call as data, frozen before it is made: a retry must not differ from the
//! first try, or its client token answers ConflictException.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    event::Rejected,
    input::Input,
    settings::{Capacity, Order, TaskSettings, Trigger},
};
use crate::run::LaunchId;

/// Most characters of `overrides`, JSON syntax included (RunTask API reference).
pub const OVERRIDES_CHARS_MAX: usize = 8_192;

/// The memory in MiB that is written longest: Fargate's most.
const MEMORY_LONGEST: &str = "122880";

/// One launch, complete. Whoever does not know a part of it could only start something else, so it
/// is not read then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Launch {
    /// Which launch of which run.
    pub id: LaunchId,
    /// RunTask's `clientToken`: the same for every try at this launch.
    pub client_token: String,
    /// RunTask's `startedBy`: comes back in every event of the task.
    pub started_by: String,
    /// Variables of the container, the run's own included.
    pub environment: BTreeMap<String, String>,
    /// Everything else, as the trigger has it.
    pub task: TaskSettings,
    /// Where it goes instead of to ECS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<Pool>,
}

/// The pool whose workers a launch is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pool {
    /// URL of its queue.
    pub queue: String,
    /// Name of the trigger, which is the message's group: a fair queue starves no trigger.
    pub trigger: String,
    /// Workers that the run has lost.
    #[serde(default)]
    pub losses: u32,
}

/// What the launches before this one have met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// Launches of the attempt that were refused for want of capacity.
    pub capacity_refusals: u32,
    /// Whether Spot capacity was lost too often.
    pub is_spot_over: bool,
    /// Memory of the task in MiB, when its own was not enough.
    pub memory: Option<u32>,
    /// Tasks of the run that were lost.
    pub losses: u32,
}

impl Launch {
    /// Freezes the launch `id` of the trigger's task on `input`.
    #[must_use]
    pub fn freeze(
        trigger: &Trigger,
        input: &Input,
        id: &LaunchId,
        circumstances: &Circumstances,
    ) -> Self {
        let mut task = trigger.task.clone();
        circumstances.adapt(&mut task);
        let mut environment = std::mem::take(&mut task.env);
        environment.extend(variables(trigger, input, id));
        Self {
            client_token: id.client_token(),
            started_by: id.to_string(),
            id: id.clone(),
            environment,
            task,
            pool: trigger.pool().map(|queue| Pool {
                queue: queue.to_owned(),
                trigger: trigger.name.clone(),
                losses: circumstances.losses,
            }),
        }
    }

    /// Refuses overrides that RunTask would not take.
    pub fn check(&self) -> Result<(), Rejected> {
        let pairs =
            self.environment.iter().map(|(name, value)| json!({"name": name, "value": value}));
        let overrides = json!({
            "containerOverrides": [{
                "name": self.task.container,
                "command": self.task.command,
                "environment": pairs.collect::<Vec<_>>(),
            }],
            "cpu": self.task.cpu,
            // A later attempt may need more.
            "memory": MEMORY_LONGEST,
            "ephemeralStorage": {"sizeInGiB": self.task.ephemeral_storage},
        });
        let chars = overrides.to_string().chars().count();
        if chars > OVERRIDES_CHARS_MAX {
            let why = format!("make {chars} characters of overrides, and RunTask takes 8,192");
            return Err(Rejected::new(
                "trigger.task.env and trigger.task.command",
                why,
                "move constant variables into the task definition",
            ));
        }
        Ok(())
    }
}

/// Name of Fargate's Spot capacity provider.
const SPOT: &str = "FARGATE_SPOT";
/// Name of Fargate's other capacity provider.
const ON_DEMAND: &str = "FARGATE";

impl Circumstances {
    fn adapt(&self, task: &mut TaskSettings) {
        if let Some(memory) = self.memory {
            task.memory = Some(memory.to_string());
        }
        if self.is_spot_over && task.capacity.iter().any(|item| item.provider == SPOT) {
            task.capacity.retain(|item| item.provider != SPOT);
            if task.capacity.is_empty() {
                let provider = ON_DEMAND.to_owned();
                task.capacity.push(Capacity { provider, weight: 1, base: 0 });
            }
        }
        // The first launch leaves the choice to ECS; each refusal tries the next pair of subnet and
        // provider alone.
        if let Some(tried) = self.capacity_refusals.checked_sub(1) {
            let tried = usize::try_from(tried).unwrap_or_default();
            let providers = task.capacity.len().max(1);
            only(&mut task.capacity, tried);
            if let Some(network) = &mut task.network {
                only(&mut network.subnets, tried / providers);
            }
        }
        // Those who are left may have none, and ECS takes no strategy without a weight.
        if task.capacity.iter().all(|item| item.weight == 0) {
            task.capacity.iter_mut().for_each(|item| item.weight = 1);
        }
    }
}

/// Leaves the `nth` of the choices, counted round and round.
fn only<T>(choices: &mut Vec<T>, nth: usize) {
    if choices.len() > 1 {
        let nth = nth % choices.len();
        choices.swap(0, nth);
        choices.truncate(1);
    }
}

/// The variables a task sees, by fixed names: event text never reaches a name or a command.
fn variables(trigger: &Trigger, input: &Input, id: &LaunchId) -> BTreeMap<String, String> {
    let order = match trigger.order {
        Order::Latest => "latest",
        Order::All => "all",
    };
    let mut variables = BTreeMap::from([
        ("LONGSHORE_RUN", id.run.to_string()),
        ("LONGSHORE_ATTEMPT", id.attempt.to_string()),
        ("LONGSHORE_LAUNCH", id.launch.to_string()),
        ("LONGSHORE_TRIGGER", trigger.name.clone()),
    ]);
    if let Some(timeout) = trigger.task.timeout {
        variables.insert("LONGSHORE_TIMEOUT", timeout.get().to_string());
    }
    match input.tick() {
        Some(tick) => variables.insert("LONGSHORE_SCHEDULED_TIME", tick.scheduled_at.to_string()),
        None => variables.insert("LONGSHORE_ORDER", order.to_owned()),
    };
    if let Some(shard) = input.tick().and_then(|tick| tick.shard) {
        variables.insert("LONGSHORE_SHARD", shard.number.to_string());
        variables.insert("LONGSHORE_SHARDS", shard.of.to_string());
    }
    // More than one are read from the ledger.
    let object = input.object().cloned();
    let optional = object.into_iter().flat_map(|object| {
        [
            ("LONGSHORE_BUCKET", Some(object.bucket)),
            ("LONGSHORE_KEY", Some(object.key)),
            ("LONGSHORE_VERSION_ID", object.version_id),
            ("LONGSHORE_ETAG", object.etag),
            ("LONGSHORE_SIZE", object.size.map(|size| size.to_string())),
            ("LONGSHORE_SEQUENCER", object.sequencer),
        ]
    });
    variables.extend(optional.filter_map(|(name, value)| Some((name, value?))));
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests;
