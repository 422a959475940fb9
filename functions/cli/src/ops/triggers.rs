//! Triggers as the ledger knows them, by name.

use jiff::Timestamp;
use longshore::{
    backfill::{Timetable, timetable},
    run::Run,
    trigger::{Event, Registered, Schedule, Tick, plan},
};
use longshore_engine::ports::Ledger as _;
use strsim::levenshtein;

use super::{OpsError, Stack};

/// Letters by which a misspelt name may differ.
const SLIPS_MAX: usize = 2;
/// Names that an error tells.
const NAMES_MAX: usize = 5;
/// How a trigger becomes known: its settings come with its events, and with nothing else.
const FIRST_EVENT: &str = "a trigger is known from its first event on: upload an object that its \
                           rule matches, or wait for the next tick of its schedule, which \
                           `longshore check TEMPLATE` tells, and ask again";
/// Runs among which the newest tick is looked for.
const PAGE: usize = 100;

impl Stack {
    /// What is remembered of a trigger, or an error that names those that there are.
    pub(super) async fn trigger(&self, name: &str) -> Result<Registered, OpsError> {
        let trouble = |error| self.ledger_error(error);
        if let Some(registered) = self.ledger.registered(name).await.map_err(trouble)? {
            return Ok(registered);
        }
        let names = self.ledger.triggers().await.map_err(trouble)?;
        Err(OpsError::Said(format!(
            "the ledger knows no trigger `{}`: {}",
            name.escape_debug(),
            advice(name, &names)
        )))
    }

    /// The run of the schedule's last tick, or of the newest one that somebody asked for.
    pub(super) async fn last_tick(&self, trigger: &Registered) -> Result<Option<Run>, OpsError> {
        let trouble = |error| self.ledger_error(error);
        let name = &trigger.settings.name;
        let newest = self.ledger.runs(name, false, PAGE, None).await.map_err(trouble)?;
        let waiting = self.ledger.runs(name, true, PAGE, None).await.map_err(trouble)?;
        let mut runs: Vec<Run> = newest.runs.into_iter().chain(waiting.runs).collect();
        if let Some(scheduled_at) = trigger.ticked_at {
            let schedule = trigger.source.clone();
            let tick = Event::Tick(Tick { schedule, scheduled_at, asked: false, unheard: false });
            let run = self.ledger.run(&plan(&trigger.settings, &tick).run).await;
            runs.extend(run.map_err(trouble)?);
        }
        let due = |run: &Run| run.input.tick().map(|tick| tick.scheduled_at);
        let ticks = runs.into_iter().filter(|run| due(run).is_some() && !run.is_shard());
        Ok(ticks.max_by_key(due))
    }
}

/// When the trigger's schedule fires, from `from` on.
pub(super) fn times_of(trigger: &Registered, from: Timestamp) -> Result<Timetable, OpsError> {
    let schedule = schedule_of(trigger)?;
    let name = &trigger.settings.name;
    let is_rate = schedule.expression.trim().starts_with("rate");
    let heard = match trigger.ticked_at {
        None if is_rate && schedule.start.is_none() => {
            return Err(OpsError::Said(format!(
                "`{}` of trigger {name} counts from when the schedule was made, and it has \
                 sent no tick yet that tells; give the schedule a start date",
                schedule.expression.escape_debug()
            )));
        }
        heard => heard.unwrap_or(from),
    };
    timetable(schedule, heard, from).map_err(|error| {
        OpsError::Said(format!("the schedule of trigger {name} cannot be read: {error}"))
    })
}

/// Its schedule, or an error that says what else to do.
pub(super) fn schedule_of(trigger: &Registered) -> Result<&Schedule, OpsError> {
    trigger.settings.schedule.as_ref().ok_or_else(|| {
        OpsError::Said(format!(
            "trigger {} has no schedule, but a rule that matches objects; `longshore schedules` \
             lists those that have one",
            trigger.settings.name
        ))
    })
}

/// Names that may be meant, or all, or how a trigger becomes known.
fn advice(name: &str, names: &[String]) -> String {
    advice_on(name, names, FIRST_EVENT)
}

/// Names that may be meant, or all, or how one becomes `known`.
pub(super) fn advice_on(name: &str, names: &[String], known: &str) -> String {
    let wanted = name.to_ascii_lowercase();
    let is_near = |known: &&String| {
        let known = known.to_ascii_lowercase();
        !wanted.is_empty()
            && (known.ends_with(&wanted) || levenshtein(&known, &wanted) <= SLIPS_MAX)
    };
    if let Some(near) = names.iter().find(is_near) {
        return format!("did you mean `{near}`?");
    }
    if names.is_empty() {
        return format!("it knows none; {known}");
    }
    let told: Vec<&str> = names.iter().take(NAMES_MAX).map(String::as_str).collect();
    let more = if names.len() > NAMES_MAX { ", …" } else { "" };
    format!("it knows {}{more}; {known}", told.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{FIRST_EVENT, advice};

    #[test]
    fn a_near_name_is_proposed_and_otherwise_those_that_there_are() {
        let names = ["stack-hourly", "stack-uploads"].map(str::to_owned);
        let all = format!("it knows stack-hourly, stack-uploads; {FIRST_EVENT}");
        for (name, said) in [
            ("stack-hurly", "did you mean `stack-hourly`?"),
            ("uploads", "did you mean `stack-uploads`?"),
            ("STACK-hourly", "did you mean `stack-hourly`?"),
            ("nightly", &all),
            ("", &all),
        ] {
            assert_eq!(advice(name, &names), said, "{name}");
        }
        let many: Vec<_> = (0..7).map(|n| format!("t{n}")).collect();
        assert!(advice("another", &many).starts_with("it knows t0, t1, t2, t3, t4, …; "));
        assert_eq!(advice("any", &[]), format!("it knows none; {FIRST_EVENT}"));
    }
}
