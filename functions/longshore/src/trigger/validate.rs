//! Settings that parse, and cannot work.

use std::ops::RangeInclusive;

use jiff::Timestamp;

use super::{
    event::{OF_RULE as CORRECT, Rejected},
    schedule::Overlap,
    settings::{LaunchMode, TaskSettings, Trigger},
};

mod limits;

/// Longest name: it is the `MessageGroupId` of a rule's target, which takes 100 (PutTargets API
/// reference), and part of ledger keys.
const NAME_CHARS_MAX: usize = 100;
/// Most subnets of a task (RunTask API reference).
const SUBNETS_MAX: usize = 16;
/// Most security groups of a task (RunTask API reference).
const SECURITY_GROUPS_MAX: usize = 5;
/// Variables that belong to AWS or to the loader; settings may not set them.
const RESERVED: [&str; 4] = ["AWS_", "ECS_", "LD_", "LONGSHORE_"];

/// Most ticks to catch up with: as many as are looked for at once.
const CATCH_UP_MAX: u32 = 100;

/// Tasks per tick: their runs begin together, in one transaction of at most 100 rows
/// (TransactWriteItems API reference).
const SHARDS: RangeInclusive<u32> = 1..=64;

const NAME_QUEUE: &str =
    "set it to the URL of the queue that the pool's workers poll, and the scaler scales by";
const SET_LAUNCH: &str = "set `\"launch\": \"pool\"`, or take `queue` out";
const SET_COMMAND: &str =
    "take it out, and let the workers' task definition run `longshore exec --poll -- cmd`";
const NOT_YET: &str = "take the setting out: this version does not carry it out";

impl Trigger {
    pub(super) fn validate(&self) -> Result<(), Rejected> {
        self.validate_name()?;
        self.task.validate()?;
        limits::check(self)?;
        self.validate_schedule()?;
        self.validate_pool()?;
        self.refuse_what_is_not_carried_out()
    }

    fn validate_name(&self) -> Result<(), Rejected> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        if self.name.is_empty()
            || self.name.len() > NAME_CHARS_MAX
            || !self.name.bytes().all(allowed)
        {
            let why =
                format!("`{}` is not 1 to 100 of A-Z a-z 0-9 _ . -", self.name.escape_debug());
            return Err(Rejected::new("trigger.name", why, CORRECT));
        }
        Ok(())
    }

    fn validate_schedule(&self) -> Result<(), Rejected> {
        let Some(schedule) = &self.schedule else { return Ok(()) };
        let wrong = |at: &str, why: &str| Err(Rejected::new(at, why, CORRECT));
        let timetable = schedule.timetable(Timestamp::UNIX_EPOCH)?;
        if let Err(error) = timetable.upcoming(Timestamp::UNIX_EPOCH) {
            return wrong("trigger.schedule.expression", &error.to_string());
        }
        if schedule.start_within.is_some_and(|within| schedule.jitter >= Some(within)) {
            let why = "is not shorter than `startWithin`, so that ticks would be missed by it";
            return wrong("trigger.schedule.jitter", why);
        }
        if schedule.catch_up.is_some_and(|most| most > CATCH_UP_MAX) {
            return wrong("trigger.schedule.catchUp", "is more than 100");
        }
        if schedule.shards.is_some_and(|shards| !SHARDS.contains(&shards)) {
            return wrong("trigger.schedule.shards", "is not 1 to 64");
        }
        if self.batch.is_some() {
            return wrong("trigger.batch", "is for objects, and `schedule` for ticks");
        }
        if self.concurrency.is_some() && schedule.overlap != Overlap::Allow {
            let why = "says how many ticks run at once, as `schedule.overlap` does; with `allow` it counts";
            return wrong("trigger.concurrency", why);
        }
        Ok(())
    }

    fn validate_pool(&self) -> Result<(), Rejected> {
        let wrong = |at: &str, why: &str, remedy| Err(Rejected::new(at, why, remedy));
        let Some(queue) = &self.queue else {
            return match self.launch {
                LaunchMode::Run => Ok(()),
                LaunchMode::Pool => wrong("trigger.queue", "is missing", NAME_QUEUE),
            };
        };
        if self.launch == LaunchMode::Run {
            return wrong("trigger.queue", "is set, and `launch` is not `pool`", SET_LAUNCH);
        }
        let is_url = queue.starts_with("https://") || queue.starts_with("http://");
        let is_fifo = queue.rsplit_once('.').is_some_and(|(_, suffix)| suffix == "fifo");
        if !is_url || is_fifo {
            return wrong("trigger.queue", "is not the URL of a standard queue", NAME_QUEUE);
        }
        if !self.task.command.is_empty() {
            let why = "is set, and the workers of a pool were started with a command of their own";
            return wrong("trigger.task.command", why, SET_COMMAND);
        }
        Ok(())
    }

    fn refuse_what_is_not_carried_out(&self) -> Result<(), Rejected> {
        match &self.isolation {
            Some(_) => Err(Rejected::new("trigger.isolation", "is set", NOT_YET)),
            None => Ok(()),
        }
    }
}

impl TaskSettings {
    /// Refuses settings of a trigger's task.
    fn validate(&self) -> Result<(), Rejected> {
        self.validate_names()?;
        self.validate_env()?;
        limits::check_task(self)
    }

    /// Refuses settings of a task that is no trigger's; `at` says where they were.
    pub(crate) fn validate_at(&self, at: &str) -> Result<(), Rejected> {
        self.validate().map_err(|rejected| {
            let at = rejected.at.replacen("trigger.task", at, 1);
            Rejected { at, ..rejected }
        })
    }

    fn validate_names(&self) -> Result<(), Rejected> {
        let wrong =
            |at: &str, why: String| Err(Rejected::new(format!("trigger.task.{at}"), why, CORRECT));
        let revision = self.definition.rsplit_once(':').map(|(_, revision)| revision);
        if !revision.is_some_and(|text| text.parse::<u32>().is_ok_and(|number| number > 0)) {
            let why = format!(
                "`{}` names no revision, so a deployment could change it under way",
                self.definition.escape_debug()
            );
            return wrong("definition", why);
        }
        if self.cluster.is_empty() {
            return wrong("cluster", "is empty".into());
        }
        if self.container.is_empty() {
            return wrong("container", "is empty".into());
        }
        if !self.capacity.is_empty() && self.launch_type.is_some() {
            return wrong("capacity", "excludes launchType, and both are set".into());
        }
        if !self.capacity.is_empty()
            && self.capacity.iter().all(|item| item.weight == 0 && item.base == 0)
        {
            return wrong("capacity", "has no item with a weight or a base above 0".into());
        }
        let Some(network) = &self.network else { return Ok(()) };
        if network.subnets.is_empty() || network.subnets.len() > SUBNETS_MAX {
            return wrong(
                "network.subnets",
                format!("has {} subnets, not 1 to 16", network.subnets.len()),
            );
        }
        if network.security_groups.len() > SECURITY_GROUPS_MAX {
            return wrong("network.securityGroups", "has more than 5 groups".into());
        }
        Ok(())
    }

    fn validate_env(&self) -> Result<(), Rejected> {
        for name in self.env.keys() {
            let at = format!("trigger.task.env.{}", name.escape_debug());
            let odd = |letter: char| letter == '=' || letter.is_whitespace() || letter.is_control();
            if name.is_empty() || name.contains(odd) {
                return Err(Rejected::new(at, "is no name of a variable", CORRECT));
            }
            if RESERVED.iter().any(|prefix| name.starts_with(prefix)) {
                return Err(Rejected::new(at, "is reserved", CORRECT));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
