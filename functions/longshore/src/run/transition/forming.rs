//! Runs of several objects: one claims them before it is admitted, and is split when its work
//! fails and does not say of which object.

use jiff::Timestamp;

use super::{admission::begun, ending::end, enter, later};
use crate::{
    run::{
        change::{Also, Change, Page},
        identity::RunId,
        outcome::{Class, Outcome},
        places::Places,
        spent::Spent,
        state::{Entry, Run, State},
        steps::Refused,
    },
    trigger::{Gathering, Input, Listed, ObjectVersion, Objects, Order, Trigger},
};

/// How long whoever gathered a run is given to claim its objects, before the sweep does.
const FORMING_SECS: i64 = 60;
/// Most bytes of a page as JSON: a row holds 400 KB (DynamoDB quotas), and small ones are cheap to
/// write again.
const PAGE_BYTES_MAX: usize = 64 * 1_024;

/// T1 of several objects: a run that will claim them, and the list of them.
#[must_use]
pub fn form(trigger: &Trigger, gathering: &Gathering, now: Timestamp, wid: String) -> Change {
    let Gathering { run: id, input, list, .. } = gathering;
    let note = format!("{} objects gathered", list.len());
    let run = Run {
        state: State::Forming,
        due: Some(later(now, FORMING_SECS)),
        latest: trigger.order == Order::Latest,
        history: vec![Entry { at: now, state: State::Forming, note }],
        ..begun(id.clone(), &trigger.name, input.clone(), now, wid)
    };
    let page = |(number, objects): (u32, &[Listed])| {
        Also::Page(Page { list: id.clone(), number, objects: objects.to_vec() })
    };
    let also = (0..).zip(pages(list)).map(page).collect();
    Change { run, expects_ver: None, also }
}

/// Cuts the list where a page would become too large.
fn pages(list: &[Listed]) -> Vec<&[Listed]> {
    let bytes = |listed: &Listed| serde_json::to_string(listed).map_or(0, |json| json.len());
    let mut pages = Vec::new();
    let (mut first, mut size) = (0, 0);
    for (nth, listed) in list.iter().enumerate() {
        let more = bytes(listed);
        if size + more > PAGE_BYTES_MAX && nth > first {
            pages.extend(list.get(first..nth));
            (first, size) = (nth, 0);
        }
        size += more;
    }
    pages.extend(list.get(first..).filter(|rest| !rest.is_empty()));
    pages
}

/// The objects are claimed, and the run goes on with those that it got.
pub(super) fn formed(
    run: &mut Run,
    attempt: u32,
    won: Places,
    only: Option<ObjectVersion>,
    now: Timestamp,
) -> Result<Vec<Also>, Refused> {
    // What an earlier attempt had claimed may be another's since.
    let is_due = (run.state, run.attempt) == (State::Forming, attempt);
    let Some(objects) = run.input.objects().filter(|_| is_due) else {
        return Err(Refused::Stale);
    };
    let of = objects.left.len();
    run.waits = None;
    if won.is_empty() {
        let reason = format!("other runs have its {objects}, or newer versions");
        return Ok(end(run, Outcome::new(Class::Superseded, reason), now));
    }
    let note = format!("{} of {of} objects are its own", won.len());
    run.input = match only {
        Some(object) => {
            run.latest &= object.sequencer.is_some();
            Input::Object(object)
        }
        None => Input::Objects(Objects { list: objects.list.clone(), left: won }),
    };
    enter(run, State::Admitted, note, now);
    run.due = Some(now);
    Ok(Vec::new())
}

/// Whether another half of the objects might fare better.
pub(super) fn is_of_the_work(class: Class) -> bool {
    matches!(class, Class::Work | Class::Rejected | Class::OutOfMemory)
}

/// Leaves those objects of which the work said that they failed; whether it said so.
pub(super) fn only_failed(run: &mut Run) -> bool {
    let Input::Objects(objects) = &mut run.input else { return false };
    let failed = run.result.as_ref().map(|result| &result.failed);
    match failed.filter(|failed| !failed.is_empty() && failed.are_among(&objects.left)) {
        Some(failed) => {
            objects.left = failed.clone();
            true
        }
        None => false,
    }
}

/// Ends the run, and begins one of each half of its objects, so that one bad object does not fail
/// the others; a single object fails.
pub(super) fn split(run: &mut Run, outcome: Outcome, now: Timestamp) -> Vec<Also> {
    let objects = run.input.objects().filter(|objects| objects.left.len() > 1);
    let Some(objects) = objects.cloned() else { return end(run, outcome, now) };
    let parts: Vec<Run> = ["1", "2"]
        .into_iter()
        .zip(objects.left.halves())
        .map(|(nth, left)| part(run, nth, Objects { left, ..objects.clone() }, now))
        .collect();
    let names: Vec<&str> = parts.iter().map(|part| part.id.as_str()).collect();
    let reason = format!("split into runs {}: {}", names.join(" and "), outcome.reason);
    let mut also = end(run, Outcome { class: Class::Superseded, reason, ..outcome }, now);
    also.extend(parts.into_iter().map(|part| Also::Part(Box::new(part))));
    also
}

/// The run of one half, which has the last attempt left: it takes the objects over from this one.
fn part(run: &Run, nth: &str, objects: Objects, now: Timestamp) -> Run {
    let id = RunId::derive(&run.trigger, &format!("{}/{}/{nth}", run.id, run.attempt));
    let note = format!("{objects} of run {}", run.id);
    let retry = run.target.as_ref().map(|target| target.retry.attempts).unwrap_or_default();
    Run {
        state: State::Forming,
        parent: Some(run.id.clone()),
        // In the queue it has the place of its elder.
        admitted_at: run.admitted_at,
        latest: run.latest,
        spent: Spent {
            work: retry.saturating_sub(1),
            memory: run.spent.memory,
            ..Spent::default()
        },
        history: vec![Entry { at: now, state: State::Forming, note }],
        ..begun(id, &run.trigger, Input::Objects(objects), now, run.wid.clone())
    }
}
