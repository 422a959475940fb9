//! The whole RunTask call as data, frozen before it is made: a retry must not differ from the
//! first try, or its client token answers ConflictException.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    event::Rejected,
    plan::Input,
    settings::{Order, TaskSettings, Trigger},
};
use crate::run::LaunchId;

/// Most characters of `overrides`, JSON syntax included (RunTask API reference).
pub const OVERRIDES_CHARS_MAX: usize = 8_192;

/// One launch, complete.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
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
}

impl Launch {
    /// Freezes the launch `id` of the trigger's task on `input`.
    #[must_use]
    pub fn freeze(trigger: &Trigger, input: &Input, id: &LaunchId) -> Self {
        let mut task = trigger.task.clone();
        let mut environment = std::mem::take(&mut task.env);
        environment.extend(variables(trigger, input, id));
        Self {
            client_token: id.client_token(),
            started_by: id.to_string(),
            id: id.clone(),
            environment,
            task,
        }
    }

    /// Refuses overrides that RunTask would not take.
    pub fn check(&self) -> Result<(), Rejected> {
        let pairs =
            self.environment.iter().map(|(name, value)| json!({"name": name, "value": value}));
        let overrides = json!({"containerOverrides": [{
            "name": self.task.container,
            "command": self.task.command,
            "environment": pairs.collect::<Vec<_>>(),
        }]});
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
        ("LONGSHORE_ORDER", order.to_owned()),
        ("LONGSHORE_BUCKET", input.bucket.clone()),
        ("LONGSHORE_KEY", input.key.clone()),
    ]);
    let optional = [
        ("LONGSHORE_VERSION_ID", input.version_id.clone()),
        ("LONGSHORE_ETAG", input.etag.clone()),
        ("LONGSHORE_SIZE", input.size.map(|size| size.to_string())),
        ("LONGSHORE_SEQUENCER", input.sequencer.clone()),
    ];
    variables.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests;
