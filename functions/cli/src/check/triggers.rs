//! template ─▶ the messages that its rules and schedules would send ─▶ judged as `trigger` would

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use longshore::{
    batch::Options,
    fleet::queue_name,
    pool,
    trigger::{Envelope, Event, Rejected, Schedule, warnings},
};
use longshore_eventbridge::{Origin, Transformer};
use longshore_local::template::{
    Declared, Problem, Resource, RuleSpec, ScheduleSpec, Stack, TargetSpec,
};

use super::{
    dead::{TODO, dead},
    upload::uploaded,
};

/// Begins the command of a container of ours that works off the objects of a tick.
const BATCH: &str = "batch";

/// A trigger that can be carried out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Checked {
    pub(super) name: String,
    /// Logical id of its rule or schedule, and when that fires.
    pub(super) by: String,
    /// Its next tick.
    pub(super) next: Option<Timestamp>,
    pub(super) warnings: Vec<String>,
    /// What its tasks list, if they work off a batch.
    pub(super) batch: Option<Options>,
    /// The queue that its runs go to, if they do.
    pub(super) pool: Option<String>,
}

/// What is wrong, and what to do.
struct Wrong {
    what: String,
    remedy: String,
}

/// The triggers of a template, and what is wrong with them.
pub(super) fn checked(stack: &Stack, rate: f64, now: Timestamp) -> (Vec<Checked>, Vec<Problem>) {
    let (mut triggers, mut problems) = (Vec::new(), Vec::new());
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for declared in &stack.resources {
        for (by, message, schedule) in messages(declared, now) {
            let found = judged(&message, schedule, now).and_then(|(envelope, batch, next)| {
                let name = envelope.trigger.name.clone();
                if let Some(owner) = owners.insert(name.clone(), declared.logical_id.clone()) {
                    return Err(clash(&name, &owner));
                }
                if let Some(dead) = envelope.trigger.pool().and_then(|url| dead(stack, url)) {
                    let what = format!("trigger.queue: {dead}");
                    return Err(Wrong { what, remedy: TODO.to_owned() });
                }
                let warnings = warned(&envelope, rate);
                let pool = envelope.trigger.pool().map(|url| queue_name(url).to_owned());
                Ok(Checked { name, by, next, warnings, batch, pool })
            });
            match found {
                Ok(trigger) => triggers.push(trigger),
                Err(Wrong { what, remedy }) => problems.push(Problem {
                    line: declared.line,
                    path: format!("Resources.{}", declared.logical_id),
                    what,
                    remedy,
                }),
            }
        }
    }
    (triggers, problems)
}

/// What each rule or schedule sends that wraps settings around its event: who sends it, the body of
/// the message, and the schedule.
fn messages(declared: &Declared, now: Timestamp) -> Vec<(String, String, Option<&ScheduleSpec>)> {
    let id = &declared.logical_id;
    let found = match &declared.resource {
        Resource::Rule(rule) => {
            let bodies = rule.targets.iter().filter_map(|target| of_rule(rule, target, now));
            bodies.map(|body| (id.clone(), body, None)).collect()
        }
        Resource::Schedule(schedule) => {
            let off = if schedule.enabled { "" } else { ", disabled" };
            let by = format!("{id}: {} {}{off}", schedule.expression, schedule.timezone);
            vec![(by, of_schedule(schedule, now), Some(schedule))]
        }
        _ => Vec::new(),
    };
    found.into_iter().filter(|(_, body, _)| body.contains("\"trigger\"")).collect()
}

/// The message about an object that has just been uploaded.
fn of_rule(rule: &RuleSpec, target: &TargetSpec, now: Timestamp) -> Option<String> {
    let transformer = Transformer::parse(&target.input_paths, target.input_template.as_ref()?);
    let time = now.to_string();
    let origin = Origin { rule_arn: &rule.arn, rule_name: &rule.name, ingestion_time: &time };
    transformer.ok().map(|it| it.apply(&uploaded("bucket", "key", &time), &origin))
}

