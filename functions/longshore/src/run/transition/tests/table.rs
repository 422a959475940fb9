//! Every step from every state.

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::{
    states::{NOW_SECS, launching_or_in_backoff, over, steps, with_a_task, without_a_launch},
    *,
};
use crate::run::Counted;

/// The state that follows, and what is written with it.
fn told_of(before: &Run, change: &Change) -> String {
    let run = &change.run;
    let mut text = format!("─▶ {}", run.state.word());
    if run.launch_id() != before.launch_id() {
        write!(text, " {}/{}", run.attempt, run.launch).unwrap();
    }
    if run.stopping != before.stopping {
        text += if run.stopping.is_some() { ", stopping" } else { ", stopping no more" };
    }
    for also in &change.also {
        let word = match also {
            Also::Launch(_) => "freezes".into(),
            Also::Object(_) => "claims the object".into(),
            Also::Page(page) => format!("lists {} objects", page.objects.len()),
            Also::Part(part) => format!("begins a run of {:?}", part.input.objects()),
            Also::Outbox(message) if message.sent_at.is_some() => "is sent".into(),
            Also::Outbox(message) => format!("owes {}", message.to.word()),
            Also::HoldObject(_) => "holds the object".into(),
            Also::FreeObject(_) => "frees the object".into(),
            Also::TakeSlot(slot) => format!("takes slot {}", slot.number),
            Also::FreeSlot(slot) => format!("frees slot {}", slot.number),
            Also::Count { what: Counted::Ended(_), .. } => "counts".into(),
            Also::Count { what: Counted::Redriven, .. } => "counts once more".into(),
        };
        write!(text, ", {word}").unwrap();
    }
    text
}

/// What every step does to the run, a line for each answer; without what does nothing for the
/// reason that most steps do nothing.
fn answers(run: &Run) -> String {
    let mut answers: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, step) in steps(run) {
        let answer = match transition(run, step, at(NOW_SECS), "w".into()) {
            Ok(change) => told_of(run, &change),
            Err(refused) => format!("{refused:?}"),
        };
        match answers.iter_mut().find(|(known, _)| *known == answer) {
            Some((_, names)) => names.push(name),
            None => answers.push((answer, vec![name])),
        }
    }
    let usual = if run.state.is_terminal() { "Ended" } else { "Stale" };
    answers.retain(|(answer, _)| answer != usual);
    answers.iter().fold(String::new(), |mut text, (answer, names)| {
        writeln!(text, "  {answer}: {}", names.join(", ")).unwrap();
        text
    })
}

/// Checks what every step does to each of the runs.
#[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
fn check(runs: &[(&str, Run)], expected: Expect) {
    let mut table: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, run) in runs {
        let answers = answers(run);
        match table.iter_mut().find(|(known, _)| *known == answers) {
            Some((_, names)) => names.push(name),
            None => table.push((answers, vec![name])),
        }
    }
    let block =
        |(answers, names): &(String, Vec<&str>)| format!("{}\n{answers}", names.join(" | "));
    expected.assert_eq(&table.iter().map(block).collect::<String>());
}

