//! The ticks that a schedule had between two times.

use jiff::Timestamp;
use longshore::{
    backfill::{ticks as between, time},
    trigger::{Event, Overlap, Registered, Tick},
};

use super::{
    Outcome,
    ended::{Ended, pause},
    sending::{Flow, LOOKED_UP, Sending},
};
use crate::{
    args::BackfillArgs,
    ops::{
        OpsError, Stack,
        next::zone_of,
        now,
        spans::{on_clock, whole_second},
        triggers::{schedule_of, times_of},
    },
};

pub(super) async fn ticks(
    stack: &Stack,
    asked: &BackfillArgs,
    is_json: bool,
) -> Result<Outcome, OpsError> {
    let trigger = stack.trigger(&asked.trigger).await?;
    let Wanted { ticks, to } = wanted(&trigger, asked, whole_second(now()))?;
    let total = u64::try_from(ticks.len()).ok();
    let mut sending = Sending::begin(stack, &trigger, asked, total, is_json).await?;
    let sent = send(&trigger, &ticks, &mut sending).await;
    sending.end();
    let trouble = match sent {
        Err(error) if sending.counts.all() == 0 => return Err(error),
        sent => sent.err(),
    };
    let done = match &sending.last {
        Some(Event::Tick(tick)) => Some(tick.scheduled_at),
        _ => None,
    };
    let left = ticks.iter().find(|at| done.is_none_or(|done| **at > done));
    let ended = Ended {
        trigger: asked.trigger.clone(),
        noun: "tick",
        counts: sending.counts.clone(),
        refusal: sending.refusal.clone(),
        notes: overlap(&trigger).into_iter().chain(pause(&trigger)).collect(),
        go_on: left.map(|at| stack.again(&asked.trigger, &format!("--from {at} --to {to}"))),
    };
    Ok((ended, trouble))
}

/// Which ticks, and the end of their time.
struct Wanted {
    ticks: Vec<Timestamp>,
    to: Timestamp,
}

fn wanted(trigger: &Registered, asked: &BackfillArgs, now: Timestamp) -> Result<Wanted, OpsError> {
    let zone = zone_of(schedule_of(trigger)?)?;
    let read = |name: &str, text: &str| {
        time(text, &zone).map_err(|error| OpsError::Said(format!("{name}: {error}")))
    };
    let from = read("--from", asked.from.as_deref().unwrap_or_default())?;
    let to = asked.to.as_deref().map_or(Ok(now), |text| read("--to", text))?;
    let times = times_of(trigger, from)?;
    let ticks = between(&times, from, to, now);
    let ticks = ticks.map_err(|error| OpsError::Said(error.to_string()))?;
    if !ticks.is_empty() {
        return Ok(Wanted { ticks, to });
    }
    let next = times.upcoming(from);
    let next = next.map(|at| format!("the next after it is {}", on_clock(&zone, at)));
    Err(OpsError::Said(format!(
        "`{}` has no tick from {from} to {to}: {}",
        times.schedule(),
        next.unwrap_or_else(|why| why.to_string())
    )))
}

async fn send(
    trigger: &Registered,
    ticks: &[Timestamp],
    sending: &mut Sending<'_>,
) -> Result<Flow, OpsError> {
    for some in ticks.chunks(LOOKED_UP) {
        let tick = |at: &Timestamp| {
            let schedule = trigger.source.clone();
            Event::Tick(Tick { schedule, scheduled_at: *at, asked: true, unheard: false })
        };
        let events: Vec<_> = some.iter().map(tick).collect();
        if sending.batch(&events).await? == Flow::CutOff {
            return Ok(Flow::CutOff);
        }
    }
    Ok(Flow::GoOn)
}

/// How the ticks get along with each other and with the schedule's own.
fn overlap(trigger: &Registered) -> Option<String> {
    let schedule = trigger.settings.schedule.as_ref()?;
    let note = match schedule.overlap {
        Overlap::Allow => return None,
        Overlap::Skip => {
            "they run one after the other (overlap: skip); the schedule's own ticks are skipped \
             as long as one is at work"
        }
        Overlap::Queue => {
            "they run one after the other (overlap: queue), and the schedule's own ticks after them"
        }
        Overlap::Replace => {
            "they run one after the other (overlap: replace); a tick of the schedule's own takes \
             the place of the one at work"
        }
    };
    Some(note.to_owned())
}