/// The message of a tick.
fn of_schedule(schedule: &ScheduleSpec, now: Timestamp) -> String {
    schedule
        .input
        .replace("<aws.scheduler.schedule-arn>", &schedule.arn)
        .replace("<aws.scheduler.scheduled-time>", &now.to_string())
        .replace("<aws.scheduler.execution-id>", "check")
        .replace("<aws.scheduler.attempt-number>", "1")
}

/// A message as `trigger` would accept it, what its tasks list, and the next tick.
fn judged(
    message: &str,
    spec: Option<&ScheduleSpec>,
    now: Timestamp,
) -> Result<(Envelope, Option<Options>, Option<Timestamp>), Wrong> {
    let envelope = Envelope::parse(message)?;
    let batch = batch(&envelope)?;
    let next = match (spec, &envelope.trigger.schedule) {
        (Some(spec), Some(schedule)) => {
            agree(spec, schedule)?;
            let next = schedule.timetable(now)?.upcoming(now).map_err(|error| Wrong {
                what: format!("trigger.schedule: {error}"),
                remedy: "correct it, or take the schedule away".into(),
            })?;
            spec.enabled.then_some(next)
        }
        _ => None,
    };
    Ok((envelope, batch, next))
}

/// What its tasks list, if they work off a batch.
fn batch(envelope: &Envelope) -> Result<Option<Options>, Wrong> {
    let [batch, words @ ..] = envelope.trigger.task.command.as_slice() else { return Ok(None) };
    if batch != BATCH {
        return Ok(None);
    }
    Options::parse(words.iter().cloned()).map(Some).map_err(|error| Wrong {
        what: format!("trigger.task.command: {error}"),
        remedy: "correct the words behind `batch`".into(),
    })
}

/// The schedule's own words are said once more in its settings, for who looks for lost ticks.
fn agree(spec: &ScheduleSpec, said: &Schedule) -> Result<(), Wrong> {
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let instant = |text: &Option<String>| text.as_deref().and_then(|it| it.parse().ok());
    let shown =
        |at: Option<Timestamp>| at.map_or_else(|| "not set".to_owned(), |at| at.to_string());
    let window = SignedDuration::from_mins(i64::from(spec.window_minutes));
    let says_window = said.flexible_time_window.map_or(0, |window| i64::from(window.get()));
    let says_window = SignedDuration::from_secs(says_window);
    let zone = said.timezone.as_deref().unwrap_or("UTC").to_owned();
    let pairs = [
        ("expression", squeezed(&spec.expression), squeezed(&said.expression)),
        ("timezone", spec.timezone.clone(), zone),
        ("start", shown(spec.start), shown(instant(&said.start))),
        ("end", shown(spec.end), shown(instant(&said.end))),
        ("flexibleTimeWindow", format!("{window:#}"), format!("{says_window:#}")),
    ];
    match pairs.into_iter().find(|(_, is, says)| is != says) {
        None => Ok(()),
        Some((at, is, says)) => Err(Wrong {
            what: format!("trigger.schedule.{at}: is `{says}`, and of the schedule itself `{is}`"),
            remedy: "say the same in both: by the settings those ticks are found that are not sent"
                .into(),
        }),
    }
}

fn clash(name: &str, owner: &str) -> Wrong {
    Wrong {
        what: format!("trigger.name: `{name}` is the name of {owner}'s trigger too"),
        remedy: "give one of them another name".into(),
    }
}

/// What looks wrong about the settings, and is carried out all the same.
/// The same, and whether so many objects a second are too many for a task each.
fn warned(envelope: &Envelope, rate: f64) -> Vec<String> {
    let Envelope { trigger, event, .. } = envelope;
    let warned = warnings(trigger, event).into_iter().map(|warning| warning.to_string());
    let objects = f64::from(trigger.batch.as_ref().map_or(1, |batch| batch.objects.max(1)));
    let is_of_tasks = matches!(event, Event::Object(_)) && trigger.pool().is_none();
    let advice = if is_of_tasks { pool::advice(rate / objects) } else { None };
    warned.chain(advice).map(|warning| format!("{}: {warning}", trigger.name)).collect()
}

impl From<Rejected> for Wrong {
    fn from(rejected: Rejected) -> Self {
        Self { what: format!("{}: {}", rejected.at, rejected.why), remedy: rejected.todo.into() }
    }
}