#[test]
fn every_step_of_a_run_without_a_launch() {
    check(
        &without_a_launch(),
        expect![[r#"
        forming
          Duplicate: claim, claim with slot, launched
          ─▶ forming: wait for older, look again
          ─▶ cancelled, counts, owes bus: cancel
        admitted | admitted, waits for a permit | admitted, waits for the older
          NeedsSlot: claim
          ─▶ launching, takes slot 0, holds the object, freezes: claim with slot
          ─▶ admitted: wait for slot, wait for older, wait for permit, look again
          ─▶ superseded, counts, owes bus: overtaken
          Duplicate: launched
          ─▶ cancelled, counts, owes bus: cancel
        admitted, waits for a slot
          NeedsSlot: claim
          ─▶ launching, takes slot 0, holds the object, freezes: claim with slot
          Duplicate: wait for slot, launched
          ─▶ admitted: wait for older, wait for permit
          ─▶ superseded, counts, owes bus: overtaken
          ─▶ cancelled, counts, owes bus: cancel
        admitted, paused
          NeedsSlot: claim
          ─▶ launching, takes slot 0, holds the object, freezes: claim with slot
          ─▶ admitted: wait for slot, wait for older, wait for permit
          ─▶ superseded, counts, owes bus: overtaken
          Duplicate: launched
          ─▶ cancelled, counts, owes bus: cancel
    "#]],
    );
}

#[test]
fn every_step_of_a_run_that_is_launched_or_in_backoff() {
    check(
        &launching_or_in_backoff(),
        expect![[r#"
            launching
              TooEarly(2026-11-12T00:01:50Z): claim, claim with slot
              ─▶ launched: launched
              ─▶ backoff 1/2: refused
              ─▶ failed, counts, owes failed, owes bus, frees slot 1, frees the object: refused for good, settle: reject
              ─▶ running: fence, fence by another, progress
              ─▶ succeeded, counts, owes bus, frees slot 1, frees the object: settle: done, settle: another task
              ─▶ backoff 2/1: settle: crash
              ─▶ cancelled, counts, owes bus, frees slot 1, frees the object: settle: stopped by call
              ─▶ launching, stopping: cancel
              ─▶ launching: look again
            launching with an old token
              ─▶ launching 1/2, holds the object, freezes: claim, claim with slot
              ─▶ superseded, counts, owes bus, frees slot 1, frees the object: overtaken
              ─▶ launched: launched
              ─▶ backoff 1/2: refused
              ─▶ failed, counts, owes failed, owes bus, frees slot 1, frees the object: refused for good, settle: reject
              ─▶ running: fence, fence by another, progress
              ─▶ succeeded, counts, owes bus, frees slot 1, frees the object: settle: done, settle: another task
              ─▶ backoff 2/1: settle: crash
              ─▶ cancelled, counts, owes bus, frees slot 1, frees the object: settle: stopped by call
              ─▶ launching, stopping: cancel
              ─▶ launching: look again
            launching, being cancelled
              TooEarly(2026-11-12T00:01:50Z): claim, claim with slot
              ─▶ launched: launched
              ─▶ cancelled, counts, owes bus, frees slot 1, frees the object: refused, refused for good, settle: crash, settle: reject, settle: stopped by call
              ─▶ running: progress
              ─▶ succeeded, counts, owes bus, frees slot 1, frees the object: settle: done, settle: another task
              Duplicate: stop: start, stop: time, cancel
              ─▶ launching: look again
            launching with an old token, being cancelled
              ─▶ cancelled, counts, owes bus, frees slot 1, frees the object: claim, claim with slot, refused, refused for good, settle: crash, settle: reject, settle: stopped by call
              ─▶ superseded, counts, owes bus, frees slot 1, frees the object: overtaken
              ─▶ launched: launched
              ─▶ running: progress
              ─▶ succeeded, counts, owes bus, frees slot 1, frees the object: settle: done, settle: another task
              Duplicate: stop: start, stop: time, cancel
              ─▶ launching: look again
            backoff of launch 2 | backoff of attempt 2
              ─▶ launching, holds the object, freezes: claim, claim with slot
              ─▶ admitted: wait for older, wait for permit
              ─▶ superseded, counts, owes bus, frees slot 1, frees the object: overtaken
              Duplicate: launched
              ─▶ cancelled, counts, owes bus, frees slot 1, frees the object: cancel
              ─▶ backoff: look again
        "#]],
    );
}

#[test]
fn every_step_of_a_run_with_a_task() {
    check(
        &with_a_task(),
        expect![[r#"
            launched
              Duplicate: claim, claim with slot, launched
              ─▶ running: fence, progress
              ─▶ succeeded, counts, owes bus, frees slot 1, frees the object: settle: done
              ─▶ backoff 2/1: settle: crash
              ─▶ failed, counts, owes failed, owes bus, frees slot 1, frees the object: settle: reject
              ─▶ cancelled, counts, owes bus, frees slot 1, frees the object: settle: stopped by call
              ─▶ launched, stopping: stop: start, cancel
              ─▶ launched: look again
            launched, being stopped for its start
              Duplicate: claim, claim with slot, launched, stop: start, stop: time
              ─▶ running: progress
              ─▶ succeeded, counts, owes bus, frees slot 1, frees the object: settle: done
              ─▶ backoff 2/1, stopping no more: settle: crash, settle: stopped by call
              ─▶ failed, counts, owes failed, owes bus, frees slot 1, frees the object: settle: reject
              ─▶ launched, stopping: cancel
              ─▶ launched: look again
            launched, being cancelled
              Duplicate: claim, claim with slot, launched, stop: start, stop: time, cancel
              ─▶ running: progress
              ─▶ succeeded, counts, owes bus, frees slot 1, frees the object: settle: done
              ─▶ cancelled, counts, owes bus, frees slot 1, frees the object: settle: crash, settle: reject, settle: stopped by call
              ─▶ launched: look again
            running
              Duplicate: claim, claim with slot, launched, progress
              ─▶ running: fence, look again
              ─▶ succeeded, counts, owes bus, frees slot 1, frees the object: settle: done
              ─▶ backoff 2/1: settle: crash
              ─▶ failed, counts, owes failed, owes bus, frees slot 1, frees the object: settle: reject
              ─▶ cancelled, counts, owes bus, frees slot 1, frees the object: settle: stopped by call
              ─▶ running, stopping: stop: time, cancel
            running, fenced
              Duplicate: claim, claim with slot, launched, fence, progress
              ─▶ running: report, look again
              ─▶ succeeded, counts, owes bus, frees slot 1, frees the object: settle: done
              ─▶ backoff 2/1: settle: crash
              ─▶ failed, counts, owes failed, owes bus, frees slot 1, frees the object: settle: reject
              ─▶ cancelled, counts, owes bus, frees slot 1, frees the object: settle: stopped by call
              ─▶ running, stopping: stop: time, cancel
            running, being stopped for its time
              Duplicate: claim, claim with slot, launched, fence, progress, stop: start, stop: time
              ─▶ running: report, look again
              ─▶ succeeded, counts, owes bus, frees slot 1, frees the object: settle: done
              ─▶ backoff 2/1, stopping no more: settle: crash, settle: stopped by call
              ─▶ failed, counts, owes failed, owes bus, frees slot 1, frees the object: settle: reject
              ─▶ running, stopping: cancel
            running, being cancelled
              Duplicate: claim, claim with slot, launched, fence, progress, stop: start, stop: time, cancel
              ─▶ running: report, look again
              ─▶ succeeded, counts, owes bus, frees slot 1, frees the object: settle: done
              ─▶ cancelled, counts, owes bus, frees slot 1, frees the object: settle: crash, settle: reject, settle: stopped by call
        "#]],
    );
}

#[test]
fn every_step_of_a_run_that_is_over() {
    check(
        &over(),
        expect![[r#"
            succeeded, owing
              ─▶ succeeded: look again
              Stale: redrive, redrive another attempt, sent: bus, of another attempt
              ─▶ succeeded, is sent: sent: failed, sent: bus
            succeeded | superseded
              Stale: redrive, redrive another attempt, sent: bus, of another attempt
              Duplicate: sent: failed, sent: bus
            failed, owing both messages | failed, owing the bus
              ─▶ failed: look again
              TooEarly(2026-11-12T00:01:00Z): redrive
              Stale: redrive another attempt, sent: bus, of another attempt
              ─▶ failed, is sent: sent: failed, sent: bus
            failed | cancelled
              ─▶ admitted 2/1, counts once more: redrive
              Stale: redrive another attempt, sent: bus, of another attempt
              Duplicate: sent: failed, sent: bus
            cancelled, owing
              ─▶ cancelled: look again
              TooEarly(2026-11-12T00:01:00Z): redrive
              Stale: redrive another attempt, sent: bus, of another attempt
              ─▶ cancelled, is sent: sent: failed, sent: bus
        "#]],
    );
}
