//! `longshore run`: one run now, of a tick or of an object that is there.

use jiff::Timestamp;
use longshore::{
    backfill::{Beside, beside, time},
    run::{ObjectOrder, Run, RunId, State},
    trigger::{Event, Registered, Tick, plan},
};
use longshore_aws::S3Objects;
use longshore_engine::ports::{Ledger as _, ObjectTrouble};
use serde_json::json;

use super::{
    OpsError, Stack,
    follow::{Sought, judged},
    next::zone_of,
    now, print_json,
    runs::age,
    spans::{on_clock, whole_second},
    triggers::times_of,
};
use crate::{
    args::StartArgs,
    page::{complain, say},
};

pub(super) async fn start(stack: &Stack, asked: &StartArgs, is_json: bool) -> Result<(), OpsError> {
    let trigger = stack.trigger(&asked.trigger).await?;
    let event = event(stack, &trigger, asked, now()).await?;
    if let Some(warning) = asked.at.as_ref().and_then(|_| no_tick(&trigger, &event)) {
        complain("longshore", &warning);
    }
    let known = stack.known(&trigger, std::slice::from_ref(&event)).await?.pop().flatten();
    let sought = known.clone().map_or_else(|| sought(&trigger, &event), Sought::Run);
    let there = match &sought {
        Sought::Run(id) => stack.ledger.run(id).await.map_err(|error| stack.ledger_error(error))?,
        Sought::Object(..) => None,
    };
    // A tick that started nothing is there, and starts after all.
    let (before, past) = if known.is_some() { (there, None) } else { (None, there) };
    if before.is_none() {
        let sent = stack.inbox(&trigger).await?.send(&trigger, &event).await?;
        sent.map_err(|rejected| OpsError::Said(rejected.to_string()))?;
    }
    if !is_json {
        say(&told(&trigger, &event, &sought, before.as_ref()));
    }
    if !asked.wait {
        if is_json {
            let id = match &sought {
                Sought::Run(id) => Some(id),
                Sought::Object(..) => None,
            };
            let state = before.as_ref().map(|run| run.state);
            print_json(&json!({"run": id, "sent": before.is_none(), "state": state}));
        }
        return Ok(());
    }
    let run = stack.follow(&sought, past.as_ref(), is_json).await?;
    if is_json {
        print_json(&json!(run));
    }
    judged(&run)
}

/// What is asked for, as an event.
async fn event(
    stack: &Stack,
    trigger: &Registered,
    asked: &StartArgs,
    now: Timestamp,
) -> Result<Event, OpsError> {
    let name = &trigger.settings.name;
    let refused = |why: String| Err(OpsError::Said(why));
    match (&trigger.settings.schedule, &asked.input, &asked.at) {
        (Some(schedule), None, at) => {
            let zone = zone_of(schedule)?;
            let at = at.as_deref().unwrap_or("now");
            let scheduled_at = match at {
                "now" => whole_second(now),
                at => time(at, &zone).map_err(|error| OpsError::Said(format!("--at: {error}")))?,
            };
            if scheduled_at > now {
                return refused(format!(
                    "--at {scheduled_at} lies ahead: its run would start now, and none would at \
                     that time; leave --at out for a run now"
                ));
            }
            let schedule = trigger.source.clone();
            Ok(Event::Tick(Tick { schedule, scheduled_at, asked: true, unheard: false }))
        }
        (Some(_), Some(_), _) => refused(format!(
            "trigger {name} is a schedule's, and its runs have no input but their time: leave \
             --input out, or pass values in the task's `env`"
        )),
        (None, _, Some(_)) => refused(format!(
            "trigger {name} has no schedule, so its runs have no time: name an object with \
             --input s3://bucket/key"
        )),
        (None, None, None) => refused(format!(
            "trigger {name} starts runs of objects: name one with --input s3://bucket/key"
        )),
        (None, Some(input), None) => object(stack, input).await.map(Event::Object),
    }
}

/// That the time asked for is none of the schedule's: its run starts, and nobody else's is at that
/// time. Nothing is known of a rate whose ticks count from a time that nobody has told.
fn no_tick(trigger: &Registered, event: &Event) -> Option<String> {
    let Event::Tick(tick) = event else { return None };
    let at = tick.scheduled_at;
    let times = times_of(trigger, at).ok()?;
    let Beside { before, after } = beside(&times, at)?;
    let told = |at: Option<Timestamp>| {
        at.map_or_else(|| "none".to_owned(), |at| on_clock(times.zone(), at))
    };
    Some(format!(
        "--at {at} is no tick of `{}` in {}: the one before is {}, the one after {}; its run is \
         started all the same",
        times.schedule(),
        times.zone(),
        told(before),
        told(after)
    ))
}

/// The present version of `s3://bucket/key`.
async fn object(stack: &Stack, input: &str) -> Result<longshore::trigger::ObjectEvent, OpsError> {
    let place = input.strip_prefix("s3://").and_then(|place| place.split_once('/'));
    let place = place.filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty());
    let Some((bucket, key)) = place else {
        return Err(OpsError::Said(format!(
            "--input `{}` is no object; write s3://bucket/key",
            input.escape_debug()
        )));
    };
    let found = S3Objects::new(&stack.clients).present(bucket, key).await;
    found.map_err(|trouble| {
        let input = input.escape_debug();
        OpsError::Said(match trouble {
            ObjectTrouble::Gone(_) => format!("there is no object {input}"),
            trouble => format!("object {input}: {trouble}"),
        })
    })
}

/// By what the run is found that the event becomes: those who gather name it by its company.
fn sought(trigger: &Registered, event: &Event) -> Sought {
    let settings = &trigger.settings;
    match event {
        Event::Object(object) if settings.gathers() => {
            let order = ObjectOrder::of(settings.order, object);
            Sought::Object(settings.name.clone(), order.object)
        }
        event => Sought::Run(plan(settings, event).run),
    }
}

fn told(trigger: &Registered, event: &Event, sought: &Sought, before: Option<&Run>) -> String {
    let about = match event {
        Event::Tick(tick) => format!("the tick of {}", tick.scheduled_at),
        Event::Object(object) => {
            format!("s3://{}/{}", object.bucket.escape_debug(), object.key.escape_debug())
        }
    };
    let name = &trigger.settings.name;
    match (before, sought) {
        (Some(run), _) => already(run, &about),
        (None, _) if trigger.paused_at.is_some() => {
            format!("{about} is sent; trigger {name} is paused: longshore resume {name} starts it")
        }
        (None, Sought::Run(id)) => sent(id, name, &about),
        (None, Sought::Object(..)) => {
            format!("{about} is sent; trigger {name} gathers it with others into a run")
        }
    }
}

fn sent(id: &RunId, trigger: &str, about: &str) -> String {
    format!("run {id} of trigger {trigger}, about {about}, is sent; see longshore why {id}")
}

/// It is there, so nothing was started.
fn already(run: &Run, about: &str) -> String {
    let id = &run.id;
    let since = age(now().duration_since(run.since.unwrap_or(run.admitted_at)));
    let stands = format!("{about} is run {id} already ({}, since {since})", run.state.word());
    match run.state {
        State::Failed | State::Cancelled => {
            format!("{stands}: longshore redrive {id} gives it another attempt")
        }
        _ => format!("{stands}: nothing is started"),
    }
}
