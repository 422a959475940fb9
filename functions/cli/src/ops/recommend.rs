//! `longshore recommend QUEUE`: what other settings, and other scalers, would have made of what the
//! queue's scaler saw. With `shadow` it has seen it without touching anything.

use jiff::SignedDuration;
use longshore::scale::Observation;
use longshore_simulate::{Recorded, Trace};

use super::{OpsError, Stack, now, scale_story::known};
use crate::{
    args::RecommendArgs,
    page::say,
    simulate::{Load, WORK_SECS, judge},
};

/// Rows of the longest time: one a minute for fourteen days, and those of scalers that were cut off.
const RECORDS_MAX: usize = 25_000;

pub(super) async fn recommend(
    stack: &Stack,
    asked: &RecommendArgs,
    is_json: bool,
) -> Result<(), OpsError> {
    let queue = known(stack, &asked.queue, "is no queue that the ledger knows").await?;
    let from = now() - SignedDuration::from_hours(24 * asked.days);
    let records = stack.ledger.records(&queue.queue, from, RECORDS_MAX).await;
    let mut records = records.map_err(|error| stack.ledger_error(error))?;
    records.reverse();
    let seen: Vec<Observation> = records.into_iter().flat_map(|it| it.observations).collect();
    if asked.log {
        for observation in &seen {
            say(&serde_json::to_string(observation).unwrap_or_default());
        }
        return Ok(());
    }
    let load = load(&queue.queue, &seen, queue.settings.scale, asked).map_err(OpsError::Said)?;
    judge(&load, &asked.show, is_json).map_err(OpsError::Said)
}

/// What came to the queue, to be worked off by its own settings.
fn load(
    name: &str,
    seen: &[Observation],
    settings: longshore::scale::Settings,
    asked: &RecommendArgs,
) -> Result<Load, String> {
    let recorded = Recorded::of(seen)
        .map_err(|bad| format!("observation {}: {}; take fewer --days", bad.line, bad.why))?;
    if recorded.arrivals.is_empty() {
        let days = asked.days;
        return Err(format!(
            "no message came to `{name}` in {days} d, as far as its scaler saw; it records from its \
             first minute on, with `shadow` too"
        ));
    }
    let work_secs = recorded.work_secs.or(settings.expected_seconds).unwrap_or(WORK_SECS);
    let slots = usize::try_from(settings.messages_per_task).unwrap_or(1);
    let max_wait_secs = settings.max_wait.get().into();
    let Recorded { arrivals, launch_secs, .. } = recorded;
    let trace = Trace::of(name, arrivals, work_secs, slots, max_wait_secs, asked.show.seed);
    Ok(Load { trace, settings, launch_secs })
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use longshore::scale::{Finished, Reading, Settings};

    use super::*;
    use crate::args::{Args, Command, OpsCommand};

    fn asked() -> RecommendArgs {
        match Args::try_parse_from(["longshore", "recommend", "work"]).unwrap().command {
            Command::Ops(OpsCommand::Recommend(asked)) => asked,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_was_seen_is_the_load_that_is_judged() {
        let seen = |at_secs: f64, visible: f64, messages: f64| Observation {
            at_secs,
            queue: Some(Reading { at_secs, visible, in_flight: 0.0 }),
            workers: Some(Finished { messages, busy_secs: 4.0 * messages }),
            started_secs: vec![30.0],
            ..Observation::default()
        };
        let settings = Settings { messages_per_task: 3, ..Settings::default() };
        let log = [seen(0.0, 2.0, 0.0), seen(10.0, 0.0, 2.0)];
        let load = load("work", &log, settings.clone(), &asked()).unwrap();
        assert_eq!((load.trace.arrivals.len(), load.trace.slots), (2, 3));
        assert_eq!((load.launch_secs, load.trace.max_wait_secs), (Some(30.0), 60.0));
        judge(&load, &asked().show, true).unwrap();
        let nothing = super::load("work", &[], settings, &asked()).unwrap_err();
        assert!(nothing.starts_with("no message came to `work` in 7 d"), "{nothing}");
    }
}
